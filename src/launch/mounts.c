/*
 * Steps that mount something in the container; see mounts.h.  They run
 * between clone3 and exec and allocate nothing.
 */
#include "launch/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/mount_map.h"
#include "lib/filesystem.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/rootfs.h"

static int target_fail(struct inside *inside, const char *path, int code)
{
	const char *refusal = rootfs_refusal(code);

	path += strspn(path, "/");
	if (refusal)
		return inside_fail(inside, EXDEV, "/%s %s", path, refusal);
	if (code == ENOENT)
		return inside_fail(inside, ECANCELED,
				   "there is no /%s in the container (create=dir or create=file makes it)", path);
	return inside_fail(inside, code, "/%s in the container", path);
}

int mount_target(struct inside *inside, const char *path, char create)
{
	int fd;

	if (create == 'd')
		fd = rootfs_directory(inside->root, path, 0755);
	else if (create == 'f')
		fd = rootfs_file(inside->root, path, 0);
	else
		fd = rootfs_open(inside->root, path, O_PATH);
	return fd < 0 ? target_fail(inside, path, -fd) : fd;
}

int mount_change(int mount, const struct mount_change *change)
{
	unsigned recursive = change->recursive ? AT_RECURSIVE : 0;
	struct mount_attr attributes = { .attr_set = change->set, .attr_clr = change->clear };
	struct mount_attr propagation = { .propagation = change->propagation & ~(uint64_t)MS_REC };

	if ((change->set || change->clear) &&
	    mount_setattr(mount, "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes) < 0)
		return -errno;
	recursive = change->propagation & MS_REC ? AT_RECURSIVE : 0;
	if (propagation.propagation &&
	    mount_setattr(mount, "", AT_EMPTY_PATH | recursive, &propagation, sizeof propagation) < 0)
		return -errno;
	return 0;
}

int mount_bind_on(struct inside *inside, int directory, const char *path, const char *target, char create)
{
	owned_fd mount = mount_copy(directory, path, false);
	owned_fd place = -1;

	if (mount < 0)
		return mount;
	place = mount_target(inside, target, create);
	return place < 0 ? place : mount_attach(mount, place);
}

/* ---- new file systems ---- */

int mount_new(struct inside *inside, const struct step_filesystem *args)
{
	const struct mount_detail detail = { inside->detail, sizeof inside->detail };
	const struct filesystem wanted = {
		.type = args->type, .source = args->source, .data = args->data, .readonly = args->readonly,
		.attributes = args->attr_set,
	};

	return filesystem_new(&wanted, &detail);
}

static unsigned long legacy_flags(uint64_t attributes)
{
	static const struct { uint64_t attribute; unsigned long flag; } rows[] = {
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },   { MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },     { MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_NOATIME, MS_NOATIME }, { MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
	};
	unsigned long flags = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (attributes & rows[i].attribute)
			flags |= rows[i].flag;
	return flags;
}

/* mount(2) on a descriptor, for what the newer calls cannot say (texts beyond 255 bytes). */
static int mount_legacy(const struct step_filesystem *args, int target)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", target);
	if (mount(args->source, path, args->type, legacy_flags(args->attr_set), args->data) < 0)
		return -errno;
	if (args->propagation && mount(NULL, path, NULL, args->propagation, NULL) < 0)
		return -errno;
	return 0;
}

/* ---- steps ---- */

int inside_filesystem(struct inside *inside, const struct step *step)
{
	const struct step_filesystem *args = step->args;
	struct mount_change change = { .propagation = args->propagation };
	owned_fd target = mount_target(inside, args->target, args->create);
	owned_fd mount = -1;
	int code;

	if (target < 0)
		return target;
	mount = mount_new(inside, args);
	if (mount == -E2BIG)
		return mount_legacy(args, target);
	if (mount < 0)
		return mount;
	code = mount_attach(mount, target);
	if (code == 0)
		code = mount_change(mount, &change);
	own_close_fd(&inside->mounted);
	inside->mounted = steal_fd(&mount);
	return code;
}

/* A path of the rootfs, or of the file system mounted last. */
static int bind_open(struct inside *inside, const struct step_bind *args, const char *path)
{
	return args->within ? rootfs_open(inside->mounted, path + strlen(args->within), O_PATH)
			    : rootfs_open(inside->root, path, O_PATH);
}

static int bind_source(struct inside *inside, const struct step_bind *args)
{
	owned_fd source = -1;

	if (!args->relative)
		return mount_copy(AT_FDCWD, args->source, args->recursive);
	source = bind_open(inside, args, args->source);
	if (source == -ENOENT)
		return source;
	if (source < 0)
		return target_fail(inside, args->source, -source);
	return mount_copy(source, "", args->recursive);
}

static bool is_directory(int fd)
{
	struct stat facts;

	return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
}

int inside_bind(struct inside *inside, const struct step *step)
{
	const struct step_bind *args = step->args;
	struct mount_change attributes = { .set = args->attr_set, .clear = args->attr_clear, .recursive = args->recursive };
	struct mount_change propagation = { .propagation = args->propagation };
	owned_fd mount = bind_source(inside, args);
	owned_fd target = -1;
	int code;

	if (mount == -ENOENT && args->if_exists)
		return 0;
	if (mount < 0)
		return mount;
	code = args->idmap ? inside_mount_map(inside, step, mount) : 0;
	if (code == 0)
		code = mount_change(mount, &attributes);
	if (code < 0)
		return code;
	target = args->within ? bind_open(inside, args, args->target) : mount_target(inside, args->target, args->create);
	if (target < 0)
		return target;
	code = mount_attach(mount, target);
	/* mount(2) has a word for it, move_mount(2) has not. */
	if (code == -EINVAL && is_directory(mount) != is_directory(target))
		return -ENOTDIR;
	return code < 0 ? code : mount_change(mount, &propagation);
}

int inside_attributes(struct inside *inside, const struct step *step)
{
	const struct step_attributes *args = step->args;
	struct mount_change change = {
		.set = args->attr_set, .clear = args->attr_clear,
		.propagation = args->propagation, .recursive = args->recursive,
	};
	owned_fd target = mount_target(inside, args->target, 0);

	return target < 0 ? target : mount_change(target, &change);
}

int inside_directory(struct inside *inside, const struct step *step)
{
	const struct step_path *args = step->args;
	owned_fd directory = rootfs_directory(inside->root, args->target, args->mode);

	return directory < 0 ? target_fail(inside, args->target, -directory) : 0;
}

int inside_unmount(struct inside *inside, const struct step *step)
{
	const struct step_path *args = step->args;
	owned_fd target = rootfs_open(inside->root, args->target, O_PATH);
	char path[40];

	if (target == -ENOENT)
		return 0;
	if (target < 0)
		return target_fail(inside, args->target, -target);
	snprintf(path, sizeof path, "/proc/self/fd/%d", target);
	/* EINVAL: nothing is mounted there. */
	return umount2(path, MNT_DETACH) < 0 && errno != EINVAL ? -errno : 0;
}
