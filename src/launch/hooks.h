/*
 * Hooks: programs an admin runs at points of a start, with LXC's arguments
 * and environment (versions 0 and 1).  The same code serves both sides of a
 * launch and the hooks after the end.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "launch/launch.h"

enum { HOOK_LINE_MAX = 8192, HOOK_ENVIRONMENT_MAX = 1024 };

/* What /bin/sh -c gets: "exec COMMAND 'NAME' 'lxc' 'TYPE' EXTRA", version 1 without the three.  0 or -E2BIG. */
int hook_line(const struct step_hook *hook, const char *name, char line[static HOOK_LINE_MAX]);

/*
 * `base` with the NAME=VALUE texts of `overlay` (may be NULL) set over it.
 * Fills `room` with pointers into both.  0 or -E2BIG.
 */
int hook_environment(char *const *base, char *const *overlay, char *room[static HOOK_ENVIRONMENT_MAX]);

/*
 * Runs one hook to its end, `init` > 0 exported as LXC_PID.  0, or -errno with
 * why in `detail`: its status and the last lines it printed.
 */
int hook_run(const struct step_hook *hook, const char *name, pid_t init, char *detail, size_t size);

int launch_hook(struct launch *launch, const struct step *step, struct error *err);
int inside_hook(struct inside *inside, const struct step *step);
