/*
 * Joining namespaces of others on the way to init.
 */
#pragma once

#include "launch/launch.h"

int launch_share(struct launch *launch, const struct step *step, struct error *err);

/* Whether there is a namespace to be joined. */
bool launch_shares_any(const struct launch *launch);

/* Clones init out of the joined namespaces: its pid; 0 in init; -1 with err. */
pid_t launch_clone_joined(struct launch *launch, const struct step *step, struct error *err);
