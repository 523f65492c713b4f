/*
 * Replacing whole files (lib/file.h).  Apart because configs and caches all
 * want the same care: no half-written file is ever seen.
 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"

enum { LINKS_MAX = 40 }; /* the kernel's own limit */

/* The name must not outlive a failure; after the rename there is nothing left to remove. */
static int fill(int fd, const char *text, size_t length, const struct stat *old, mode_t mode)
{
	if (old && fchown(fd, old->st_uid, old->st_gid) < 0 &&
	    (geteuid() != old->st_uid || getegid() != old->st_gid))
		return -1;
	if (fchmod(fd, old ? old->st_mode & 07777 : mode) < 0)
		return -1;
	if (file_write(fd, text, length) < 0)
		return -1;
	return fsync(fd);
}

/* The directory that `path` is in. */
static int directory_open(const char *path)
{
	owned_str copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash)
		slash[slash == copy ? 1 : 0] = '\0';
	return copy ? open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* A new file: where the file system can do that without a name, so that nobody has to remove it. */
static int new_open(int directory, char *named)
{
	int fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT))
		fd = mkostemp(named, O_CLOEXEC);
	else
		*named = '\0';
	return fd;
}

/* Allocated; NULL without memory. */
static char *name_beside(const char *name)
{
	char *beside = NULL;

	return asprintf(&beside, ".%s.new", name) < 0 ? NULL : beside;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Gives the file without a name one beside that of `target`, from where it
 * can take that place.  The name is always the same: what a killed command
 * has left under it, the next one replaces.  Of two at a time one takes the
 * other's away, and that one tries again.  What is there for the first time
 * gets its own name at once.
 */
static int put_in_place(int fd, int directory, const char *target)
{
	const char *name = last_part(target);
	owned_str beside = name_beside(name);
	char link[32];
	int answer;

	if (!beside) {
		errno = ENOMEM;
		return -1;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link, directory, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	do {
		answer = linkat(AT_FDCWD, link, directory, beside, AT_SYMLINK_FOLLOW);
		if (answer < 0 && errno == EEXIST)
			answer = unlinkat(directory, beside, 0) < 0 && errno != ENOENT ? -1 : 1;
		else if (answer == 0)
			answer = renameat(directory, beside, directory, name) == 0 ? 0 : errno == ENOENT ? 1 : -1;
	} while (answer > 0);
	if (answer < 0) {
		int code = errno;

		unlinkat(directory, beside, 0);
		errno = code;
	}
	return answer;
}

/* Where a chain of links ends, so that a link stays one and its file is replaced; NULL: no memory. */
static char *link_follow(const char *path)
{
	owned_str target = strdup(path);

	for (int links = 0; target && links < LINKS_MAX; links++) {
		char link[PATH_MAX];
		ssize_t length = readlink(target, link, sizeof link - 1);
		const char *slash = strrchr(target, '/');
		char *next;

		if (length < 0)
			break;
		link[length] = '\0';
		if (asprintf(&next, "%.*s%s", *link != '/' && slash ? (int)(slash + 1 - target) : 0, target, link) < 0)
			return NULL;
		own_free(&target);
		target = next;
	}
	return steal_ptr(target);
}

int file_replace(const char *path, const char *text, size_t length, mode_t mode, struct error *err)
{
	owned_str target = link_follow(path);
	owned_str temporary = NULL;
	owned_fd fd = -1, directory = -1;
	struct stat old;
	bool exists;

	if (!target || asprintf(&temporary, "%s.XXXXXX", target) < 0) {
		temporary = NULL;
		return error_set(err, ENOMEM, "cannot write %s", path);
	}
	exists = stat(target, &old) == 0;
	directory = directory_open(target);
	fd = directory < 0 ? -1 : new_open(directory, temporary);
	if (fd < 0)
		return error_set(err, errno, "cannot create a file beside %s", target);
	if (fill(fd, text, length, exists ? &old : NULL, mode) < 0 ||
	    (*temporary ? rename(temporary, target) : put_in_place(fd, directory, target)) < 0) {
		error_set(err, errno, "cannot write %s", target);
		if (*temporary)
			unlink(temporary);
		return -1;
	}
	fsync(directory);
	return 0;
}

void file_replace_clear(const char *path)
{
	owned_fd directory = directory_open(path);
	owned_str beside = name_beside(last_part(path));

	if (directory >= 0 && beside)
		unlinkat(directory, beside, 0);
}
