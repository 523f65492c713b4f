/*
 * The main of lxs-enter (see enter.h): the list of steps, the fork into the
 * pid namespace, and the exec.  Order is security here: what is inside the
 * container's pid namespace can be traced by a privileged guest, so only a
 * process that has given up everything already is born there.
 */
#include "enter/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enter/request.h"

enum { EXIT_INTERNAL = 255 };

int report(enum enter_stage stage, int error, const char *detail)
{
	struct enter_report message = { .stage = (int32_t)stage, .error = error };

	if (detail)
		strncpy(message.detail, detail, sizeof message.detail - 1);
	/* When nobody listens any more there is nobody to tell. */
	if (send(ENTER_SOCKET, &message, sizeof message, MSG_NOSIGNAL) < 0)
		return -1;
	return -1;
}

int report_descriptor(enum enter_stage stage, pid_t pid, int descriptor)
{
	struct enter_report message = { .stage = (int32_t)stage, .pid = pid };
	struct iovec data = { &message, sizeof message };
	union { char buffer[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		struct cmsghdr *part;

		header.msg_control = control.buffer;
		header.msg_controllen = sizeof control.buffer;
		part = CMSG_FIRSTHDR(&header);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &descriptor, sizeof(int));
	}
	return sendmsg(ENTER_SOCKET, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* The namespaces are not those of the mounts: new ones, so that ps and ip tell the truth (-R). */
static int remount(void)
{
	static const struct { const char *type, *target; } mounts[] = { { "proc", "/proc" }, { "sysfs", "/sys" } };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return report(ENTER_REMOUNT, errno, "/");
	for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
		if (umount2(mounts[i].target, MNT_DETACH) < 0 && errno != EINVAL)
			return report(ENTER_REMOUNT, errno, mounts[i].target);
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
			return report(ENTER_REMOUNT, errno, mounts[i].target);
	}
	return 0;
}

/*
 * A session of its own in every case: with the caller's terminal as its
 * controlling one, the command could open /dev/tty and type into it (TIOCSTI).
 */
static int set_session(const struct request *request)
{
	if (setsid() < 0 && errno != EPERM)
		return report(ENTER_STDIO, errno, NULL);
	if (request->slave >= 0 && ioctl(request->slave, TIOCSCTTY, 0) < 0)
		return report(ENTER_STDIO, errno, NULL);
	return 0;
}

static void run_command(const struct request *request)
{
	int error;

	execvp(request->command[0], request->command);
	error = errno;
	if (request->shell)
		execl("/bin/sh", "/bin/sh", NULL);
	report(ENTER_EXEC, error, request->command[0]);
}

/* The first descriptor behind those that lxs-attach gave us. */
static int descriptors_end(const struct request *request)
{
	return ENTER_FILTERS + (request->seccomp >= 0) + (request->clock >= 0);
}

/* Descriptors that the caller forgot to close are nobody's business inside. */
static int close_foreign(struct request *request)
{
	int first = descriptors_end(request);

	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return 0;
	/* Before Linux 5.9. */
	for (int fd = first; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
		close(fd);
	return 0;
}

/*
 * What is the host's is gone before the command is born: a privileged guest
 * can look at the descriptors of a process from its first moment on, and from
 * a directory of the host's /proc it would be one step to the host's root.
 */
static int shed_host(struct request *request)
{
	/* The caller's terminal is not to be /dev/tty for a moment either. */
	if (setsid() < 0 && errno != EPERM)
		return report(ENTER_STDIO, errno, NULL);
	for (int fd = 0; request->slave >= 0 && fd <= 2; fd++) {
		if ((request->terminal & (1 << fd)) && dup2(request->slave, fd) < 0)
			return report(ENTER_STDIO, errno, NULL);
	}
	for (int fd = ENTER_PIDFD; fd < descriptors_end(request); fd++)
		close(fd);
	return fcntl(ENTER_SOCKET, F_SETFD, FD_CLOEXEC) < 0 ? report(ENTER_STDIO, errno, NULL) : 0;
}

/* A container can hold us up by freezing us: a command whose caller has given up is not run when it goes on. */
static bool caller_is_gone(void)
{
	struct pollfd wait = { .fd = ENTER_SOCKET };

	return poll(&wait, 1, 0) > 0;
}

/* The first and only process that is seen inside; everything was given up before it was born. */
static int inside(const struct request *request)
{
	sigset_t none;

	if (request->remount && remount() < 0)
		return EXIT_INTERNAL;
	if (set_session(request) < 0)
		return EXIT_INTERNAL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!caller_is_gone())
		run_command(request);
	return EXIT_INTERNAL;
}

/* CLONE_PARENT: lxs-attach is the one that waits for the command, this process need not stay. */
static int fork_inside(const struct request *request)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	long pid = syscall(SYS_clone3, &args, sizeof args);

	if (pid < 0)
		return report(ENTER_FORK, errno, NULL);
	if (pid == 0)
		_exit(inside(request));
	return report_descriptor(ENTER_STARTED, (pid_t)pid, request->master);
}

/* lxs-attach moves this process into the cgroups first, so that nothing inside runs outside of them. */
int await_go(struct request *request)
{
	char go;

	(void)request;
	return recv(ENTER_SOCKET, &go, sizeof go, 0) == 1 ? 0 : -1;
}

static int (*const steps[])(struct request *) = {
	await_go,
	close_foreign,
	protect_self,
	open_label,         /* while /proc is still the host's */
	share_core,         /* init's pid is one of the host's */
	join_namespaces,
	change_personality,
	open_terminal,      /* needs the container's devpts */
	change_directory,
	find_shell,
	drop_capabilities,
	write_label,
	set_no_new_privs,
	load_filters,       /* nothing that a filter may deny comes after, but for the identity */
	take_identity,
	shed_host,          /* all descriptors left close on exec */
};

int main(int argc, char **argv)
{
	struct request request;

	(void)argc;
	if (request_parse(&request, argv + 1) < 0)
		return EXIT_INTERNAL;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (steps[i](&request) < 0)
			return EXIT_INTERNAL;
	}
	return fork_inside(&request) < 0 ? EXIT_INTERNAL : EXIT_SUCCESS;
}
