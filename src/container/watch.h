/*
 * Waiting for a change in a container's life, without asking again and again:
 * for the verbs of container/ only.
 */
#pragma once

#include <stdint.h>

#include "container/container.h"

/* A moment on the monotonic clock in milliseconds; DEADLINE_NEVER. */
typedef int64_t deadline_t;

enum { DEADLINE_NEVER = -1 };

deadline_t deadline_in(int seconds); /* -1: never */
int deadline_left(deadline_t deadline); /* for poll(2) */

/* As container_wait(), until a moment that may be shared with other waits. */
int container_wait_until(const struct container *container, unsigned states, deadline_t deadline, struct error *err);

/* Waits until the container runs with another init than `previous`, or has stopped.  As above. */
int container_wait_next(const struct container *container, const struct run_state *previous, deadline_t deadline,
			enum container_state *ret, struct error *err);

/*
 * Opens the run directory and reads the state of a container that has an
 * owner.  RUNDIR_OPENED, RUNDIR_ABSENT (it is stopped), or -1.  Without a
 * state file yet the container is STARTING.
 */
int container_run_state(const struct container *container, struct rundir *run, struct run_state *state,
			struct error *err);
