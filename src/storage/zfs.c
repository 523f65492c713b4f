/*
 * zfs: the root file system is a data set; a copy that shares its data is the
 * clone of a snapshot.  The kernel mounts it by its name, so it needs no place
 * in the tree of the host's own mounts.  Apart as every backend is.
 */
#include "storage/storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"
#include "storage/block.h"
#include "storage/command.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool exists(const char *dataset)
{
	return command_agrees(WORDS("zfs", "list", "-H", "-o", "name", dataset));
}

static bool is_taken(const char *root, const char *name)
{
	owned_str dataset = NULL;

	if (asprintf(&dataset, "%s/%s", root, name) < 0)
		dataset = NULL;
	return dataset && exists(dataset);
}

static bool zfs_available(const struct storage_request *request)
{
	return geteuid() == 0 && exists(request->specs.zfsroot);
}

/* A copy lies beside what it is copied from. */
static int zfs_name(const struct storage_request *request, char **path, struct error *err)
{
	const char *like = request->like ? request->like->path : NULL;
	const char *slash = like ? strrchr(like, '/') : NULL, *wanted = request->specs.zfsroot ? request->specs.zfsroot : "";
	owned_str root = slash ? strndup(like, (size_t)(slash - like)) : strdup(wanted);
	owned_str name = NULL;
	owned_str pool = root ? strndup(root, strcspn(root, "/")) : NULL;

	if (!pool)
		return error_set(err, ENOMEM, "cannot name the root file system");
	/* Whether a name is taken shows only where there is a pool; what lies between is made. */
	if (command_run(WORDS("zfs", "list", "-H", "-o", "name", pool), NULL, err) < 0) {
		error_hint(err, "--zfsroot or lxc.bdev.zfs.root in lxs.conf(5) names the data set that containers lie in");
		return error_add(err, "cannot use the data set %s", root);
	}
	name = block_name(request, NULL, is_taken, root, err);
	if (!name)
		return -1;
	if (asprintf(path, "zfs:%s/%s", root, name) < 0) {
		*path = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	return 0;
}

/* As in LXC: its place is the container's rootfs, and nobody mounts it there at boot. */
static char *mountpoint_of(const struct storage_request *request)
{
	char *text;

	return asprintf(&text, "mountpoint=%s/rootfs", request->directory) < 0 ? NULL : text;
}

/* The user property that says who made a data set or snapshot. */
#define MADE "lxs:made"

static char *mark_of(const struct storage_request *request)
{
	char *text;

	return asprintf(&text, MADE "=%s", request->tag) < 0 ? NULL : text;
}

/* A parent's does not count, which all below it inherit. */
static bool is_marked(const char *name, const char *tag)
{
	struct proc_tail said;
	const char *value = command_ask(WORDS("zfs", "get", "-H", "-o", "value", "-s", "local", MADE, name), &said);

	return value && strcmp(value, tag) == 0;
}

/* What lies between is made with -p, which the data set itself is not: for -p one that is there would do. */
static int zfs_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	owned_str place = mountpoint_of(request);
	owned_str mark = mark_of(request);
	owned_str root = strndup(made->path, (size_t)(strrchr(made->path, '/') - made->path));

	if (!place || !mark || !root)
		return error_set(err, ENOMEM, "cannot make the data set %s", made->path);
	if ((!exists(root) && command_run(WORDS("zfs", "create", "-p", root), NULL, err) < 0) ||
	    command_run(WORDS("zfs", "create", "-o", place, "-o", "canmount=noauto", "-o", mark, made->path), NULL, err) < 0)
		return error_add(err, "cannot make the data set %s", made->path);
	return 0;
}

/* The snapshot is named after the clone, which takes it along when it goes. */
static char *snapshot_name(const char *of, const char *clone)
{
	const char *slash = strrchr(clone, '/');
	char *name;

	return asprintf(&name, "%s@%s", of, slash ? slash + 1 : clone) < 0 ? NULL : name;
}

