/* Holding back SIGINT and its like (provision/interrupt.h).  Called from those that make containers. */
#include "provision/interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/own.h"
#include "lib/proc.h"

void interrupt_hold(struct interrupt *interrupt)
{
	static const int asking[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;

	sigemptyset(&interrupt->held);
	for (size_t i = 0; i < sizeof asking / sizeof asking[0]; i++)
		if (sigaction(asking[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&interrupt->held, asking[i]);
	sigprocmask(SIG_BLOCK, &interrupt->held, &interrupt->before);
}

int interrupt_failed(int signal, struct error *err)
{
	return error_set(err, 0, "interrupted by SIG%s", proc_signal_name(signal));
}

int interrupt_check(const struct interrupt *interrupt, struct error *err)
{
	int signal = sigtimedwait(&interrupt->held, NULL, &(struct timespec){ 0 });

	return signal > 0 ? interrupt_failed(signal, err) : 0;
}

void interrupt_release(struct interrupt *interrupt)
{
	sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
}

void interrupt_sweep(void)
{
	owned_str line = NULL;
	size_t size = 0;

	do {
		owned_file list = NULL;
		char *next, *end;

		own_free(&line);
		list = fopen("/proc/thread-self/children", "re");
		if (!list || getline(&line, &size, list) <= 0)
			return;
		for (next = line; strtol(next, &end, 10) > 0 && end != next; next = end) {
			owned_fd pidfd = proc_open((pid_t)strtol(next, NULL, 10));

			if (pidfd >= 0)
				proc_signal(pidfd, SIGKILL);
		}
	} while (waitpid(-1, NULL, 0) > 0);
}
