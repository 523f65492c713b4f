/*
 * lxs-init, pid 1 of a container that lxs-execute made: runs one command,
 * passes signals on to it, reaps whatever is left to it, and ends with the
 * command's status once nobody is left.  A program of its own, static and
 * libc only, because it runs inside, where nothing else of lxs is.
 *
 *   init COMMAND [ARG...]
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
	EXIT_NOT_EXECUTED = 255, /* as LXC's own small init */
	GRACE_SECONDS = 1,
};

struct init {
	pid_t command;
	int status;      /* of the command, as an exit code */
	bool alone;      /* pid 1 of a namespace of our own: "everybody" is the container */
	bool stopping;
	sigset_t previous;
};

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In the child.  Its own session, so that it can have the terminal that pid 1 does not need. */
static _Noreturn void command_run(char *const *argv, const sigset_t *mask)
{
	setsid();
	if (isatty(0))
		ioctl(0, TIOCSCTTY, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "lxs-execute: cannot execute %s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_NOT_EXECUTED);
}

/*
 * With a shared pid namespace "everybody" would be somebody else's container:
 * then only the command's session is ours to end.
 */
static void everybody_kill(const struct init *init, int number)
{
	kill(init->alone ? -1 : -init->command, number);
}

/* True while there is somebody left to wait for. */
static bool children_reap(struct init *init)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == init->command)
			init->status = exit_code(status);
		/* Whoever needs longer gets the full time after the last one that went. */
		if (init->stopping)
			alarm(GRACE_SECONDS);
	}
	return pid == 0 || errno != ECHILD;
}

static void signal_take(struct init *init, const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGPWR:
	case SIGTERM:
		init->stopping = true;
		everybody_kill(init, SIGTERM);
		alarm(GRACE_SECONDS);
		break;
	case SIGALRM:
		if (init->stopping)
			everybody_kill(init, SIGKILL);
		break;
	default:
		kill(init->command, info->si_signo);
	}
}

int main(int argc, char **argv)
{
	struct init init = { .status = EXIT_NOT_EXECUTED, .alone = getpid() == 1 };
	sigset_t all;
	siginfo_t info;

	if (argc < 2) {
		fputs("lxs-init: started by lxs-execute, not by hand\n", stderr);
		return EXIT_NOT_EXECUTED;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &init.previous);
	if (!init.alone)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	init.command = fork();
	if (init.command == 0)
		command_run(argv + 1, &init.previous);
	if (init.command < 0) {
		perror("lxs-execute: cannot fork the command");
		return EXIT_NOT_EXECUTED;
	}
	while (children_reap(&init)) {
		if (sigwaitinfo(&all, &info) < 0 || info.si_signo == SIGCHLD)
			continue;
		signal_take(&init, &info);
	}
	return init.status;
}
