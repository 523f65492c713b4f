/*
 * The section `clock` of root's lxs.conf: which container may own the clock,
 * and what it may do with it.
 *
 *   clock {
 *           owner = "time1"       # the container
 *           user = "alice"        # whose it is; without the line: root's
 *           max_step = 1000       # seconds by which it may step the clock within an hour
 *           max_slew = 100000     # parts per million by which it may run fast or slow
 *           record = "/tmp/clock" # write down what would be done, and do nothing
 *   }
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/error.h"

struct clock_grant {
	const char *owner;
	uid_t user;                /* 0: root */
	int64_t max_step;          /* nanoseconds */
	int64_t max_slew;          /* parts per billion */
	const char *record;        /* absolute path; NULL: the clock is set */
};

enum { CLOCK_GRANTED = 0, CLOCK_NOT_GRANTED = 1 };

/* From root's lxs.conf.  CLOCK_GRANTED, CLOCK_NOT_GRANTED (no such section, no file), or -1. */
int clock_grant_read(struct arena *arena, struct clock_grant *ret, struct error *err);

/* The same from a given file; for tests. */
int clock_grant_read_from(struct arena *arena, const char *path, struct clock_grant *ret, struct error *err);

/*
 * Whether the container NAME of `user` is who the grant names: 0, or -1 with
 * an error that tells what to write where.
 */
int clock_grant_check(struct arena *arena, const char *name, uid_t user, struct clock_grant *ret, struct error *err);
