/*
 * Device nodes of a running container that come and go while it runs.  They
 * and their rules last until it stops or reboots.
 */
#pragma once

#include "control/rundir.h"
#include "control/state.h"
#include "lib/error.h"

/*
 * Gives the container the host's device node `host` as `inside` (a path from
 * its root), and the right to use it.  0 or -1.
 */
int running_node_add(const struct rundir *run, const struct run_state *state, const char *host, const char *inside,
		     struct error *err);

/*
 * Takes a device node away, and the right to use the device unless the
 * container had it before.  0 or -1.
 */
int running_node_delete(const struct rundir *run, const struct run_state *state, const char *inside,
			struct error *err);
