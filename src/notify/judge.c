/*
 * The bounds of a container's clock (judge.h).  Called by clock.c.
 */
#include "notify/judge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)

/* The clock as fast as it should be: ticks of USER_HZ, in microseconds; one more is 100 parts per million. */
enum { NOMINAL_TICK = 10000 };
#define TICK_PPB INT64_C(100000)

#ifndef ADJ_SETOFFSET
#define ADJ_SETOFFSET 0x0100
#endif
#ifndef ADJ_TAI
#define ADJ_TAI 0x0080
#endif

/* The bit that makes the old adjtime(3) of a call; the others have other meanings then. */
#define SINGLESHOT 0x8000
#define KNOWN (ADJ_OFFSET | ADJ_FREQUENCY | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS | ADJ_TIMECONST | ADJ_TAI | \
	       ADJ_SETOFFSET | ADJ_MICRO | ADJ_NANO | ADJ_TICK)

static int64_t magnitude(int64_t number)
{
	return number < 0 ? -number : number;
}

/* Far more than any bound, so that no sum or product with it overflows. */
static int64_t clamp(int64_t number, int64_t greatest)
{
	return number > greatest ? greatest : number < -greatest ? -greatest : number;
}

int64_t clock_timex_step(const struct clock_timex *wanted, const struct clock_timex *now)
{
	int64_t step = 0;

	if (wanted->modes & SINGLESHOT)
		return 0;
	if (wanted->modes & ADJ_SETOFFSET)
		step = clamp(wanted->time.seconds, 1000000000) * SECOND +
		       clamp(wanted->time.fraction, SECOND) * (wanted->modes & ADJ_NANO ? 1 : 1000);
	/* A leap second that was not asked for before; the kernel takes it for a step by one. */
	if (wanted->modes & ADJ_STATUS && wanted->status & (STA_INS | STA_DEL) & ~now->status)
		step += step < 0 ? -SECOND : SECOND;
	/* TAI is what other programs may live by. */
	if (wanted->modes & ADJ_TAI)
		step += (step < 0 ? -1 : 1) * magnitude(clamp(wanted->constant, 1000000000) - now->tai) * SECOND;
	return step;
}

int clock_judge_step(const struct clock_bounds *bounds, struct clock_ledger *ledger, int64_t step, int64_t at,
		     char why[static CLOCK_WHY])
{
	int64_t passed = at - ledger->at, forgiven, spent, size = magnitude(step);

	forgiven = passed >= HOUR ? bounds->max_step : (int64_t)((double)bounds->max_step * (double)passed / (double)HOUR);
	spent = ledger->spent > forgiven ? ledger->spent - forgiven : 0;
	if (size > bounds->max_step - spent) {
		snprintf(why, CLOCK_WHY, "a step of %.9f s is beyond max_step, of which %.9f s are left",
			 (double)step / (double)SECOND, (double)(bounds->max_step - spent) / (double)SECOND);
		return -EPERM;
	}
	*ledger = (struct clock_ledger){ spent + size, at };
	return 0;
}

/* How fast the clock would run: parts per billion off. */
static int64_t rate(const struct clock_timex *wanted, const struct clock_timex *now)
{
	int64_t freq = wanted->modes & ADJ_FREQUENCY ? wanted->freq : now->freq;
	int64_t tick = wanted->modes & ADJ_TICK ? wanted->tick : now->tick;

	/* `freq` is parts per million with 16 bits behind the point. */
	return clamp(freq, INT64_C(1) << 40) * 1000 / 65536 + (clamp(tick, 1000000) - NOMINAL_TICK) * TICK_PPB;
}

static int judge_slew(const struct clock_bounds *bounds, const struct clock_timex *wanted, const struct clock_timex *now,
		      char why[static CLOCK_WHY])
{
	int64_t wanted_rate = rate(wanted, now);

	if (!(wanted->modes & (ADJ_FREQUENCY | ADJ_TICK)) || magnitude(wanted_rate) <= bounds->max_slew)
		return 0;
	snprintf(why, CLOCK_WHY, "a rate of %.3f ppm is beyond max_slew, %.3f ppm", (double)wanted_rate / 1000,
		 (double)bounds->max_slew / 1000);
	return -EPERM;
}

/* What the kernel is to work off by and by, in nanoseconds. */
static int64_t offset_of(const struct clock_timex *wanted, const struct clock_timex *now)
{
	bool nano = !(wanted->modes & SINGLESHOT) && !(wanted->modes & ADJ_MICRO) &&
		    (wanted->modes & ADJ_NANO || now->status & STA_NANO);

	return wanted->modes & ADJ_OFFSET ? clamp(wanted->offset, INT64_C(1) << 50) * (nano ? 1 : 1000) : 0;
}

static int judge_offset(const struct clock_bounds *bounds, int64_t offset, char why[static CLOCK_WHY])
{
	if (magnitude(offset) <= bounds->max_step)
		return 0;
	snprintf(why, CLOCK_WHY, "an offset of %.9f s is beyond max_step", (double)offset / (double)SECOND);
	return -EPERM;
}

int clock_judge_timex(const struct clock_bounds *bounds, struct clock_ledger *ledger, const struct clock_timex *wanted,
		      const struct clock_timex *now, int64_t at, char why[static CLOCK_WHY])
{
	int64_t offset = offset_of(wanted, now), moved;

	if (wanted->modes & ~(uint32_t)(KNOWN | SINGLESHOT)) {
		snprintf(why, CLOCK_WHY, "modes %#x are unknown", wanted->modes);
		return -EINVAL;
	}
	if (wanted->modes & SINGLESHOT && wanted->modes != ADJ_OFFSET_SINGLESHOT && wanted->modes != ADJ_OFFSET_SS_READ) {
		snprintf(why, CLOCK_WHY, "modes %#x are no combination", wanted->modes);
		return -EINVAL;
	}
	if (wanted->modes == ADJ_OFFSET_SS_READ)
		return 0;
	if (judge_offset(bounds, offset, why) < 0)
		return -EPERM;
	if (!(wanted->modes & SINGLESHOT) && judge_slew(bounds, wanted, now, why) < 0)
		return -EPERM;
	/* One offset after the other moves the clock as far as steps do, so they are charged like them. */
	moved = magnitude(clock_timex_step(wanted, now)) + magnitude(offset);
	return moved ? clock_judge_step(bounds, ledger, moved, at, why) : 0;
}
