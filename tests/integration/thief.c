/*
 * thief SECONDS SECRET: root of a container that robs whoever comes in.  Looks at
 * each process of its pid namespace but itself, as soon as it is there and as
 * often as it can, and prints what it got hold of, one a line:
 *
 *   traced NAME              ptrace(2) seized it
 *   fd NAME TARGET           a descriptor, through /proc/PID/fd or pidfd_getfd(2)
 *   exe NAME TARGET          its program, opened
 *   link NAME root|cwd DIR   a directory of it that is not ours, opened
 *   memory NAME              its memory, opened or read
 *
 * after "ready" and before "done", and "round" after each look.  In the memory it looks for
 * SECRET and prints "secret NAME".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FDS = 64, LINE = 512 };

static const char *secret;
static char seen[512][LINE];
static size_t seen_count;

/* Each finding once. */
static void found(const char *what, const char *name, const char *target)
{
	char line[LINE];

	snprintf(line, sizeof line, "%s %s %s", what, name, target);
	for (size_t i = 0; i < seen_count; i++)
		if (strcmp(seen[i], line) == 0)
			return;
	if (seen_count < sizeof seen / sizeof *seen)
		strcpy(seen[seen_count++], line);
	puts(line);
	fflush(stdout);
}

static void name_read(int pid, char name[64])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	file = fopen(path, "r");
	if (!file || !fgets(name, 64, file))
		strcpy(name, "?");
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void fds_take(int pid, const char *name)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int number = 0; number < FDS; number++) {
		char path[64], target[256];
		ssize_t length;
		int fd;

		snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
		length = readlink(path, target, sizeof target - 1);
		fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (fd >= 0 && length < 0) {
			snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
			length = readlink(path, target, sizeof target - 1);
		}
		if (length >= 0) {
			target[length] = '\0';
			found("fd", name, target);
		}
		if (fd >= 0)
			close(fd);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void place_take(int pid, const char *name, const char *what)
{
	char path[64], target[256], line[300];
	struct stat ours, theirs;
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
	fd = open(path, O_PATH);
	if (fd < 0)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof target - 1);
	target[length > 0 ? length : 0] = '\0';
	if (strcmp(what, "exe") == 0)
		found("exe", name, target);
	else if (stat("/", &ours) == 0 && fstat(fd, &theirs) == 0 && ours.st_dev != theirs.st_dev) {
		snprintf(line, sizeof line, "%s %s", what, target);
		found("link", name, line);
	}
	close(fd);
}

static void memory_search(int pid, const char *name, int memory)
{
	static char bytes[1 << 16];
	unsigned long from, to;
	char path[64], line[512];
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx r", &from, &to) != 2)
			continue;
		for (; from < to; from += sizeof bytes) {
			ssize_t got = pread(memory, bytes, to - from < sizeof bytes ? to - from : sizeof bytes, (off_t)from);

			if (got > 0 && memmem(bytes, (size_t)got, secret, strlen(secret)))
				found("secret", name, secret);
		}
	}
	if (maps)
		fclose(maps);
}

static void memory_take(int pid, const char *name)
{
	char path[64], byte;
	unsigned long start = 0;
	struct iovec here = { &byte, 1 }, there;
	FILE *maps;
	int memory;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	if (maps && fscanf(maps, "%lx-", &start) == 1)
		found("memory", name, "maps");
	if (maps)
		fclose(maps);
	/* Where programs are that are not loaded just anywhere. */
	there = (struct iovec){ (void *)(start ? start : 0x400000), 1 };
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	memory = open(path, O_RDWR);
	if (memory >= 0) {
		found("memory", name, "/proc");
		memory_search(pid, name, memory);
		close(memory);
	}
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) == 1)
		found("memory", name, "process_vm_readv");
}

static void rob(int pid)
{
	char name[64];

	name_read(pid, name);
	fds_take(pid, name);
	place_take(pid, name, "exe");
	place_take(pid, name, "root");
	place_take(pid, name, "cwd");
	memory_take(pid, name);
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
		found("traced", name, "");
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		waitpid(pid, NULL, __WALL);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
}

static void look(void)
{
	DIR *list = opendir("/proc");
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		int pid = atoi(entry->d_name);

		if (pid > 0 && pid != getpid())
			rob(pid);
	}
	if (list)
		closedir(list);
}

int main(int argc, char **argv)
{
	time_t end;

	if (argc != 3)
		return 2;
	end = time(NULL) + atoi(argv[1]);
	secret = argv[2];
	puts("ready");
	fflush(stdout);
	while (time(NULL) < end && access("/stop", F_OK) < 0) {
		look();
		puts("round");
		fflush(stdout);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	puts("done");
	return 0;
}
