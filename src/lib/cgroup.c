/*
 * Operations on a cgroup directory.  In lib/ because three rooms need them:
 * launch/ when a container begins, its undo when it ends, and the verbs that
 * enter, freeze or read a running one.
 */
#include "lib/cgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/proc.h"

long long cgroup_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int cgroup_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool cgroup_is_v2(int dir)
{
	return faccessat(dir, "cgroup.controllers", F_OK, 0) == 0;
}

int cgroup_write(int dir, const char *file, const char *value)
{
	owned_fd fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t length = strlen(value);

	if (fd < 0)
		return -errno;
	/* An empty value is said with a newline: a write of nothing never reaches the kernel's parser. */
	if (write(fd, length > 0 ? value : "\n", length > 0 ? length : 1) < 0)
		return -errno;
	return 0;
}

ssize_t cgroup_read(int dir, const char *file, char *text, size_t size)
{
	owned_fd fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while (used < size - 1 && (got = read(fd, text + used, size - 1 - used)) != 0) {
		if (got < 0)
			return -errno;
		used += (size_t)got;
	}
	if (used > 0 && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
	return (ssize_t)used;
}

int cgroup_enter_at(int dir)
{
	owned_fd fd = openat(dir, "tasks", O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		fd = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, "0", 1) < 0 ? -errno : 0;
}

int cgroup_enter(const char *path)
{
	owned_fd dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -errno : cgroup_enter_at(dir);
}

int cgroup_add(int dir, pid_t pid)
{
	char text[24];

	snprintf(text, sizeof text, "%d", pid);
	return cgroup_write(dir, "cgroup.procs", text);
}

int cgroup_cpuset_fill(int parent, int dir)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	char text[4096];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		ssize_t length = cgroup_read(dir, files[i], text, sizeof text);
		int code;

		if (length > 0)
			continue; /* cgroup.clone_children is set */
		length = cgroup_read(parent, files[i], text, sizeof text);
		if (length < 0)
			return (int)length;
		code = cgroup_write(dir, files[i], text);
		if (code < 0)
			return code;
	}
	return 0;
}

/* ---- emptying ---- */

static int time_left(long long deadline)
{
	long long left = deadline - cgroup_clock();

	return left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
}

/* Kills one process and waits for its end.  The caller itself is left alone. */
static void process_end(pid_t pid, long long deadline)
{
	int pidfd = pid > 0 && pid != getpid() ? proc_open(pid) : -1;
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return;
	proc_signal(pidfd, SIGKILL);
	poll(&wait, 1, time_left(deadline));
	close(pidfd);
}

/*
 * Kills what is in this very cgroup.  Each number is looked at anew after the
 * one before has ended, so a number that was given to somebody else meanwhile
 * is not hit: the kernel lists who is inside now.
 */
static void members_end(int dir, long long deadline)
{
	char text[4096];

	cgroup_write(dir, "freezer.state", "THAWED"); /* v1: a frozen process cannot die */
	while (cgroup_read(dir, "cgroup.procs", text, sizeof text) > 0 && time_left(deadline) > 0) {
		pid_t pid = (pid_t)strtol(text, NULL, 10);

		if (pid == getpid()) {
			char *next = strchr(text, '\n');

			if (!next)
				return;
			pid = (pid_t)strtol(next + 1, NULL, 10);
		}
		if (pid <= 0)
			return; /* of a pid namespace that we cannot see into */
		process_end(pid, deadline);
	}
}

/* v2: waits until the kernel says that nothing is left in it or below; no sleeping, the file is polled. */
static void wait_until_empty(int dir, long long deadline)
{
	owned_fd fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd wait = { .fd = fd, .events = POLLPRI };
	char text[256];
	ssize_t got;

	/* v1 tells nobody; a killed process is out of its cgroup in no time. */
	if (fd < 0)
		poll(NULL, 0, 2);
	while (fd >= 0 && (got = pread(fd, text, sizeof text - 1, 0)) > 0) {
		text[got] = '\0';
		if (strstr(text, "populated 0") || time_left(deadline) == 0)
			return;
		poll(&wait, 1, time_left(deadline));
	}
}

/* The first cgroup below, or false. */
static bool child_first(int dir, char name[static NAME_MAX + 1])
{
	owned_fd copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list)
		return false;
	steal_fd(&copy);
	while ((entry = readdir(list)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			memcpy(name, entry->d_name, strlen(entry->d_name) + 1);
			return true;
		}
	return false;
}

/* Removes a cgroup that has no children, emptying it first when need be. */
static int leaf_remove(int parent, const char *name, int dir, long long deadline)
{
	do {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -errno;
		members_end(dir, deadline);
		wait_until_empty(dir, deadline);
	} while (time_left(deadline) > 0);
	return -EBUSY;
}

/*
 * Removes all that is below `top`, deepest first.  A guest can nest cgroups
 * deeper than there are descriptors, so the walk holds one and goes up by "..".
 */
int cgroup_clear(int top, long long deadline)
{
	owned_fd at = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1], below[NAME_MAX + 1];
	unsigned depth = 0;
	int next, code;

	while (at >= 0) {
		if (child_first(at, name)) {
			owned_fd child = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (child < 0)
				return -errno;
			if (child_first(child, below)) {
				own_close_fd(&at);
				at = steal_fd(&child);
				depth++;
				continue;
			}
			code = leaf_remove(at, name, child, deadline);
			if (code < 0)
				return code;
			continue;
		}
		if (depth-- == 0)
			return 0;
		next = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		own_close_fd(&at);
		at = next;
	}
	return -errno;
}

int cgroup_destroy(int parent, const char *name, long long deadline)
{
	owned_fd dir = -1;
	int code;

	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return -errno;
	dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	cgroup_write(dir, "freezer.state", "THAWED");
	if (cgroup_write(dir, "cgroup.kill", "1") == 0)
		wait_until_empty(dir, deadline);
	code = cgroup_clear(dir, deadline);
	return code < 0 ? code : leaf_remove(parent, name, dir, deadline);
}

int cgroup_evacuate(int dir, const char *name)
{
	char text[64];
	owned_fd below = -1;
	ssize_t length;

	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return -errno;
	while ((length = cgroup_read(dir, "cgroup.procs", text, sizeof text)) > 0) {
		pid_t pid = (pid_t)strtol(text, NULL, 10);
		int code = pid > 0 ? cgroup_add(below, pid) : -EBUSY; /* 0: of a pid namespace that we cannot see into */

		/* It may have ended meanwhile. */
		if (code < 0 && code != -ESRCH)
			return code;
	}
	return (int)length;
}
