/*
 * Init lets go of the host's program before a program of the guest's runs
 * beside it, as a start hook does, or as it, when init is a script whose
 * interpreter is /proc/self/exe: /proc/1/exe and /proc/1/map_files would
 * lead a privileged guest to the host's lxs and C library, which it could
 * write to once nobody executes them (CVE-2019-5736).
 *
 * Every mapping of a file is replaced by a copy in memory, in place, and the
 * sealed copy of the small init becomes "the program"; the caller's
 * environment is wiped out.  Nothing here may write to static data: it is
 * being copied.
 */
#include "launch/unmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/report.h"
#include "lib/own.h"
#include "lib/program.h"

#define SMALL_INIT PKGLIBEXECDIR "/lxs-init"

enum { TEXT_MAX = 256 * 1024 };

int launch_unmap(struct launch *launch, const struct step *step, struct error *err)
{
	if (launch->small_init < 0)
		launch->small_init = program_hold(SMALL_INIT);
	if (launch->small_init < 0)
		return launch_report(step, -launch->small_init, SMALL_INIT, err);
	return 0;
}

/* Reads a file of /proc to its end.  The length, or -errno. */
static ssize_t text_read(int proc, const char *path, char *text, size_t size)
{
	owned_fd file = openat(proc, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got = 1;

	if (file < 0)
		return -errno;
	while (used < size - 1 && (got = read(file, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	if (got < 0)
		return -errno;
	return used < size - 1 ? (ssize_t)used : -EFBIG;
}

/* What is read through /proc/self/mem needs no permission to be read, and what is behind a file's end is an error. */
static int mapping_replace(int memory, unsigned long start, unsigned long end, const char *permissions)
{
	size_t length = end - start;
	int protection = (permissions[0] == 'r' ? PROT_READ : 0) | (permissions[1] == 'w' ? PROT_WRITE : 0) |
			 (permissions[2] == 'x' ? PROT_EXEC : 0);
	char *copy = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	for (size_t done = 0; protection && done < length;) {
		ssize_t got = pread(memory, copy + done, length - done, (off_t)(start + done));

		if (got <= 0)
			break;
		done += (size_t)got;
	}
	if (mprotect(copy, length, protection) < 0 ||
	    mremap(copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)start) == MAP_FAILED)
		return -errno;
	return 0;
}

/* A line is "START-END PERMISSIONS OFFSET DEVICE INODE PATH"; without an inode there is no file. */
static int line_replace(int memory, char *line)
{
	unsigned long start = strtoul(line, &line, 16), end;
	const char *permissions;

	if (*line++ != '-')
		return -EPROTO;
	end = strtoul(line, &line, 16);
	permissions = ++line;
	for (int field = 0; field < 3 && line; field++) {
		line = strchr(line, ' ');
		if (line)
			line++;
	}
	if (!line)
		return -EPROTO;
	return strtoul(line, NULL, 10) ? mapping_replace(memory, start, end, permissions) : 0;
}

static int mappings_replace(int proc, char *text)
{
	owned_fd memory = openat(proc, "self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t length = text_read(proc, "self/maps", text, TEXT_MAX);
	int code = 0;

	if (memory < 0 || length < 0)
		return memory < 0 ? -errno : (int)length;
	for (char *line = text, *end; code == 0 && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		code = line_replace(memory, line);
	}
	return code;
}

/* Of the memory map only the program's file is to change, but all of it has to be said: as it is. */
static int map_describe(int proc, char *text, struct prctl_mm_map *map)
{
	/* By field of /proc/self/stat (proc(5)), 26 and on. */
	typeof(map->brk) *const fields[] = {
		&map->start_code, &map->end_code, &map->start_stack, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL, NULL, NULL, &map->start_data, &map->end_data, &map->start_brk,
		&map->arg_start, &map->arg_end, &map->env_start, &map->env_end,
	};
	ssize_t length = text_read(proc, "self/stat", text, TEXT_MAX);
	char *at = length > 0 ? strrchr(text, ')') : NULL;

	for (int field = 3; at && field <= 26; field++)
		at = strchr(at + 1, ' ');
	for (size_t i = 0; at && i < sizeof fields / sizeof *fields; i++) {
		unsigned long number = strtoul(at + 1, NULL, 10);

		if (fields[i])
			*fields[i] = number;
		at = strchr(at + 1, ' ');
	}
	map->brk = (typeof(map->brk))syscall(SYS_brk, 0);
	return at ? 0 : -EPROTO;
}

static int program_replace(int proc, char *text, int program)
{
	struct prctl_mm_map map = { .exe_fd = (unsigned)program };
	int code = map_describe(proc, text, &map);

	if (code < 0)
		return code;
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0)
		return 0;
	/* A kernel without checkpointing knows the plain way alone, which takes CAP_SYS_RESOURCE. */
	return prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, program, 0, 0) < 0 ? -errno : 0;
}

/* Of the caller: nothing of it is for init, and /proc/1/environ would show it. */
static void environment_wipe(void)
{
	for (char **entry = environ; *entry; entry++)
		explicit_bzero(*entry, strlen(*entry));
	*environ = NULL;
}

int inside_unmap(struct inside *inside, const struct step *step)
{
	int proc = inside_proc(inside), code;
	char *text;

	(void)step;
	if (proc < 0)
		return inside_fail(inside, -proc, "no procfs of its own can be mounted");
	text = mmap(NULL, TEXT_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED)
		return -errno;
	code = mappings_replace(proc, text);
	if (code == 0)
		code = program_replace(proc, text, inside->launch->small_init);
	environment_wipe();
	munmap(text, TEXT_MAX);
	return code;
}
