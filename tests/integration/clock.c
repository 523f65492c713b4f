/*
 * The state of the kernel's clock discipline, for tests that run real time
 * servers: printed before they start, and put back when they have ended.
 *
 *   clock            prints STATUS CONSTANT FREQUENCY TICK
 *   clock S C F T    puts them back
 *
 * Neither touches the time itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

static int put_back(char **argv)
{
	/* The kernel takes the constant as it is only while its unit is the nanosecond. */
	struct timex values = {
		.modes = ADJ_NANO | ADJ_TIMECONST | ADJ_FREQUENCY | ADJ_TICK,
		.constant = atol(argv[2]), .freq = atol(argv[3]), .tick = atol(argv[4]),
	};
	struct timex status = { .modes = ADJ_STATUS, .status = atoi(argv[1]) };

	status.modes |= status.status & STA_NANO ? ADJ_NANO : ADJ_MICRO;
	return adjtimex(&values) < 0 || adjtimex(&status) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct timex clock = { 0 };

	if ((argc == 5 && put_back(argv) < 0) || adjtimex(&clock) < 0) {
		fprintf(stderr, "clock: %s\n", strerror(errno));
		return 1;
	}
	printf("%d %ld %ld %ld\n", clock.status, clock.constant, clock.freq, clock.tick);
	return 0;
}
