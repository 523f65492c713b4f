/*
 * Being init: reaps children, ends on the halt signals, reboots on the reboot
 * signal; "stubborn" only says what it was sent, for tests of stop's timeout.
 */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int ask_reboot(char **words)
{
	reboot(RB_AUTOBOOT);
	return fail("reboot");
}

int ask_poweroff(char **words)
{
	reboot(RB_POWER_OFF);
	return fail("poweroff");
}

/* "ready" is what tests wait for on the console. */
int ask_serve(char **words)
{
	int stubborn = words[0] && strcmp(words[0], "stubborn") == 0;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	for (;;) {
		int number = sigwaitinfo(&all, NULL);

		if (number < 0 && errno != EINTR)
			return fail("sigwaitinfo");
		if (number == SIGCHLD)
			reap();
		if (stubborn && number > 0 && number != SIGCHLD)
			printf("ignored %d\n", number);
		if (stubborn || number < 0)
			continue;
		if (number == SIGPWR || number == SIGTERM || number == SIGRTMIN + 3) {
			puts("halting");
			return 0;
		}
		if (number == SIGINT)
			return ask_reboot(words);
	}
}
