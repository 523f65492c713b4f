/*
 * lxs-beside, which runs a program that serves a container from outside and
 * has no way of its own to learn of the container's end: pasta(1) or
 * slirp4netns(1), the network of an ordinary user.  It is small and static
 * because it stays as long as the container; started by launch/net_stack.c, it
 * goes when init does, whatever became of the supervisor.
 *
 *   lxs-beside PIDFILE PROGRAM ARGUMENT...
 *
 * Descriptor 3 is init's pidfd.  Descriptor 4 gets what the program has to say,
 * and at the end of that "R" when it went to the background, its pid in PIDFILE.
 * One that stays in the foreground (slirp4netns) has "-" for PIDFILE: it writes
 * a byte to its descriptor 5 when it is ready, and ends when the other end of
 * its descriptor 6 is closed, which is so when we end, whatever ends us.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INIT = 3, REPORT = 4, READY = 5, EXIT = 6 };

static _Noreturn void program_run(char **argv, int output)
{
	close(INIT);
	if (dup2(output, 1) == 1 && dup2(output, 2) == 2) {
		close(output);
		close(REPORT);
		execv(argv[0], argv);
		perror(argv[0]);
	}
	_exit(127);
}

/* ---- a program that stays ---- */

struct pipes { int output[2], ready[2], end[2]; };

static _Noreturn void foreground_run(char **argv, const struct pipes *pipes)
{
	int output = fcntl(pipes->output[1], F_DUPFD, EXIT + 1), ready = fcntl(pipes->ready[1], F_DUPFD, EXIT + 1);
	int end = fcntl(pipes->end[0], F_DUPFD, EXIT + 1);

	if (output < 0 || dup2(ready, READY) < 0 || dup2(end, EXIT) < 0)
		_exit(127);
	close(ready);
	close(end);
	program_run(argv, output);
}

/* What it says goes to who waits for it, and nowhere once it is ready: it must not stumble over that. */
static void output_pass(int output, int report)
{
	char bytes[512];
	ssize_t got = read(output, bytes, sizeof bytes);

	if (got > 0 && report >= 0 && write(report, bytes, (size_t)got) != got)
		return;
}

static int foreground_stay(const struct pipes *pipes)
{
	struct pollfd ends[3] = {
		{ .fd = INIT, .events = POLLIN },
		{ .fd = pipes->output[0], .events = POLLIN },
		{ .fd = pipes->ready[0], .events = POLLIN },
	};
	int report = REPORT;
	char byte;

	/* The end of its output is its own. */
	while (poll(ends, 3, -1) < 0 || (!ends[0].revents && ends[1].revents != POLLHUP)) {
		if (ends[1].revents & POLLIN)
			output_pass(pipes->output[0], report);
		if (!ends[2].revents)
			continue;
		if (read(pipes->ready[0], &byte, 1) == 1 && write(REPORT, "R", 1) == 1) {
			close(REPORT);
			report = -1;
		}
		ends[2].fd = -1;
	}
	close(pipes->end[1]);
	while (wait(NULL) > 0)
		;
	return EXIT_SUCCESS;
}

/* Its ends are above those that it is given. */
static int foreground(char **argv)
{
	struct pipes pipes;
	pid_t child;

	if (pipe2(pipes.output, O_CLOEXEC) < 0 || pipe2(pipes.ready, O_CLOEXEC) < 0 || pipe2(pipes.end, O_CLOEXEC) < 0)
		return EXIT_FAILURE;
	child = fork();
	if (child == 0)
		foreground_run(argv, &pipes);
	close(pipes.output[1]);
	close(pipes.ready[1]);
	close(pipes.end[0]);
	return child < 0 ? EXIT_FAILURE : foreground_stay(&pipes);
}

/* ---- a program that goes to the background ---- */

/* The pidfd of the process that the program has become, or -1. */
static int background_open(const char *pidfile)
{
	FILE *file = fopen(pidfile, "re");
	int pid = 0, got = file ? fscanf(file, "%d", &pid) : 0;

	if (file)
		fclose(file);
	return got == 1 && pid > 1 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

int main(int argc, char **argv)
{
	struct pollfd ends[2] = { { .fd = INIT, .events = POLLIN }, { .events = POLLIN } };
	int status = -1;
	pid_t child;

	/* What it leaves in the background is ours to wait for. */
	if (argc < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return EXIT_FAILURE;
	if (strcmp(argv[1], "-") == 0)
		return foreground(argv + 2);
	child = fork();
	if (child == 0)
		program_run(argv + 2, REPORT);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		return EXIT_FAILURE;
	ends[1].fd = background_open(argv[1]);
	if (ends[1].fd < 0 || write(REPORT, "R", 1) != 1)
		return EXIT_FAILURE;
	close(REPORT);
	while (poll(ends, 2, -1) < 1)
		;
	syscall(SYS_pidfd_send_signal, ends[1].fd, SIGKILL, NULL, 0);
	while (wait(NULL) > 0)
		;
	return EXIT_SUCCESS;
}