static int zfs_clone(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	owned_str snapshot = snapshot_name(request->from->path, made->path);
	owned_str place = mountpoint_of(request);
	owned_str mark = mark_of(request);

	if (!snapshot || !place || !mark)
		return error_set(err, ENOMEM, "cannot clone %s", request->from->path);
	if (command_run(WORDS("zfs", "snapshot", "-o", mark, snapshot), NULL, err) < 0)
		return error_add(err, "cannot make the snapshot %s", snapshot);
	if (command_run(WORDS("zfs", "clone", "-o", place, "-o", "canmount=noauto", "-o", mark, snapshot, made->path), NULL,
			err) == 0)
		return 0;
	command_agrees(WORDS("zfs", "destroy", snapshot));
	return error_add(err, "cannot clone %s", snapshot);
}

/* Without its pool nobody can tell whether a data set is there. */
static int pool_refuse_silent(const char *dataset, struct error *err)
{
	owned_str pool = strndup(dataset, strcspn(dataset, "/"));

	if (!pool)
		return error_set(err, ENOMEM, "cannot look at the data set %s", dataset);
	return command_run(WORDS("zfs", "list", "-H", "-o", "name", pool), NULL, err);
}

static int zfs_identify(const struct rootfs_source *source, char **ret, struct error *err)
{
	struct proc_tail said;
	const char *guid = command_ask(WORDS("zfs", "get", "-H", "-o", "value", "guid", source->path), &said);

	if (!guid && pool_refuse_silent(source->path, err) < 0)
		return error_add(err, "cannot tell which data set %s is", source->path);
	return storage_identity(guid ? guid : "", ret, err);
}

static bool zfs_depends(const struct rootfs_source *from)
{
	(void)from;
	return true;
}

/*
 * A snapshot that was made for this clone alone goes with it; another's stays.
 * That is said first (-d: once it has no clone): in between we may be killed.
 */
static int zfs_destroy(const struct rootfs_source *source, struct error *err)
{
	struct proc_tail said;
	const char *origin = command_ask(WORDS("zfs", "get", "-H", "-o", "value", "origin", source->path), &said);
	const char *at = origin ? strchr(origin, '@') : NULL;
	const char *slash = strrchr(source->path, '/');
	owned_str snapshot = at && strcmp(at + 1, slash ? slash + 1 : source->path) == 0 ? strdup(origin) : NULL;

	if (!origin && !exists(source->path))
		return 0;
	if (snapshot)
		command_agrees(WORDS("zfs", "destroy", "-d", snapshot));
	if (command_run(WORDS("zfs", "destroy", "-r", source->path), NULL, err) < 0)
		return error_add(err, "cannot remove the data set %s", source->path);
	return 0;
}

/* The snapshot too, which is there before its clone is. */
static int zfs_withdraw(const struct rootfs_source *made, const struct storage_work *work, struct error *err)
{
	owned_str snapshot = work->from ? snapshot_name(work->from, made->path) : NULL;

	if (work->from && !snapshot)
		return error_set(err, ENOMEM, "cannot remove the data set %s", made->path);
	if (pool_refuse_silent(made->path, err) < 0)
		return error_add(err, "cannot tell who made %s", made->path);
	if (is_marked(made->path, work->tag) && zfs_destroy(made, err) < 0)
		return -1;
	if (snapshot && is_marked(snapshot, work->tag) && command_run(WORDS("zfs", "destroy", snapshot), NULL, err) < 0)
		return error_add(err, "cannot remove the snapshot %s", snapshot);
	return 0;
}

const struct storage_ops storage_zfs = {
	.name = "zfs", .mounted = true, .elsewhere = true, .available = zfs_available, .name_new = zfs_name, .create = zfs_create,
	.clone = zfs_clone, .clone_depends = zfs_depends, .identify = zfs_identify, .destroy = zfs_destroy,
	.withdraw = zfs_withdraw,
};
