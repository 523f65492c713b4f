/*
 * The lock of the verbs (container/verb_lock.h).  It is flock(2) on the
 * directory: no file has to be there for it, and the kernel tells who has it.
 * Called from create.c, destroy.c, copy.c and others of this room.
 */
#include "container/verb_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/own.h"

/* The pid behind the lock as the kernel lists it; 0: not to be seen from here. */
static int holder_pid(int dir)
{
	owned_file locks = fopen("/proc/locks", "re");
	owned_str line = NULL;
	unsigned long long inode;
	unsigned device_major, device_minor;
	struct stat facts;
	size_t size = 0;
	char kind[16];
	int pid;

	if (!locks || fstat(dir, &facts) < 0)
		return 0;
	while (getline(&line, &size, locks) > 0)
		if (sscanf(line, "%*d: %15s %*s %*s %d %x:%x:%llu", kind, &pid, &device_major, &device_minor, &inode) == 5 &&
		    strcmp(kind, "FLOCK") == 0 && inode == facts.st_ino && device_major == major(facts.st_dev) &&
		    device_minor == minor(facts.st_dev))
			return pid;
	return 0;
}

/* "lxs-copy", as that process was called; false: it is gone. */
static bool holder_name(int pid, char *name, size_t size)
{
	char path[40];
	owned_fd file = -1;
	const char *slash;
	ssize_t got;

	snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	got = file < 0 ? -1 : read(file, name, size - 1);
	if (got <= 0)
		return false;
	name[got] = '\0';
	slash = strrchr(name, '/');
	if (slash)
		memmove(name, slash + 1, strlen(slash + 1) + 1);
	return true;
}

int verb_lock(int dir, bool shared, struct error *err)
{
	struct stat facts;
	char name[256];
	int pid;

	/* Another one of that name, of which this is not the lock, may be there since a destroy. */
	if (flock(dir, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return fstat(dir, &facts) == 0 && facts.st_nlink == 0 ? error_set(err, 0, "it was removed meanwhile") : 0;
	if (errno != EWOULDBLOCK)
		return error_set(err, errno, "cannot lock the container's directory");
	pid = holder_pid(dir);
	if (pid <= 0)
		error_set(err, EBUSY, "another command is at work on it");
	else if (holder_name(pid, name, sizeof name))
		error_set(err, EBUSY, "%s (pid %d) is at work on it", name, pid);
	else
		error_set(err, EBUSY, "what process %d started, which is gone, is at work on it", pid);
	return error_hint(err, "wait until that has ended");
}

int verb_refuse(const char *directory, struct error *err)
{
	owned_fd dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? 0 : verb_lock(dir, false, err);
}
