/*
 * Protected programs (lib/program.h), for lxs-init and lxs-enter.  A copy in
 * memory rather than always a mount: to let go of a mount the kernel waits for
 * all processors, which takes longer than everything else about it.
 */
#include "lib/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mount.h"
#include "lib/own.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* MFD_EXEC must be said since Linux 6.3, and is not known before. */
static int memory_open(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, name, flags | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_memfd_create, name, flags);
	return fd;
}

static int sealed_copy(const char *path)
{
	owned_fd copy = memory_open(path);
	owned_fd file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (copy < 0 || file < 0 || fstat(file, &status) < 0)
		return -errno;
	while (status.st_size > 0) {
		ssize_t done = sendfile(copy, file, NULL, (size_t)status.st_size);

		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		status.st_size -= done;
	}
	if (fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	return steal_fd(&copy);
}

static int lonely_mount(const char *path)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	owned_fd mount = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	/* An ordinary user may not, and need not: the file is not his to write. */
	if (mount < 0 && errno == EPERM && geteuid() != 0)
		mount = open(path, O_PATH | O_CLOEXEC);
	else if (mount >= 0 && mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
		return -errno;
	return mount < 0 ? -errno : steal_fd(&mount);
}

int program_hold(const char *path)
{
	int fd = sealed_copy(path);

	return fd == -EACCES || fd == -ENOSYS ? lonely_mount(path) : fd;
}
