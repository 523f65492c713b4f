/*
 * What a container that owns the clock may do with it: the bounds of the
 * section `clock` of lxs.conf, as a pure function.  Apart from clock.c so that
 * every bound is tested without a clock.
 */
#pragma once

#include <stdint.h>

/* struct timex as 64-bit programs and the 64-bit calls of others have it. */
struct clock_timex {
	uint32_t modes, padding0;
	int64_t offset, freq, maxerror, esterror;
	int32_t status, padding1;
	int64_t constant, precision, tolerance;
	struct { int64_t seconds, fraction; } time;
	int64_t tick, ppsfreq, jitter;
	int32_t shift, padding2;
	int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
	int32_t tai, padding3[11];
};

_Static_assert(sizeof(struct clock_timex) == 208, "the kernel's struct timex");

struct clock_bounds {
	int64_t max_step;          /* nanoseconds by which the clock may be stepped, in all, within an hour */
	int64_t max_slew;          /* by how much it may run fast or slow: parts per billion */
};

/* What was stepped lately; ages by max_step an hour. */
struct clock_ledger {
	int64_t spent;             /* nanoseconds */
	int64_t at;                /* when that was so: CLOCK_MONOTONIC, nanoseconds */
};

enum { CLOCK_WHY = 160 };

/* How far a call moves the clock, or would: *step in nanoseconds, signed; 0 for slewing alone. */
int64_t clock_timex_step(const struct clock_timex *wanted, const struct clock_timex *now);

/* A step of so many nanoseconds at the time `at`: 0, and it is in the ledger; or -EPERM, with the reason in `why`. */
int clock_judge_step(const struct clock_bounds *bounds, struct clock_ledger *ledger, int64_t step, int64_t at,
		     char why[static CLOCK_WHY]);

/* All that one adjtimex(2) asks for, `now` being what the kernel has; as clock_judge_step(). */
int clock_judge_timex(const struct clock_bounds *bounds, struct clock_ledger *ledger, const struct clock_timex *wanted,
		      const struct clock_timex *now, int64_t at, char why[static CLOCK_WHY]);
