/*
 * The control socket by name: made by whoever starts a container, connected
 * to by commands.  Works for run directories of any path length.
 */
#pragma once

#include <stddef.h>

#include "control/protocol.h"
#include "control/rundir.h"
#include "lib/error.h"

/*
 * The listening socket, non-blocking.  Made before the launch: clients that
 * come early queue on it until the supervisor serves them.
 */
int control_listen(const struct rundir *run, struct error *err);

enum control_answer { CONTROL_CONNECTED = 0, CONTROL_NOBODY = 1 };

/* Connects.  CONTROL_CONNECTED, CONTROL_NOBODY (nobody listens), or -1. */
int control_connect(const struct rundir *run, int *ret, struct error *err);

/*
 * One request and its answer.  *value goes out with it and gets the value
 * of the answer; descriptors as in control_receive(), or NULL.
 * A negative result of the answer is a failure with that errno.
 */
int control_call(int socket, enum control_request request, int *value, int *fds, size_t *count, struct error *err);
