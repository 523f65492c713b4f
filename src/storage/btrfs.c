/*
 * btrfs: the root file system is a subvolume, and a copy of it a snapshot
 * that shares all data.  By ioctl_btrfs(2): no program is needed.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/own.h"

static bool btrfs_available(const struct storage_request *request)
{
	struct statfs facts;

	return statfs(request->directory, &facts) == 0 && facts.f_type == BTRFS_SUPER_MAGIC;
}

static int btrfs_name(const struct storage_request *request, char **path, struct error *err)
{
	if (storage_name_directory("btrfs", request, path, err) < 0)
		return -1;
	/* What is empty there makes room for the subvolume. */
	if (rmdir(*path + strlen("btrfs:")) == 0 || errno == ENOENT)
		return 0;
	return error_set(err, errno, "cannot make room at %s", *path);
}

/* The directory above, and the name in it. */
static int parent_open(const char *path, const char **name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	owned_str above = strndup(path, slash > path ? (size_t)(slash - path) : 1);
	int fd = above ? open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	*name = slash + 1;
	return fd < 0 ? error_set(err, errno, "cannot open the directory of %s", path) : fd;
}

static int made_check(const char *path, int answer, struct error *err)
{
	int code = errno;

	if (answer == 0)
		return 0;
	error_set(err, code, "cannot make the subvolume %s", path);
	return code == ENOTTY ? error_hint(err, "its file system is not btrfs: use dir or overlay") : -1;
}

static int btrfs_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	const char *name;
	owned_fd above = parent_open(made->path, &name, err);

	(void)request;
	if (above < 0)
		return -1;
	if (strlen(name) >= sizeof args.name)
		return error_set(err, ENAMETOOLONG, "cannot make the subvolume %s", made->path);
	memcpy(args.name, name, strlen(name));
	return made_check(made->path, ioctl(above, BTRFS_IOC_SUBVOL_CREATE, &args), err);
}

static int btrfs_clone(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	struct btrfs_ioctl_vol_args_v2 args = { 0 };
	const char *name;
	owned_fd above = parent_open(made->path, &name, err);
	owned_fd from = above < 0 ? -1 : open(request->from->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (above < 0)
		return -1;
	if (from < 0)
		return error_set(err, errno, "cannot open %s", request->from->path);
	if (strlen(name) >= sizeof args.name)
		return error_set(err, ENAMETOOLONG, "cannot make the subvolume %s", made->path);
	memcpy(args.name, name, strlen(name));
	args.fd = from;
	return made_check(made->path, ioctl(above, BTRFS_IOC_SNAP_CREATE_V2, &args), err);
}

/* Its number beside that of its first directory, which is the same in all and as old as that of what it is a snapshot of. */
static int btrfs_identify(const struct rootfs_source *source, char **ret, struct error *err)
{
	owned_fd subvolume = open(source->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct btrfs_ioctl_get_subvol_info_args facts;
	owned_str directory = NULL;

	if (storage_identify_file(source, &directory, err) < 0)
		return -1;
	if (!directory || subvolume < 0 || ioctl(subvolume, BTRFS_IOC_GET_SUBVOL_INFO, &facts) < 0)
		*ret = steal_ptr(directory);
	else if (asprintf(ret, "%s.%llu", directory, facts.treeid) < 0)
		return error_set(err, ENOMEM, "cannot look at %s", source->path);
	return 0;
}

/*
 * At once; where that is not allowed, or other subvolumes are in it, file by
 * file: an empty subvolume is removed as a directory is.
 */
static int btrfs_destroy(const struct rootfs_source *source, struct error *err)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	owned_error ignored = ERROR_INIT;
	const char *name;
	owned_fd above = parent_open(source->path, &name, &ignored);

	if (above >= 0 && strlen(name) < sizeof args.name && storage_refuse_mounts(source->path, err) < 0)
		return -1;
	if (above >= 0 && strlen(name) < sizeof args.name) {
		memcpy(args.name, name, strlen(name));
		if (ioctl(above, BTRFS_IOC_SNAP_DESTROY, &args) == 0)
			return 0;
	}
	return storage_remove_directory(source->path, err);
}

const struct storage_ops storage_btrfs = {
	.name = "btrfs", .available = btrfs_available, .name_new = btrfs_name, .create = btrfs_create,
	.clone = btrfs_clone, .identify = btrfs_identify, .destroy = btrfs_destroy,
};
