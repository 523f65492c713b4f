/*
 * Making the process that becomes init, and the namespaces it makes for
 * itself.
 */
#pragma once

#include "launch/launch.h"

int launch_clone(struct launch *launch, const struct step *step, struct error *err);

int inside_unshare(struct inside *inside, const struct step *step);
int inside_time(struct inside *inside, const struct step *step);

/* As fork(2), with the step's namespaces; `flags`: CLONE_PARENT when it is not the launcher that calls. */
pid_t launch_clone_init(struct launch *launch, const struct step_clone *args, uint64_t flags);
