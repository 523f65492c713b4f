/*
 * Mounting root file systems (lib/rootfs_mount.h).  In lib because a start
 * does it on both of its sides, and create, copy and export besides.
 */
#include "lib/rootfs_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/block.h"
#include "lib/id_map.h"
#include "lib/mount.h"
#include "lib/overlay.h"
#include "lib/own.h"

const char *rootfs_source_place(const struct rootfs_source *source, size_t index)
{
	size_t lowers = 0;

	while (source->lowers && source->lowers[lowers])
		lowers++;
	if (index < lowers)
		return source->lowers[index];
	if (index == lowers)
		return source->path;
	return source->lowers && index == lowers + 1 ? source->work : NULL;
}

/* By its path, which may be new since a hook ran; where that is closed to us now, as it was opened before. */
static int place_open(const struct rootfs_source *source, const struct rootfs_mounting *how, size_t index)
{
	const char *path = rootfs_source_place(source, index);
	int fd = how->device >= 0 ? fcntl(how->device, F_DUPFD_CLOEXEC, 3) : open(path, O_PATH | O_CLOEXEC), code = errno;

	if (fd < 0 && code == EACCES && how->opened && how->opened[index] >= 0)
		fd = fcntl(how->opened[index], F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		return fd;
	/* A single place is named by who asked. */
	if (source->lowers)
		mount_detail_set(&how->detail, "%s", path);
	return -code;
}

/*
 * Ids on the disk are the container's own; the mount turns them into those of
 * its namespace.  Without being asked for it is done where `example` is such a
 * tree, by who owns it; any other has its owners already.
 */
static int ids_map(int mount, int example, const struct rootfs_mounting *how)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)how->userns };
	struct stat facts;

	if (how->userns < 0)
		return 0;
	if (fstat(example, &facts) < 0)
		return -errno;
	if (how->uids && id_map_tree_of(how->uids, facts.st_uid) != TREE_INSIDE)
		return 0;
	return mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0 ? -errno : 0;
}

/* ---- overlay ---- */

/* What is missing of upper and work directory is made, as LXC does. */
static void written_make(const struct rootfs_source *source)
{
	int saved = errno;

	mkdir(source->path, 0755);
	mkdir(source->work, 0755);
	errno = saved;
}

/*
 * A directory with other ids is a mount of its own.  The kernel takes only
 * layers that are attached somewhere in our namespace (until Linux 6.15), so
 * it goes onto `stand`, one on the other; nobody looks there.
 */
static int stand_mapped(int mount, int example, const struct rootfs_mounting *how)
{
	int code = ids_map(mount, example, how);

	if (code == 0 && how->stand >= 0)
		code = mount_attach(mount, how->stand);
	return code;
}

