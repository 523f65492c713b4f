/*
 * The parts of freezing that stopping needs too; for the verbs of container/.
 */
#pragma once

#include <stdbool.h>

#include "control/rundir.h"
#include "control/state.h"
#include "lib/error.h"

/* Freezes or thaws the cgroup that the state names, and waits until it is. */
int freezer_set(const struct run_state *state, bool frozen, struct error *err);

/* Whether one of these cgroups (a directory a line; NULL: none) is frozen, whoever did it: a container may, to itself. */
bool freezer_is_frozen(const char *directories);

/* Tells the supervisor what was done; one that is gone needs not be told. */
int freezer_tell(const struct rundir *run, bool frozen, struct error *err);
