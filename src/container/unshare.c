/*
 * Commands in new namespaces (container/unshare.h).  Apart from launch/
 * because there is no plan: the few things that can be asked for are done in
 * one order.  Called from commands/unshare.c and commands/usernsexec.c.
 */
#include "container/unshare.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/handback.h"
#include "lib/mount.h"
#include "lib/netlink.h"
#include "lib/own.h"
#include "lib/proc.h"

/* What a new pid or ipc namespace shows only through a mount of its own. */
static int remount(struct error *err)
{
	static const struct { const char *target, *type; } rows[] = {
		{ "/proc", "proc" }, { "/dev/shm", "tmpfs" }, { "/dev/mqueue", "mqueue" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		/* Above what is there: a user namespace may not uncover what lies below. */
		if (access(rows[i].target, F_OK) < 0)
			continue;
		if (mount(rows[i].type, rows[i].target, rows[i].type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
			return error_set(err, errno, "cannot mount %s", rows[i].target);
	}
	return 0;
}

/* In the child, with all rights over its namespaces. */
static int set_up(const struct unshare_request *request, struct error *err)
{
	if (request->namespaces & CLONE_NEWNS && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "cannot keep mounts from the host's");
	if (request->remount && remount(err) < 0)
		return -1;
	if (request->hostname && sethostname(request->hostname, strlen(request->hostname)) < 0)
		return error_set(err, errno, "cannot set the host name %s", request->hostname);
	if (request->mapped && syscall(SYS_setresuid, request->uid, request->uid, request->uid) < 0)
		return error_set(err, errno, "cannot become uid %u", request->uid);
	return 0;
}

static _Noreturn void execute(char *const *argv, int pipe)
{
	owned_error err = ERROR_INIT;

	execvp(argv[0], argv);
	error_set(&err, errno, "cannot execute %s", argv[0]);
	handback_send(pipe, &err);
	_exit(EXIT_FAILURE);
}

static _Noreturn void child(const struct unshare_request *request, int go, int pipe)
{
	owned_error err = ERROR_INIT;
	char word;

	/* The end of the pipe without a word: the parent failed, and has said why. */
	if (read(go, &word, 1) != 1)
		_exit(EXIT_FAILURE);
	if (set_up(request, &err) == 0)
		execute(request->argv, pipe);
	handback_send(pipe, &err);
	_exit(EXIT_FAILURE);
}

/* As in LXC the caller's own uid, and no gid. */
static int map_caller(pid_t pid, uid_t uid, struct error *err)
{
	char path[64], line[64];
	owned_fd file = -1;

	snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
	snprintf(line, sizeof line, "%u %u 1\n", uid, geteuid());
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, line, strlen(line)) < 0)
		return error_set(err, errno, "cannot map uid %u", uid);
	return 0;
}

static int interface_move(int socket, const char *name, pid_t pid)
{
	struct netlink_change change = { .owner = pid };
	int index = netlink_index(socket, name);

	return index < 0 ? index : netlink_link_change(socket, index, &change);
}

static void interfaces_move(const struct unshare_request *request, pid_t pid, struct error *problem)
{
	owned_fd socket = request->interface_count > 0 ? netlink_open() : -1;

	for (size_t i = 0; i < request->interface_count; i++) {
		int code = socket < 0 ? socket : interface_move(socket, request->interfaces[i], pid);

		if (code < 0)
			error_set(problem, -code, "cannot move the interface %s", request->interfaces[i]);
	}
}

static int parent(const struct unshare_request *request, pid_t pid, int go, struct error *problem, struct error *err)
{
	if (request->mapped && map_caller(pid, request->uid, err) < 0)
		return -1;
	interfaces_move(request, pid, problem);
	return write(go, "g", 1) == 1 ? 0 : error_set(err, errno, "cannot let the command start");
}

static int clone_refused(int code, struct error *err)
{
	error_set(err, code, "cannot make new namespaces");
	if (code == EPERM)
		error_hint(err, "this needs root, or USER among the namespaces");
	return -1;
}

/* A pipe whose ends belong to the caller. */
static int pipe_make(int *out, int *in, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	*out = ends[0];
	*in = ends[1];
	return 0;
}

pid_t unshare_start(const struct unshare_request *request, struct error *problem, struct error *err)
{
	struct clone_args clone = { .flags = request->namespaces, .exit_signal = SIGCHLD };
	owned_fd wait = -1, go = -1, hear = -1, tell = -1;
	pid_t pid;

	if (pipe_make(&wait, &go, err) < 0 || pipe_make(&hear, &tell, err) < 0)
		return -1;
	fflush(NULL);
	pid = (pid_t)syscall(SYS_clone3, &clone, sizeof clone);
	if (pid < 0)
		return clone_refused(errno, err);
	if (pid == 0) {
		own_close_fd(&go);
		child(request, wait, tell);
	}
	own_close_fd(&wait);
	own_close_fd(&tell);
	if (parent(request, pid, go, problem, err) == 0 && handback_executed(hear, err) == 0)
		return pid;
	own_close_fd(&go);
	proc_wait(pid);
	return -1;
}

int unshare_wait(pid_t pid, struct error *err)
{
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN), (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	int status = proc_wait(pid);

	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	return status < 0 ? error_set(err, -status, "cannot wait for the command") : status;
}

int unshare_users(const struct id_maps *maps, uid_t uid, gid_t gid, char *const *argv, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	pid_t pid;

	if (pipe_make(&ours, &theirs, err) < 0)
		return -1;
	pid = userns_fork(maps, uid, gid, err);
	if (pid < 0)
		return -1;
	if (pid == 0)
		execute(argv, theirs);
	own_close_fd(&theirs);
	if (handback_executed(ours, err) == 0)
		return unshare_wait(pid, err);
	proc_wait(pid);
	return -1;
}