static int layer_map(int *layer, const struct rootfs_mounting *how)
{
	owned_fd mount = mount_copy(*layer, "", false);
	int code = mount < 0 ? mount : stand_mapped(mount, mount, how);

	if (code < 0)
		return code;
	own_close_fd(layer);
	*layer = steal_fd(&mount);
	return 0;
}

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* What is written and the work directory beside it must be of one mount. */
static int written_map(const struct rootfs_source *source, const struct rootfs_mounting *how, int *upper, int *work)
{
	owned_fd above = openat(*upper, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	owned_fd mount = above < 0 ? -errno : mount_copy(above, "", false);
	int code = mount < 0 ? mount : stand_mapped(mount, *upper, how);

	if (code < 0)
		return code;
	own_close_fd(upper);
	own_close_fd(work);
	*upper = openat(mount, last_part(source->path), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	*work = openat(mount, last_part(source->work), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *upper < 0 || *work < 0 ? -errno : 0;
}

/* Lower ones first, then what is written, then the work directory. */
struct layers { int fds[ROOTFS_PLACES_MAX]; size_t count; };

static void layers_done(struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++)
		own_close_fd(&layers->fds[i]);
}

static int layers_open(const struct rootfs_source *source, const struct rootfs_mounting *how, struct layers *layers)
{
	int *fds = layers->fds;
	int code = 0;

	for (size_t i = 0; rootfs_source_place(source, i); i++) {
		if (i == ROOTFS_PLACES_MAX)
			return -E2BIG;
		fds[i] = place_open(source, how, i);
		if (fds[i] < 0)
			return fds[i];
		layers->count++;
	}
	if (how->userns < 0)
		return 0;
	for (size_t i = 0; i < layers->count - 2 && code == 0; i++) {
		code = layer_map(&fds[i], how);
		if (code < 0)
			mount_detail_set(&how->detail, "the layer %s", source->lowers[i]);
	}
	return code < 0 ? code : written_map(source, how, &fds[layers->count - 2], &fds[layers->count - 1]);
}

/* Upper and work directory in memory; what was the upper one is then the topmost of those that are only read. */
static int memory_open(const struct rootfs_mounting *how, int *upper, int *work)
{
	static const struct filesystem memory = { .type = "tmpfs", .source = "none", .data = "mode=755" };
	owned_fd mount = filesystem_new(&memory, &how->detail);
	int code;

	if (mount < 0)
		return mount;
	code = how->stand >= 0 ? mount_attach(mount, how->stand) : 0;
	if (code < 0)
		return code;
	if (mkdirat(mount, "upper", 0755) < 0 || mkdirat(mount, "work", 0755) < 0)
		return -errno;
	*upper = openat(mount, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*work = openat(mount, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *upper < 0 || *work < 0 ? -errno : 0;
}

static int overlay_of(const struct rootfs_source *source, const struct rootfs_mounting *how)
{
	__attribute__((cleanup(layers_done))) struct layers layers = { .count = 0 };
	owned_fd upper = -1, work = -1;
	struct overlay overlay = { .data = source->data };
	bool only_read = source->tmpfs || source->readonly;
	int code = 0;

	written_make(source);
	code = layers_open(source, how, &layers);
	if (code < 0)
		return code;
	if (source->tmpfs)
		code = memory_open(how, &upper, &work);
	if (code < 0)
		return code;
	if (only_read) {
		int top = layers.fds[layers.count - 2];

		memmove(layers.fds + 1, layers.fds, (layers.count - 2) * sizeof *layers.fds);
		layers.fds[0] = top;
		overlay.lower_count = layers.count - 1;
	} else {
		overlay.lower_count = layers.count - 2;
	}
	overlay.lowers = layers.fds;
	overlay.upper = only_read ? upper : layers.fds[layers.count - 2];
	overlay.work = only_read ? work : layers.fds[layers.count - 1];
	return overlay_mount(&overlay, &how->detail);
}

/* ---- the rest ---- */

static int mapped(int mount, const struct rootfs_mounting *how)
{
	owned_fd owned = mount;
	int code = mount < 0 ? mount : ids_map(mount, mount, how);

	if (code >= 0)
		return steal_fd(&owned);
	if (mount >= 0 && !how->uids)
		return code;
	if (mount < 0)
		return mount;
	/* Without being asked for: as it is, and the container will have to do with it. */
	mount_detail_set(&how->detail, "its files have the ids of inside, and its file system cannot map them");
	return steal_fd(&owned);
}

static bool is_directory_type(const char *type)
{
	return strcmp(type, "dir") == 0 || strcmp(type, "btrfs") == 0;
}

int rootfs_mount(const struct rootfs_source *source, const struct rootfs_mounting *how)
{
	const struct filesystem dataset = {
		.type = "zfs", .source = source->path, .data = source->data, .readonly = source->readonly,
	};
	owned_fd place = -1;
	struct stat facts;

	if (source->lowers)
		return overlay_of(source, how);
	if (strcmp(source->type, "zfs") == 0)
		return mapped(filesystem_new(&dataset, &how->detail), how);
	place = place_open(source, how, 0);
	if (place < 0)
		return place;
	if (fstat(place, &facts) < 0)
		return -errno;
	if (!S_ISDIR(facts.st_mode) && is_directory_type(source->type)) {
		mount_detail_set(&how->detail, "it is not a directory");
		return -ECANCELED;
	}
	if (S_ISDIR(facts.st_mode))
		return mapped(mount_copy(place, "", !how->alone), how);
	if (S_ISREG(facts.st_mode) || S_ISBLK(facts.st_mode))
		return mapped(block_mount(place, S_ISREG(facts.st_mode), source->data, source->readonly, &how->detail), how);
	mount_detail_set(&how->detail, "it is neither a directory nor an image nor a block device");
	return -ECANCELED;
}
