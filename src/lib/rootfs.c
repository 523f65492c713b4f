/*
 * Opens paths beneath a root file system without ever leaving it; see
 * rootfs.h.  Apart because no other file may join a path under a rootfs.
 */
#include "lib/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"

/*
 * Modes come out as asked for because the umask is put aside around each
 * making: a chmod afterwards would be a second look-up of a name that the
 * guest may have replaced by a symbolic link meanwhile.
 */

/* The kernel asks for another try when somebody renames directories under a path with "..". */
enum { RENAME_RETRIES = 32 };

static const char *skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

int rootfs_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	path = skip_slashes(path);
	if (*path == '\0')
		path = ".";
	for (int i = 0; i < RENAME_RETRIES; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd >= 0 ? (int)fd : -errno;
}

int rootfs_parent(int root, const char *path, const char **name)
{
	char parent[PATH_MAX];
	const char *slash;

	path = skip_slashes(path);
	slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
		return -EINVAL;
	if (!slash)
		return rootfs_open(root, ".", O_PATH | O_DIRECTORY);
	if ((size_t)(slash - path) >= sizeof parent)
		return -ENAMETOOLONG;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	return rootfs_open(root, parent, O_PATH | O_DIRECTORY);
}

/* Makes the one directory `path`, all above it being there.  Parts that cannot be made ("..") are there. */
static int make_one(int root, const char *path, mode_t mode)
{
	const char *name;
	owned_fd parent = rootfs_parent(root, path, &name);
	mode_t mask;
	int made;

	if (parent == -EINVAL)
		return 0;
	if (parent < 0)
		return parent;
	mask = umask(0);
	made = mkdirat(parent, name, mode) < 0 && errno != EEXIST ? -errno : 0;
	umask(mask);
	return made;
}

int rootfs_directory(int root, const char *path, mode_t mode)
{
	char prefix[PATH_MAX];
	int fd = rootfs_open(root, path, O_PATH | O_DIRECTORY);
	size_t length, end;
	int made;

	if (fd != -ENOENT)
		return fd;
	path = skip_slashes(path);
	length = strlen(path);
	while (length > 0 && path[length - 1] == '/')
		length--;
	if (length >= sizeof prefix)
		return -ENAMETOOLONG;
	for (end = 0; end < length; end++) {
		end += strcspn(path + end, "/");
		if (end > length)
			end = length;
		memcpy(prefix, path, end);
		prefix[end] = '\0';
		made = make_one(root, prefix, end < length ? 0755 : mode);
		if (made < 0)
			return made;
	}
	return rootfs_open(root, path, O_PATH | O_DIRECTORY);
}

static int make_parents(int root, const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	if (!slash || slash == path)
		return 0;
	if ((size_t)(slash - path) >= sizeof parent)
		return -ENAMETOOLONG;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	fd = rootfs_directory(root, parent, 0755);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int rootfs_file(int root, const char *path, mode_t mode)
{
	int fd = rootfs_open(root, path, O_PATH), made;

	if (fd != -ENOENT)
		return fd;
	made = make_parents(root, path);
	if (made < 0)
		return made;
	made = rootfs_node(root, path, S_IFREG | mode, 0);
	if (made < 0 && made != -EEXIST)
		return made;
	return rootfs_open(root, path, O_PATH);
}

int rootfs_symlink(int root, const char *contents, const char *path)
{
	const char *name;
	owned_fd parent = rootfs_parent(root, path, &name);

	if (parent < 0)
		return parent;
	return symlinkat(contents, parent, name) < 0 ? -errno : 0;
}

int rootfs_node(int root, const char *path, mode_t mode, dev_t device)
{
	const char *name;
	owned_fd parent = rootfs_parent(root, path, &name);
	mode_t mask;
	int made;

	if (parent < 0)
		return parent;
	mask = umask(0);
	made = mknodat(parent, name, mode, device) < 0 ? -errno : 0;
	umask(mask);
	return made;
}

ssize_t rootfs_read(int root, const char *path, char *buffer, size_t size)
{
	owned_fd fd = rootfs_open(root, path, O_RDONLY | O_NOCTTY);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	while (used < size - 1) {
		got = read(fd, buffer + used, size - 1 - used);
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	buffer[used] = '\0';
	return (ssize_t)used;
}

int rootfs_write(int root, const char *path, const char *text)
{
	owned_fd fd = rootfs_open(root, path, O_WRONLY | O_NOCTTY);
	size_t length = strlen(text);
	ssize_t put;

	if (fd < 0)
		return fd;
	put = write(fd, text, length);
	if (put < 0)
		return -errno;
	return (size_t)put == length ? 0 : -EIO;
}

const char *rootfs_refusal(int code)
{
	switch (code) {
	case EXDEV: return "leads out of the rootfs through a symbolic link or '..'";
	case ELOOP: return "goes through too many symbolic links, or one of /proc that leads anywhere";
	default:    return NULL;
	}
}
