/*
 * The cache of compiled policy (compiled.h), one file each:
 *
 *   a line     "lxs-filter FORMAT VERSION INODE SIZE SECONDS COMPILER", the compiler as it was
 *   the text   of the source, NUL, and NULs up to a multiple of 8
 *   the program
 *
 * The name is a hash of the text; since the whole text is compared, two that
 * meet only push each other out.  Called by launch/seccomp.c and apparmor.c.
 */
#include "policy/compiled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

#define CACHE LOCALSTATEDIR "/cache/lxs"

const struct compiled_kind compiled_seccomp = { "seccomp", UINT64_MAX };
/* A name of a container is in every one: those that come and go must not fill the disk. */
const struct compiled_kind compiled_apparmor = { "apparmor", 511 };

/* FORMAT goes up with every change of what a program consists of (filter.h), also within a version. */
enum { LINE_ROOM = 4400, FORMAT = 2, PATH_ROOM = 4000 };

/* Ordinary users have one of their own: a user believes only what he wrote himself, see is_ours(). */
static bool directory_of(const struct compiled_kind *kind, char path[static PATH_ROOM])
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int length;

	if (geteuid() == 0)
		length = snprintf(path, PATH_ROOM, CACHE "/%s", kind->directory);
	else if (cache && *cache == '/')
		length = snprintf(path, PATH_ROOM, "%s/lxs/%s", cache, kind->directory);
	else if (home && *home == '/')
		length = snprintf(path, PATH_ROOM, "%s/.cache/lxs/%s", home, kind->directory);
	else
		return false;
	return length < PATH_ROOM - 64;
}

static bool path_of(const struct compiled_kind *kind, const char *text, char path[static PATH_ROOM])
{
	size_t length;

	if (!directory_of(kind, path))
		return false;
	length = strlen(path);
	snprintf(path + length, PATH_ROOM - length, "/%016llx", (unsigned long long)(text_hash(text) & kind->names));
	return true;
}

/* With those above it that a user has not had yet; root's are made at installation. */
static bool directory_make(const struct compiled_kind *kind)
{
	char path[PATH_ROOM];

	if (!directory_of(kind, path))
		return false;
	for (char *slash = path; geteuid() != 0 && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* The first line for a compiler; false when there is no such file. */
static bool line_of(const char *compiler, char line[static LINE_ROOM])
{
	struct stat status;

	if (*compiler != '/' || strchr(compiler, '\n') || stat(compiler, &status) < 0)
		return false;
	return snprintf(line, LINE_ROOM, "lxs-filter %d %s %llu %llu %lld %s\n", FORMAT, VERSION,
			(unsigned long long)status.st_ino, (unsigned long long)status.st_size,
			(long long)status.st_mtime, compiler) < LINE_ROOM;
}

static size_t program_offset(size_t line, size_t text)
{
	return (line + text + 1 + 7) & ~(size_t)7;
}

/* Whether a file's contents are of this text and of the compiler as it is now. */
static bool is_current(const char *contents, size_t length, const char *text, size_t *offset)
{
	const char *end = memchr(contents, '\n', length), *compiler = end;
	char line[LINE_ROOM], path[LINE_ROOM];

	while (compiler && compiler > contents && compiler[-1] != ' ')
		compiler--;
	if (!end || snprintf(path, sizeof path, "%.*s", (int)(end - compiler), compiler) >= LINE_ROOM ||
	    !line_of(path, line) || strncmp(contents, line, strlen(line)) != 0)
		return false;
	*offset = program_offset(strlen(line), strlen(text));
	return *offset < length && strcmp(contents + strlen(line), text) == 0;
}

/* Nobody but us may have written it: the kernel will believe every bit. */
static bool is_ours(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH));
}

bool compiled_find(const struct compiled_kind *kind, const char *text, struct compiled *ret)
{
	owned_error ignored = ERROR_INIT;
	owned_str contents = NULL;
	char path[PATH_ROOM];
	owned_fd fd = -1;
	size_t length, offset;

	if (!path_of(kind, text, path))
		return false;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !is_ours(fd) || file_read_fd(fd, path, &contents, &length, &ignored) < 0 ||
	    !is_current(contents, length, text, &offset))
		return false;
	*ret = (struct compiled){ .bytes = contents + offset, .size = length - offset };
	ret->memory = steal_ptr(contents);
	return true;
}

/* Synced: a program that a crash cut short must not be taken for a whole one. */
static void file_put(const char *path, const struct buffer *contents)
{
	char beside[PATH_ROOM + 16];
	owned_fd fd = -1;

	snprintf(beside, sizeof beside, "%s.%d", path, (int)getpid());
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, contents->text, contents->length) != (ssize_t)contents->length || fsync(fd) < 0 ||
	    rename(beside, path) < 0)
		unlink(beside);
}

void compiled_keep(const struct compiled_kind *kind, const char *text, const char *compiler, const char *bytes, size_t size)
{
	static const char zeros[8] = "";
	owned_buffer contents = { 0 };
	char path[PATH_ROOM], line[LINE_ROOM];

	if (!line_of(compiler, line) || !path_of(kind, text, path) || !directory_make(kind))
		return;
	buffer_puts(&contents, line);
	buffer_puts(&contents, text);
	buffer_add(&contents, zeros, program_offset(strlen(line), strlen(text)) - contents.length);
	buffer_add(&contents, bytes, size);
	file_put(path, &contents);
}
