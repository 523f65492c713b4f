/*
 * lxc.net.N.type = user: a network stack in a program of the user's own, which
 * needs no privilege: pasta(1), by which the container has what the host has,
 * else slirp4netns(1), a small network of its own behind the host.  Called from
 * the table and by journal_undo().
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/journal.h"
#include "launch/helper.h"
#include "launch/net.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/which.h"

#define BESIDE PKGLIBEXECDIR "/lxs-beside"

enum { PATIENCE = 20 * 1000, ENDING = 5 * 1000 };

/* Its last words, until it is in the background or gone. */
static int words_read(const char *program, int report, struct proc_tail *tail, struct error *err)
{
	struct pollfd waiting = { .fd = report, .events = POLLIN };
	char bytes[256];

	for (;;) {
		ssize_t got;

		if (poll(&waiting, 1, PATIENCE) == 0)
			return error_set(err, ETIMEDOUT, "%s does not set up the network", program);
		got = read(report, bytes, sizeof bytes);
		if (got < 0 && errno != EINTR)
			return error_set(err, errno, "cannot hear from %s", program);
		if (got == 0)
			return 0;
		if (got > 0)
			proc_tail_add(tail, bytes, (size_t)got);
	}
}

static int stack_await(const char *program, int report, struct error *err)
{
	struct proc_tail tail = { .length = 0 };
	const char *said;

	if (words_read(program, report, &tail, err) < 0)
		return -1;
	if (tail.length > 0 && tail.bytes[tail.length - 1] == 'R')
		return 0;
	said = proc_tail_lines(&tail, 1);
	error_set(err, 0, "%s: %s", program, *said ? said : "it ended without a word");
	if (access("/dev/net/tun", R_OK | W_OK) < 0)
		return error_hint(err, "users must be able to open /dev/net/tun: its mode is 0666 on most systems");
	return error_hint(err, "the host needs an interface with a route for pasta to imitate");
}

/* Nothing of the host's is reached from inside, and nothing inside from the host, but by routes. */
static int pasta_start(struct launch *launch, const struct step_net_stack *args, const char *path, int report,
		       struct error *err)
{
	owned_str pidfile = NULL;
	char pid[16];

	if (asprintf(&pidfile, "%s/pasta.%u", launch->run->path, args->index) < 0)
		return error_set(err, errno, "cannot start pasta");
	snprintf(pid, sizeof pid, "%d", launch->init);
	if (helper_start(launch->run,
			 (char *[]){ (char *)BESIDE, pidfile, (char *)path, (char *)"--quiet", (char *)"--config-net",
				     (char *)"--ns-ifname", (char *)args->name, (char *)"--tcp-ports", (char *)"none",
				     (char *)"--udp-ports", (char *)"none", (char *)"--tcp-ns", (char *)"none",
				     (char *)"--udp-ns", (char *)"none", (char *)"--no-map-gw", (char *)"--pid", pidfile, pid,
				     NULL },
			 (const int[]){ launch->pidfd, report }, 2, err) < 0)
		return -1;
	return journal_add(launch->run, "net-stack", (const char *const[]){ pidfile, NULL }, err);
}

/* It ends with lxs-beside, whose undo is in the journal.  Its largest MTU: there is no wire that it must fit. */
static int slirp_start(struct launch *launch, const struct step_net_stack *args, const char *path, int report,
		       struct error *err)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", launch->init);
	return helper_start(launch->run,
			    (char *[]){ (char *)BESIDE, (char *)"-", (char *)path, (char *)"--configure", (char *)"--mtu=65520",
					(char *)"--disable-host-loopback", (char *)"--enable-seccomp", (char *)"--ready-fd=5",
					(char *)"--exit-fd=6", pid, (char *)args->name, NULL },
			    (const int[]){ launch->pidfd, report }, 2, err);
}

static const struct stack {
	const char *program;
	int (*start)(struct launch *launch, const struct step_net_stack *args, const char *path, int report,
		     struct error *err);
} stacks[] = { { "pasta", pasta_start }, { "slirp4netns", slirp_start } };

static int stack_start(struct launch *launch, const struct step_net_stack *args, struct error *err)
{
	owned_fd report = -1, said = -1;
	char path[PATH_MAX];
	int ends[2];

	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
		if (!which(stacks[i].program, path))
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_set(err, errno, "cannot start %s", stacks[i].program);
		said = ends[0];
		report = ends[1];
		if (stacks[i].start(launch, args, path, report, err) < 0)
			return -1;
		own_close_fd(&report);
		return stack_await(stacks[i].program, said, err);
	}
	error_set(err, 0, "there is neither pasta nor slirp4netns on this machine");
	return error_hint(err, "install one (Debian: passt, slirp4netns), or use type veth with a bridge that lxs-usernet "
			  "gives you");
}

int launch_net_stack(struct launch *launch, const struct step *step, struct error *err)
{
	owned_error why = ERROR_INIT;

	return stack_start(launch, step->args, &why) == 0 ? 0 : net_report(step, &why, err);
}

/* A pid may be another's by now: it is pasta when the file's path is among its words. */
static bool is_stack(pid_t pid, const char *pidfile)
{
	owned_error ignored = ERROR_INIT;
	owned_str words = NULL;
	char path[64];
	size_t length;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	if (file_read(path, &words, &length, &ignored) < 0)
		return false;
	for (size_t at = 0; at < length; at += strlen(words + at) + 1)
		if (strcmp(words + at, pidfile) == 0)
			return true;
	return false;
}

/* PIDFILE.  Before lxs-beside, which does the same when it has the time. */
int launch_net_undo_stack(char *const *arguments, size_t count, struct error *err)
{
	struct pollfd waiting = { .events = POLLIN };
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	owned_fd pidfd = -1;
	size_t length;
	pid_t pid;

	if (count != 1)
		return error_set(err, EINVAL, "bad net-stack line in the journal");
	if (file_read(arguments[0], &text, &length, &ignored) < 0)
		return 0;
	pid = (pid_t)strtol(text, NULL, 10);
	pidfd = pid > 1 ? proc_open(pid) : -ESRCH;
	if (pidfd < 0 || !is_stack(pid, arguments[0]))
		return 0;
	proc_signal(pidfd, SIGKILL);
	waiting.fd = pidfd;
	return poll(&waiting, 1, ENDING) == 1 ? 0 : error_set(err, ETIMEDOUT, "process %d does not end", (int)pid);
}
