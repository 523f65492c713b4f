/*
 * Attributes of files (lib/attributes.h).  The order matters: a change of
 * owner takes set-user-id bits and capabilities away, and all of it the times.
 */
#include "lib/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/xattr.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/own.h"

enum { PROC_PATH = 32 + NAME_MAX };

/*
 * Labels of a security module are the host's to give, and a file system may
 * know fewer attributes than the one that is copied; a capability that gets
 * lost would leave a program that does not work.
 */
static bool may_be_lost(const char *name, int code)
{
	if (strcmp(name, "security.capability") == 0)
		return false;
	return code == EOPNOTSUPP || (code == EPERM && strncmp(name, "user.", 5) != 0);
}

/* Two paths, of which the last part is meant itself (`link`) or what it leads to: a descriptor's name in /proc is a link. */
struct pair { const char *from, *to; bool link; };

static ssize_t value_get(const struct pair *pair, const char *name, void *value, size_t size)
{
	return pair->link ? lgetxattr(pair->from, name, value, size) : getxattr(pair->from, name, value, size);
}

static ssize_t names_get(const struct pair *pair, char *names, size_t size)
{
	return pair->link ? llistxattr(pair->from, names, size) : listxattr(pair->from, names, size);
}

static int value_set(const struct pair *pair, const char *name, const void *value, size_t size)
{
	return pair->link ? lsetxattr(pair->to, name, value, size, 0) : setxattr(pair->to, name, value, size, 0);
}

static int xattr_copy(const struct pair *pair, const char *name)
{
	owned_str value = NULL;
	ssize_t size = value_get(pair, name, NULL, 0), got;

	if (size < 0)
		return errno == ENODATA || may_be_lost(name, errno) ? 0 : -errno;
	value = malloc((size_t)size + 1);
	if (!value)
		return -ENOMEM;
	got = value_get(pair, name, value, (size_t)size);
	if (got < 0)
		return errno == ENODATA ? 0 : -errno;
	if (value_set(pair, name, value, (size_t)got) < 0)
		return may_be_lost(name, errno) ? 0 : -errno;
	return 0;
}

static int xattrs_copy(const struct pair *pair)
{
	char some[1024];
	owned_str more = NULL;
	char *names = some;
	ssize_t size = names_get(pair, some, sizeof some);
	int code = 0;

	if (size < 0 && errno == ERANGE) {
		size = names_get(pair, NULL, 0);
		names = more = size > 0 ? malloc((size_t)size) : NULL;
		size = more ? names_get(pair, more, (size_t)size) : -1;
	}
	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	for (const char *name = names; name < names + size && code == 0; name += strlen(name) + 1)
		code = xattr_copy(pair, name);
	return code;
}

static int lasting_copy(int from, int to, const struct stat *facts)
{
	char from_path[PROC_PATH], to_path[PROC_PATH];

	if (fchown(to, facts->st_uid, facts->st_gid) < 0 || fchmod(to, facts->st_mode & 07777) < 0)
		return -errno;
	snprintf(from_path, sizeof from_path, "/proc/self/fd/%d", from);
	snprintf(to_path, sizeof to_path, "/proc/self/fd/%d", to);
	return xattrs_copy(&(struct pair){ from_path, to_path, false });
}

int attributes_copy(int from, int to, const struct stat *facts)
{
	const struct timespec times[2] = { facts->st_atim, facts->st_mtim };
	int code = lasting_copy(from, to, facts);

	if (code < 0)
		return code;
	return futimens(to, times) < 0 ? -errno : 0;
}

int attributes_inherit(int from, int to, const struct stat *facts)
{
	if (fremovexattr(to, XATTR_NAME_POSIX_ACL_ACCESS) < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return -errno;
	return lasting_copy(from, to, facts);
}

int attributes_copy_at(int from, int to, const char *name, const struct stat *facts)
{
	const struct timespec times[2] = { facts->st_atim, facts->st_mtim };
	char from_path[PROC_PATH], to_path[PROC_PATH];
	int code;

	if (fchownat(to, name, facts->st_uid, facts->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISLNK(facts->st_mode) && fchmodat(to, name, facts->st_mode & 07777, 0) < 0)
		return -errno;
	snprintf(from_path, sizeof from_path, "/proc/self/fd/%d/%s", from, name);
	snprintf(to_path, sizeof to_path, "/proc/self/fd/%d/%s", to, name);
	code = xattrs_copy(&(struct pair){ from_path, to_path, true });
	if (code < 0)
		return code;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}
