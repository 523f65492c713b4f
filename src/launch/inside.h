/*
 * The container side: what runs in the process that becomes init, between
 * clone3 and exec.  Nothing here or below it allocates or needs a lock: the
 * process is a copy of the launcher taken at any moment.
 */
#pragma once

#include "launch/launch.h"

/* Runs the container steps; ends in exec, or in a report and _exit(). */
_Noreturn void inside_run(const struct launch *launch, int sync);

/* Keeps what a failing step wants to say beside its errno value; returns -code. */
int inside_fail(struct inside *inside, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The host's "/" (O_PATH) as init's mount namespace has it, opened when first asked for; or -errno. */
int inside_host_root(struct inside *inside);

/* A procfs of init's pid namespace that was mounted nowhere and so cannot have been tampered with; or -errno. */
int inside_proc(struct inside *inside);

/*
 * Closes what is the host's (run directory, lock, pin, cgroups ...): from the
 * pivot on a hook may run a program of the guest, which can look at init's
 * descriptors.
 */
void inside_shed_host(struct inside *inside);

/* Steps of the engine itself. */
int inside_sync(struct inside *inside, const struct step *step);
int inside_tell(struct inside *inside, const struct step *step);
