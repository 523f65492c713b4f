/*
 * Who asks (asker.h), by /proc.  The caller knows afterwards, by the
 * notification that still stands, that the pid was the asker's.  Called by
 * clock.c.
 */
#include "notify/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"

/* What stands behind NAME in a small file of /proc; -1: nothing. */
static long long field_read(const char *path, const char *name, int base)
{
	owned_fd file = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
	const char *found;

	if (got < 0)
		return -1;
	text[got] = '\0';
	found = strstr(text, name);
	return found ? strtoll(found + strlen(name), NULL, base) : -1;
}

static int namespace_of(pid_t pid, struct stat *ret)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
	return stat(path, ret) < 0 ? -errno : 0;
}

int asker_namespace(int pidfd, struct stat *ret)
{
	char path[40];
	long long pid;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
	pid = field_read(path, "\nPid:", 10);
	return pid > 0 ? namespace_of((pid_t)pid, ret) : -ESRCH;
}

bool asker_may(pid_t pid, const struct stat *namespace)
{
	struct stat own;
	char path[40];
	long long effective;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	effective = field_read(path, "\nCapEff:", 16);
	return effective > 0 && effective >> CAP_SYS_TIME & 1 && namespace_of(pid, &own) == 0 &&
	       own.st_dev == namespace->st_dev && own.st_ino == namespace->st_ino;
}
