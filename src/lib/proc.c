/*
 * Child programs and pidfds.  Apart because hooks, helpers and templates are
 * all started the same careful way: argv arrays, no inherited descriptors,
 * default signals.
 */
#include "lib/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/own.h"

extern char **environ;

static _Noreturn void child_run(char *const *argv, char *const *environment, const struct proc_surroundings *around,
				int report)
{
	sigset_t none;
	int code;

	if ((around->output >= 0 && dup2(around->output, 1) < 0) || (around->errors >= 0 && dup2(around->errors, 2) < 0))
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	code = around->prepare ? -around->prepare(around->data) : 0;
	if (code == 0) {
		execve(argv[0], argv, environment ? environment : environ);
		code = errno;
	}
	if (write(report, &code, sizeof code) < 0)
		_exit(126);
	_exit(127);
}

pid_t proc_start(char *const *argv, char *const *environment, int output)
{
	return proc_start_in(argv, environment, &(struct proc_surroundings){ .output = output, .errors = output });
}

pid_t proc_start_in(char *const *argv, char *const *environment, const struct proc_surroundings *around)
{
	owned_fd report = -1, ours = -1;
	int ends[2], code = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	ours = ends[0];
	report = ends[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(argv, environment, around, report);
	own_close_fd(&report);
	do
		got = read(ours, &code, sizeof code);
	while (got < 0 && errno == EINTR);
	if (got == sizeof code) {
		proc_wait(pid);
		return -code;
	}
	return pid;
}

void proc_tail_add(struct proc_tail *tail, const char *bytes, size_t length)
{
	size_t room = sizeof tail->bytes - 1, drop;

	if (length > room) {
		bytes += length - room;
		length = room;
	}
	if (tail->length + length > room) {
		drop = tail->length + length - room;
		memmove(tail->bytes, tail->bytes + drop, tail->length - drop);
		tail->length -= drop;
	}
	memcpy(tail->bytes + tail->length, bytes, length);
	tail->length += length;
	tail->bytes[tail->length] = '\0';
}

const char *proc_tail_lines(struct proc_tail *tail, unsigned lines)
{
	size_t start;

	while (tail->length > 0 && tail->bytes[tail->length - 1] == '\n')
		tail->length--;
	tail->bytes[tail->length] = '\0';
	for (start = tail->length; start > 0; start--)
		if (tail->bytes[start - 1] == '\n' && --lines == 0)
			break;
	while (tail->bytes[start] == '\n')
		start++;
	return tail->bytes + start;
}

/* Takes what is there.  False at the end of it. */
static bool output_take(int output, struct proc_tail *tail)
{
	char bytes[1024];
	ssize_t got = read(output, bytes, sizeof bytes);

	if (got > 0)
		proc_tail_add(tail, bytes, got);
	return got > 0 || (got < 0 && errno == EINTR);
}

struct capture {
	int ours, theirs;       /* owned; ends of a pipe */
	struct proc_tail *tail; /* NULL: there is none */
};

static void capture_done(struct capture *capture)
{
	own_close_fd(&capture->ours);
	own_close_fd(&capture->theirs);
}

static int capture_open(struct proc_tail *tail, struct capture *ret)
{
	int ends[2];

	*ret = (struct capture){ -1, -1, tail };
	if (!tail)
		return 0;
	tail->length = 0;
	tail->bytes[0] = '\0';
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	*ret = (struct capture){ ends[0], ends[1], tail };
	fcntl(ends[1], F_SETFL, 0);
	return 0;
}

/*
 * Ends with the program, not with the end of its output: a daemon it left
 * behind may hold the pipe for ever.
 */
static void captures_follow(const struct capture captures[static 2], int pidfd)
{
	struct pollfd waiting[3] = {
		{ .fd = captures[0].ours, .events = POLLIN },
		{ .fd = captures[1].ours, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};

	while (poll(waiting, 3, -1) >= 0 || errno == EINTR) {
		bool more = false;

		for (size_t i = 0; i < 2; i++) {
			if (waiting[i].revents & POLLIN)
				more = output_take(captures[i].ours, captures[i].tail) || more;
			else if (waiting[i].revents)
				waiting[i].fd = -1;
		}
		if (!more && waiting[2].revents)
			return;
	}
}

int proc_capture_apart(char *const *argv, char *const *environment, struct proc_tail *tail, struct proc_tail *errors)
{
	__attribute__((cleanup(capture_done))) struct capture second = { -1, -1, NULL };
	__attribute__((cleanup(capture_done))) struct capture first = { -1, -1, NULL };
	struct capture both[2];
	owned_fd pidfd = -1;
	int code = capture_open(tail, &first);
	pid_t pid;

	if (code == 0)
		code = capture_open(errors, &second);
	if (code < 0)
		return code;
	pid = proc_start_in(argv, environment, &(struct proc_surroundings){
		.output = first.theirs, .errors = errors ? second.theirs : first.theirs,
	});
	if (pid < 0)
		return pid;
	own_close_fd(&first.theirs);
	own_close_fd(&second.theirs);
	both[0] = first;
	both[1] = second;
	pidfd = proc_open(pid);
	captures_follow(both, pidfd);
	return proc_wait(pid);
}

int proc_capture(char *const *argv, char *const *environment, struct proc_tail *tail)
{
	return proc_capture_apart(argv, environment, tail, NULL);
}

const char *proc_signal_name(int number)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT", [SIGILL] = "ILL", [SIGTRAP] = "TRAP",
		[SIGABRT] = "ABRT", [SIGBUS] = "BUS", [SIGFPE] = "FPE", [SIGKILL] = "KILL", [SIGUSR1] = "USR1",
		[SIGSEGV] = "SEGV", [SIGUSR2] = "USR2", [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
		[SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ", [SIGSYS] = "SYS",
	};

	return number > 0 && (size_t)number < sizeof names / sizeof names[0] ? names[number] : NULL;
}

const char *proc_status_text(int status, char *text, size_t size)
{
	const char *name;

	if (WIFSIGNALED(status)) {
		name = proc_signal_name(WTERMSIG(status));
		if (name)
			snprintf(text, size, "was killed by SIG%s", name);
		else
			snprintf(text, size, "was killed by signal %d", WTERMSIG(status));
	} else {
		snprintf(text, size, "exited with %d", WEXITSTATUS(status));
	}
	return text;
}
