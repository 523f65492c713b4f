/*
 * Getting to the other side: core scheduling, namespaces, personality, the
 * terminal, the directory and the shell.  Everything that still needs what
 * confine.c takes away.
 */
#include "enter/request.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "lib/own.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_SHARE_FROM 3
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

int share_core(struct request *request)
{
	/* 0: a single task; the scope of the cookie is this process, which is passed on by fork. */
	if (request->pid && prctl(PR_SCHED_CORE, PR_SCHED_CORE_SHARE_FROM, request->pid, 0, 0) < 0 && errno != ENODEV)
		return report(ENTER_CORE, errno, NULL);
	return 0;
}

/* Before Linux 5.8 setns(2) takes no pidfd: the user namespace first, then the others by their files. */
static int join_one_by_one(const struct request *request)
{
	static const struct { const char *file; long flag; } order[] = {
		{ "ns/user", CLONE_NEWUSER }, { "ns/cgroup", CLONE_NEWCGROUP }, { "ns/ipc", CLONE_NEWIPC },
		{ "ns/net", CLONE_NEWNET }, { "ns/uts", CLONE_NEWUTS }, { "ns/pid", CLONE_NEWPID },
		{ "ns/time", CLONE_NEWTIME }, { "ns/mnt", CLONE_NEWNS },
	};

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		owned_fd file = -1;

		if (!(request->namespaces & order[i].flag))
			continue;
		file = openat((int)request->proc, order[i].file, O_RDONLY | O_CLOEXEC);
		if (file < 0 || setns(file, (int)order[i].flag) < 0)
			return report(ENTER_JOIN, errno, order[i].file + 3);
	}
	return 0;
}

int join_namespaces(struct request *request)
{
	if (!request->namespaces || setns((int)request->pidfd, (int)request->namespaces) == 0)
		return 0;
	if (errno != EINVAL)
		return report(ENTER_JOIN, errno, NULL);
	return join_one_by_one(request);
}

int change_personality(struct request *request)
{
	if (request->personality >= 0 && personality((unsigned long)request->personality) < 0)
		return report(ENTER_PERSONALITY, errno, NULL);
	return 0;
}

/* Below the root that we are in now; symlinks cannot lead out, magic links are not followed. */
static int open_inside(const char *path, int flags)
{
	owned_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return root < 0 ? -1 : (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* A guest may have put anything there: only the multiplexer of a devpts will do. */
static bool is_multiplexer(int fd)
{
	struct stat info;

	return fstat(fd, &info) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == makedev(5, 2);
}

static int open_multiplexer(void)
{
	static const char *const paths[] = { "dev/pts/ptmx", "dev/ptmx" };

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		owned_fd fd = open_inside(paths[i], O_RDWR | O_NOCTTY | O_NONBLOCK);

		if (fd >= 0 && is_multiplexer(fd))
			return steal_fd(&fd);
	}
	return -1;
}

/* The new terminal begins with the size and the modes of the caller's. */
static void copy_modes(const struct request *request)
{
	struct termios modes;
	struct winsize size;

	for (int fd = 0; fd <= 2; fd++) {
		if (!(request->terminal & (1 << fd)) || tcgetattr(fd, &modes) < 0)
			continue;
		tcsetattr(request->slave, TCSANOW, &modes);
		if (ioctl(fd, TIOCGWINSZ, &size) == 0)
			ioctl(request->slave, TIOCSWINSZ, &size);
		return;
	}
}

int open_terminal(struct request *request)
{
	int locked = 0;

	if (!request->terminal)
		return 0;
	request->master = open_multiplexer();
	if (request->master < 0)
		return report(ENTER_TERMINAL, errno ? errno : ENODEV, NULL);
	if (ioctl(request->master, TIOCSPTLCK, &locked) < 0)
		return report(ENTER_TERMINAL, errno, NULL);
	/* By ioctl, not by its name: the directory of the slaves is the guest's. */
	request->slave = ioctl(request->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (request->slave < 0)
		return report(ENTER_TERMINAL, errno, NULL);
	copy_modes(request);
	if (fchown(request->slave, (uid_t)request->uid, (gid_t)-1) < 0)
		return report(ENTER_TERMINAL, errno, NULL);
	return 0;
}

/* A guest may have put a link of /proc in the way, which would lead along a descriptor of ours. */
int change_directory(struct request *request)
{
	owned_fd directory = request->directory ? open_inside(request->directory, O_PATH | O_DIRECTORY) : -1;

	return directory < 0 || fchdir(directory) < 0 ? chdir("/") : 0;
}

enum { LINES_MAX = 100000 }; /* a guest may offer an endless file */

/* The seventh field of `NAME:x:UID:GID:...:SHELL`, when UID is ours. */
static char *shell_of_line(char *line, long uid)
{
	char *field[7] = { line };
	char *end;
	long number;

	for (int i = 1; i < 7; i++) {
		char *colon = strchr(field[i - 1], ':');

		if (!colon)
			return NULL;
		*colon = '\0';
		field[i] = colon + 1;
	}
	number = strtol(field[2], &end, 10);
	return end != field[2] && !*end && number == uid && field[6][0] == '/' ? field[6] : NULL;
}

static char *search_passwd(FILE *file, struct request *request)
{
	char *line = request->line;

	for (int lines = 0; lines < LINES_MAX && fgets(line, sizeof request->line, file); lines++) {
		char *shell;

		line[strcspn(line, "\n")] = '\0';
		shell = shell_of_line(line, request->uid);
		if (shell)
			return shell;
	}
	return NULL;
}

/* Read by ourselves: getpwuid(3) would load what the guest names in its nsswitch.conf. */
int find_shell(struct request *request)
{
	char *shell = NULL;
	struct stat info;
	owned_file file = NULL;
	owned_fd fd = -1;

	if (request->command)
		return 0;
	/* O_NONBLOCK: a fifo in place of the file must not hold us up. */
	fd = open_inside("etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
		file = fdopen(fd, "re");
		if (file)
			steal_fd(&fd);
	}
	if (file)
		shell = search_passwd(file, request);
	request->shell_command[0] = shell ? shell : request->fallback;
	request->command = request->shell_command;
	request->shell = true;
	return 0;
}
