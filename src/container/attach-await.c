/*
 * What lxs-attach hears from lxs-enter, and the words for it.  Until the
 * command is born the other side is in the container's hands already: its
 * cgroups may be frozen, its files may be of a file system that never answers.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/freeze.h"
#include "enter/enter.h"
#include "lib/own.h"
#include "lib/proc.h"

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127, EXIT_NOT_RUN = 255, SIGNAL_BASE = 128 };

/* LOOK_MS: without an answer so long, it is worth a look whether there can be one. */
enum { LOOK_MS = 300, DIE_MS = 1000 };

/* What was being tried, and what to do about it. */
static const struct { const char *words, *hint; } stages[ENTER_STAGES] = {
	[ENTER_ARGUMENTS] = { "lxs-enter does not understand", "lxs and lxs-enter are of different versions" },
	[ENTER_PROTECT] = { "cannot shield the process from the container", NULL },
	[ENTER_CORE] = { "cannot share the core scheduling of the container", NULL },
	[ENTER_JOIN] = { "cannot join the container's namespaces", NULL },
	[ENTER_PERSONALITY] = { "cannot set the personality", NULL },
	[ENTER_TERMINAL] = { "cannot make a terminal in the container",
			     "without one, redirect all of stdin, stdout and stderr" },
	[ENTER_CAPABILITIES] = { "cannot drop capabilities", NULL },
	[ENTER_LABEL] = { "cannot set the label", NULL },
	[ENTER_NO_NEW_PRIVS] = { "cannot set no_new_privs", NULL },
	[ENTER_SECCOMP] = { "cannot load the seccomp filter", NULL },
	[ENTER_IDENTITY] = { "cannot change the user or group", NULL },
	[ENTER_FORK] = { "cannot fork into the container", NULL },
	[ENTER_REMOUNT] = { "cannot mount anew", NULL },
	[ENTER_STDIO] = { "cannot set up the terminal of the command", NULL },
	[ENTER_EXEC] = { "cannot run", NULL },
};

static int report_error(const struct enter_report *report, struct error *err)
{
	const char *words = stages[report->stage].words;
	const char *detail = report->detail;

	/* The text comes from a process that is in the container by now: one line, printable. */
	error_set(err, report->error, "%s%s%.*s", words ? words : "failed", *detail ? " " : "",
		  (int)strnlen(detail, ENTER_DETAIL), detail);
	if (stages[report->stage].hint)
		error_hint(err, "%s", stages[report->stage].hint);
	return -1;
}

/* One report, with a descriptor if it brings one.  1: the other side has closed its end. */
static int receive(int socket, struct enter_report *report, int *descriptor)
{
	struct iovec data = { report, sizeof *report };
	union { char buffer[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.buffer,
				 .msg_controllen = sizeof control.buffer };
	ssize_t length;
	struct cmsghdr *part;

	do
		length = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	part = length > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (part && part->cmsg_type == SCM_RIGHTS && part->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(descriptor, CMSG_DATA(part), sizeof(int));
	if (length <= 0)
		return 1;
	return length == (ssize_t)sizeof *report && report->stage >= 0 && report->stage < ENTER_STAGES ? 0 : -1;
}

/* Signals wait for the command; these end the caller when there will be none.  They are blocked: sigpending(2) sees them. */
static bool is_told_to_end(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (sigismember(&pending, ending[i]))
			return true;
	return false;
}

/* Waits for a word of lxs-enter, or for what says that none will come. */
static int await_word(const struct attachment *attachment, struct error *err)
{
	struct pollfd wait = { .fd = attachment->socket, .events = POLLIN };

	for (;;) {
		int ready = poll(&wait, 1, LOOK_MS);

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for lxs-enter");
		if (is_told_to_end())
			return error_set(err, 0, "told to end before the command ran");
		if (freezer_is_frozen(attachment->placed)) {
			error_set(err, 0, "the container has frozen itself, so a command in it would not run");
			return error_hint(err, "thaw it with lxs-unfreeze -n %s", attachment->container->name);
		}
	}
}

/* The next report.  A listener is taken care of on the way. */
static int await_report(struct attachment *attachment, struct enter_report *report, int *descriptor, struct error *err)
{
	for (;;) {
		if (await_word(attachment, err) < 0)
			return -1;
		if (receive(attachment->socket, report, descriptor) != 0)
			return error_set(err, 0, "lxs-enter ended without a word");
		if (report->stage != ENTER_LISTENER)
			return 0;
		attachment_answer(attachment, *descriptor);
		own_close_fd(descriptor);
		if (send(attachment->socket, "", 1, MSG_NOSIGNAL) < 0)
			return error_set(err, errno, "lxs-enter does not listen");
	}
}

int attachment_await(struct attachment *attachment, struct error *err)
{
	struct enter_report report = { .stage = ENTER_STAGES };
	siginfo_t info;

	if (await_report(attachment, &report, &attachment->master, err) < 0)
		return -1;
	if (report.stage != ENTER_STARTED)
		return report_error(&report, err);
	/* A child of ours that nobody has waited for: the pid cannot be another's. */
	attachment->command = proc_open(report.pid);
	if (attachment->command < 0)
		return error_set(err, -attachment->command, "cannot open the command's process");
	/* The number may have been said by somebody inside: only a child of ours is what we wait for. */
	if (waitid(P_PIDFD, (id_t)attachment->command, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return error_set(err, errno, "process %d is not the command", (int)report.pid);
	return 0;
}

/* Into the cgroup above, which is not the container's: a frozen process of cgroup version 1 does not even die. */
static void pull_out(const struct attachment *attachment, pid_t pid)
{
	for (const char *line = attachment->placed, *end; *line; line = end + 1) {
		char *path;
		owned_fd file = -1;

		end = strchr(line, '\n');
		path = arena_printf(attachment->arena, "%.*s/../cgroup.procs", (int)(end - line), line);
		file = open(path, O_WRONLY | O_CLOEXEC);
		if (file >= 0)
			dprintf(file, "%d", (int)pid);
	}
}

void attachment_dismiss(const struct attachment *attachment, pid_t pid)
{
	owned_fd pidfd = proc_open(pid);
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	proc_signal(pidfd, SIGKILL);
	if (pidfd >= 0 && poll(&wait, 1, LOOK_MS) == 0)
		pull_out(attachment, pid);
	if (pidfd < 0 || poll(&wait, 1, DIE_MS) > 0)
		proc_wait(pid);
}

static int exit_code(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status : SIGNAL_BASE + info->si_status;
}

/* The command is gone; what it reported when it could not even be executed decides first. */
int attachment_collect(struct attachment *attachment, struct error *err)
{
	struct enter_report report = { .stage = ENTER_STAGES };
	siginfo_t info = { 0 };
	int none = -1;

	if (waitid(P_PIDFD, (id_t)attachment->command, &info, WEXITED) < 0)
		return error_set(err, errno, "cannot wait for the command");
	if (receive(attachment->socket, &report, &none) != 0)
		return exit_code(&info);
	report_error(&report, err);
	if (report.stage != ENTER_EXEC)
		return -1;
	if (!attachment->options->command)
		return EXIT_NOT_RUN;
	if (report.error == EACCES || report.error == ENOEXEC)
		return EXIT_CANNOT_RUN;
	return report.error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

