/*
 * Fills the root file system of a copy (provision/copy_fill.h).  Apart from
 * copy.c because all of it runs in a child process.
 */
#include "provision/copy_fill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/identity.h"
#include "provision/provision.h"
#include "provision/verb_hooks.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/tree_copy.h"

int rootfs_open_unseen(const struct rootfs_source *source, struct error *err)
{
	char detail[512] = "";
	struct rootfs_mounting how = {
		.device = -1, .stand = -1, .alone = true, .userns = -1, .detail = { detail, sizeof detail },
	};
	owned_fd device = -1;
	int tree;

	if (storage_attach(source, &device, err) < 0)
		return -1;
	how.device = device;
	tree = rootfs_mount(source, &how);
	if (tree >= 0)
		return tree;
	error_set(err, tree == -ECANCELED ? 0 : -tree, "cannot mount %s%s%s", source->path, *detail ? ": " : "", detail);
	return -1;
}

int rootfs_write_through(int root, const struct rootfs_source *source, struct error *err)
{
	owned_fd top = -1;

	if (storage_tree(source))
		return 0;
	/* A mount's own descriptor is none of a file. */
	top = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top >= 0 && syncfs(top) == 0)
		return 0;
	return error_set(err, errno, "cannot write all to %s", source->path);
}

bool copy_has_hooks(const struct container *source)
{
	return settings_values(source->settings, "lxc.hook.clone")->count > 0;
}

static int content_copy(const struct copy_fill *fill, struct error *err)
{
	struct rootfs_source quiet = *fill->from;
	owned_fd from = -1, to = -1;

	/* An overlay without a writable layer is another thing; nothing of it is written here. */
	quiet.readonly = !quiet.lowers;
	from = rootfs_open_unseen(&quiet, err);
	if (from < 0)
		return -1;
	to = rootfs_open_unseen(fill->to, err);
	if (to < 0)
		return -1;
	/* A new ext4 has this directory; the source brings its own, or has done without. */
	unlinkat(to, "lost+found", AT_REMOVEDIR);
	return tree_copy(from, to, fill->from->path, err) < 0 ? -1 : rootfs_write_through(to, fill->to, err);
}

/* LXC's hooks find the tree at a path: that of a directory, else where the mount is attached for them. */
static int hooks_run(const struct copy_fill *fill, int root, struct error *err)
{
	const char *place = settings_string(fill->target->settings, "lxc.rootfs.mount");
	struct verb_hooks hooks = {
		.type = "clone", .source_name = fill->source->name, .extra = fill->options->hook_arguments,
		.rootfs_mount = storage_tree(fill->to),
	};
	owned_fd target = -1;

	if (fill->to->lowers || !hooks.rootfs_mount) {
		target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (target < 0)
			return error_set(err, errno, "lxc.rootfs.mount, %s", place);
		if (mount_attach(root, target) < 0)
			return error_set(err, errno, "cannot mount the root file system on %s", place);
		hooks.rootfs_mount = place;
	}
	return verb_hooks_run(fill->target, &hooks, err);
}

static int fill_run(void *data, struct error *err)
{
	const struct copy_fill *fill = data;
	const struct copy_options *options = fill->options;
	const struct identity identity = {
		.hostname = options->keep_name ? NULL : fill->target->name, .old_hostname = fill->source->name,
		.keep = options->identical, .kept = fill->kept,
	};
	owned_fd root = -1;

	umask(0022);
	if (fill->clone ? fill->ops->clone(fill->request, fill->to, err) < 0
			: fill->ops->create(fill->request, fill->to, err) < 0 || content_copy(fill, err) < 0)
		return -1;
	if (identity.keep && !identity.hostname && options->quiet_hooks)
		return 0;
	root = rootfs_open_unseen(fill->to, err);
	if (root < 0 || identity_renew(root, &identity, err) < 0)
		return -1;
	if (!options->quiet_hooks && copy_has_hooks(fill->source) && hooks_run(fill, root, err) < 0)
		return -1;
	return rootfs_write_through(root, fill->to, err);
}

/* An empty layer or a subvolume is made at once, and only hooks have to see it mounted. */
static bool is_quick(const struct copy_fill *fill)
{
	bool at_once = fill->ops == &storage_btrfs || (fill->ops == &storage_overlay && !fill->from->lowers);

	return fill->clone && at_once && !copy_has_hooks(fill->source);
}

int copy_fill(const struct copy_fill *fill, const struct mapping *mapping, const struct interrupt *interrupt,
	      struct error *err)
{
	mode_t before;
	int answer;

	if (mapping || !is_quick(fill))
		return mapping_call_held(mapping, fill_run, (void *)fill, interrupt, err);
	before = umask(0022);
	answer = fill_run((void *)fill, err);
	umask(before);
	return answer;
}
