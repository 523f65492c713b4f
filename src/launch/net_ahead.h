/*
 * A network namespace made ahead.  Making one takes the kernel longer than
 * all other namespaces together; the process that asked for a start has
 * nothing to do but wait, and makes it while the launcher makes cgroups.
 */
#pragma once

#include <sched.h>

#include "launch/launch.h"

/* Whether init gets a new one that belongs to this user namespace. */
bool net_ahead_fits(const struct plan *plan);

/*
 * Who waits: makes it and sends it through `socket`, the other end of
 * launch->net_ahead, which is closed.  The caller is in it from then on.
 * Failures are the launcher's to find out.
 */
void net_ahead_make(int socket);

/*
 * The launcher: as launch_clone_init(), with the namespace if it has come by
 * now, else with one that clone3 makes.  It is back in its own on return.
 */
pid_t net_ahead_clone(struct launch *launch, const struct step_clone *args);
