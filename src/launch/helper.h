/*
 * Helper programs that stay with a container beside its supervisor, such as
 * those that answer its seccomp notifications.
 */
#pragma once

#include <stddef.h>

#include "control/rundir.h"
#include "lib/error.h"

/*
 * Starts argv[0] as a process of its own session whose descriptors 3, 4 ...
 * are those given, and none else; it is in the journal before it runs.  `run`
 * NULL: there is none, and the helper ends by itself.
 */
int helper_start(struct rundir *run, char *const *argv, const int *descriptors, size_t count, struct error *err);

/* Row of launch/undo.c. */
int helper_undo(char *const *arguments, size_t count, struct error *err);
