/*
 * Steps that make the container's root.  The rootfs is copied as a detached
 * mount, so its attributes hold before anything can be reached through it, and
 * all later steps go through its descriptor.
 */
#include "launch/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/mounts.h"
#include "launch/report.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/rootfs.h"

/*
 * A guest that may mount can remount its root read-only and so the whole file
 * system, which may be the host's; not while a file on it is open for
 * writing.  The file has no name.  Where none can be made (read-only, NFS)
 * there is nothing to keep, or no way to; a missing rootfs is reported by the
 * step that mounts it.
 */
int launch_pin(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_pin *args = step->args;

	(void)err;
	launch->rootfs = open(args->path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return 0;
}

/* Made for the container on the host: kept at the end, like the container's other files. */
int launch_host_directory(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_path *args = step->args;
	owned_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	owned_fd made = root < 0 ? -errno : rootfs_directory(root, args->target, args->mode);

	(void)launch;
	return made < 0 ? launch_report(step, -made, "", err) : 0;
}

int inside_propagation(struct inside *inside, const struct step *step)
{
	const struct step_propagation *args = step->args;

	(void)inside;
	return mount(NULL, "/", NULL, args->flags, NULL) < 0 ? -errno : 0;
}

/* The place on the host where hooks find the mounted rootfs; made when missing. */
static int mountpoint_open(struct inside *inside, const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), root;

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return inside_fail(inside, errno, "lxc.rootfs.mount, %s", path);
	root = inside_host_root(inside);
	fd = root < 0 ? root : rootfs_directory(root, path, 0755);
	return fd < 0 ? inside_fail(inside, -fd, "lxc.rootfs.mount, %s", path) : fd;
}

static int tree_open(struct inside *inside, const struct step_rootfs *args, int place)
{
	struct mount_change change = {
		.set = args->attr_set, .clear = args->attr_clear, .propagation = args->propagation, .recursive = true,
	};
	const struct rootfs_mounting how = {
		.opened = inside->places, .device = inside->launch->device, .stand = place, .userns = -1,
		.detail = { inside->detail, sizeof inside->detail },
	};
	owned_fd tree = rootfs_mount(&args->source, &how);
	int code = tree < 0 ? tree : mount_change(tree, &change);

	return code < 0 ? code : steal_fd(&tree);
}

int inside_rootfs(struct inside *inside, const struct step *step)
{
	const struct step_rootfs *args = step->args;
	owned_fd tree = -1;
	owned_fd place = -1;
	int code;

	if (!args->mountpoint) {
		inside->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return inside->root < 0 ? -errno : 0;
	}
	place = mountpoint_open(inside, args->mountpoint);
	if (place < 0)
		return place;
	tree = inside->tree >= 0 ? steal_fd(&inside->tree) : tree_open(inside, args, place);
	if (tree < 0)
		return tree;
	code = mount_attach(tree, place);
	if (code < 0)
		return code;
	inside->root = steal_fd(&tree);
	return 0;
}

/*
 * Both arguments are the new root: the old one is stacked on it for a moment
 * and then detached, so it needs no directory in the guest (pivot_root(2)).
 */
int inside_pivot(struct inside *inside, const struct step *step)
{
	(void)step;
	/* A user namespace is given a procfs as long as it sees a whole one: the host's, which goes now. */
	if (inside->mapped)
		inside_proc(inside);
	if (fchdir(inside->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	inside_shed_host(inside);
	/* A peer group of its own, not the host's: services inside want mounts to reach their own namespaces. */
	return mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL) < 0 ? -errno : 0;
}
