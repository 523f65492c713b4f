/*
 * Starting and ending helper programs (helper.h).  They are nobody's children:
 * the supervisor waits for init alone.  Called by notify.c and clock.c.
 */
#include "launch/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/journal.h"
#include "control/state.h"
#include "lib/own.h"
#include "lib/proc.h"

enum { FIRST = 3, DESCRIPTORS_MAX = 8, ASIDE = 100, PATIENCE = 5 * 1000 };

/* What the helper-to-be says: its pid, and then what kept it from running, if anything did. */
struct word {
	int code;
	pid_t pid;
};

/* Moves the descriptors to 3, 4 ... and closes all others but `report`, which closes on exec. */
static int descriptors_place(const int *descriptors, size_t count, int *report, int *gate)
{
	int aside[DESCRIPTORS_MAX + 2];
	owned_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < count + 2; i++) {
		aside[i] = fcntl(i < count ? descriptors[i] : i == count ? *report : *gate, F_DUPFD_CLOEXEC, ASIDE);
		if (aside[i] < 0)
			return -errno;
	}
	*report = aside[count];
	*gate = aside[count + 1];
	for (int fd = 0; fd < FIRST; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	for (size_t i = 0; i < count; i++)
		if (dup2(aside[i], FIRST + (int)i) < 0)
			return -errno;
	return syscall(SYS_close_range, FIRST + (unsigned)count, ASIDE - 1, 0) < 0 && errno != ENOSYS ? -errno : 0;
}

static void signals_reset(void)
{
	sigset_t none;

	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Waits to be in the journal; without a launcher there is nothing to help. */
static _Noreturn void helper_run(char *const *argv, const int *descriptors, size_t count, int report, int gate)
{
	static char *const environment[] = { NULL };
	struct word word = { .pid = getpid() };
	char go;

	word.code = descriptors_place(descriptors, count, &report, &gate);
	if (write(report, &word, sizeof word) != sizeof word || word.code < 0 || read(gate, &go, 1) != 1)
		_exit(EXIT_FAILURE);
	signals_reset();
	setsid();
	execve(argv[0], argv, environment);
	word.code = -errno;
	_exit(write(report, &word, sizeof word) == sizeof word ? EXIT_FAILURE : 126);
}

static int helper_note(struct rundir *run, pid_t pid, struct error *err)
{
	char number[16], start[32];

	if (!run)
		return 0;
	snprintf(number, sizeof number, "%d", (int)pid);
	snprintf(start, sizeof start, "%llu", process_start_time(pid));
	return journal_add(run, "helper", (const char *const[]){ number, start, NULL }, err);
}

/* Reads one word.  1; 0: the other end is closed; -1: failed, with the reason in *code. */
static int word_read(int report, struct word *word, int *code)
{
	ssize_t got;

	do
		got = read(report, word, sizeof *word);
	while (got < 0 && errno == EINTR);
	*code = got < 0 ? errno : got == sizeof *word ? -word->code : 0;
	return *code ? -1 : got == sizeof *word;
}

int helper_start(struct rundir *run, char *const *argv, const int *descriptors, size_t count, struct error *err)
{
	owned_fd report = -1, said = -1, gate = -1, open_gate = -1;
	int reports[2], gates[2], code = 0;
	struct word word;
	pid_t child;

	if (count > DESCRIPTORS_MAX || pipe2(reports, O_CLOEXEC) < 0)
		return error_set(err, count > DESCRIPTORS_MAX ? E2BIG : errno, "cannot start %s", argv[0]);
	said = reports[0];
	report = reports[1];
	if (pipe2(gates, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot start %s", argv[0]);
	gate = gates[0];
	open_gate = gates[1];
	child = fork();
	if (child == 0) {
		own_close_fd(&open_gate);
		_exit(fork() == 0 ? (helper_run(argv, descriptors, count, report, gate), 0) : 0);
	}
	if (child < 0)
		return error_set(err, errno, "cannot start %s", argv[0]);
	own_close_fd(&report);
	proc_wait(child);
	if (word_read(said, &word, &code) <= 0)
		return error_set(err, code ? code : EIO, "cannot start %s", argv[0]);
	if (helper_note(run, word.pid, err) < 0 || write(open_gate, "", 1) != 1)
		return error_add(err, "cannot start %s", argv[0]);
	if (word_read(said, &word, &code) < 0)
		return error_set(err, code, "cannot execute %s", argv[0]);
	return 0;
}

/*
 * PID START.  It goes by itself when init does; what is left of it must not be
 * in the cgroups that are removed next.
 */
int helper_undo(char *const *arguments, size_t count, struct error *err)
{
	struct pollfd waiting = { .fd = -1, .events = POLLIN };
	owned_fd pidfd = -1;
	pid_t pid;

	if (count != 2)
		return error_set(err, EINVAL, "bad helper line in the journal");
	pid = (pid_t)strtol(arguments[0], NULL, 10);
	pidfd = pid > 0 ? proc_open(pid) : -ESRCH;
	/* Held first, asked then: this is the process that was started, or there is none. */
	if (pidfd < 0 || process_start_time(pid) != strtoull(arguments[1], NULL, 10))
		return 0;
	proc_signal(pidfd, SIGKILL);
	waiting.fd = pidfd;
	return poll(&waiting, 1, PATIENCE) == 1 ? 0 : error_set(err, ETIMEDOUT, "process %d does not end", (int)pid);
}
