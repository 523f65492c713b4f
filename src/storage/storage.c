/*
 * The list of storage backends and how a name or an lxc.rootfs.path chooses
 * one of them.  Called from container/.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/own.h"
#include "lib/statx.h"

/* `best` takes the first that is available, in this order. */
static const struct storage_ops *const backends[] = {
	&storage_btrfs, &storage_zfs, &storage_lvm, &storage_dir, &storage_loop, &storage_nbd, &storage_overlay, &storage_rbd,
};

enum { BACKENDS = sizeof backends / sizeof backends[0] };

static const struct storage_ops *backend_named(const char *name)
{
	/* LXC's two names for one thing. */
	if (strcmp(name, "overlayfs") == 0)
		return &storage_overlay;
	for (size_t i = 0; i < BACKENDS; i++)
		if (strcmp(backends[i]->name, name) == 0)
			return backends[i];
	return NULL;
}

static const struct storage_ops *backend_best(const struct storage_request *request)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (backends[i]->available && backends[i]->available(request))
			return backends[i];
	return &storage_dir;
}

static const char *real_name(const char *name)
{
	return !name || strcmp(name, "none") == 0 ? "dir" : name;
}

int storage_check(const char *name, struct error *err)
{
	name = real_name(name);
	if (strcmp(name, "best") == 0 || backend_named(name))
		return 0;
	error_set(err, 0, "there is no storage of type '%s'", name);
	return error_hint(err, "known are: dir, btrfs, loop, lvm, nbd, overlay, rbd, zfs and best");
}

const struct storage_ops *storage_find(const char *name, const struct storage_request *request, struct error *err)
{
	const struct storage_ops *ops;

	if (storage_check(name, err) < 0)
		return NULL;
	name = real_name(name);
	if (strcmp(name, "best") == 0)
		return backend_best(request);
	ops = backend_named(name);
	if (ops->create)
		return ops;
	error_set(err, 0, "new storage of type %s cannot be made, only used", ops->name);
	return NULL;
}

const struct storage_ops *storage_of(struct arena *arena, const char *path, struct rootfs_source *source, struct error *err)
{
	if (rootfs_source_parse(arena, path, source, err) < 0)
		return NULL;
	return *source->type ? backend_named(source->type) : &storage_dir;
}

int storage_attach(const struct rootfs_source *source, int *device, struct error *err)
{
	const struct storage_ops *ops = *source->type ? backend_named(source->type) : &storage_dir;

	*device = -1;
	return ops->attach ? ops->attach(source, device, err) : 0;
}

int storage_identity(const char *text, char **ret, struct error *err)
{
	*ret = *text ? strdup(text) : NULL;
	return *text && !*ret ? error_set(err, ENOMEM, "cannot look at the root file system") : 0;
}

int storage_identify_file(const struct rootfs_source *source, char **ret, struct error *err)
{
	char text[64];
	struct statx facts;

	if (statx(AT_FDCWD, source->path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &facts) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot look at %s", source->path);
	snprintf(text, sizeof text, "%" PRIu64 ".%" PRId64 ".%" PRIu32, (uint64_t)facts.stx_ino,
		 (int64_t)facts.stx_btime.tv_sec, facts.stx_btime.tv_nsec);
	return storage_identity(text, ret, err);
}

int storage_identify(const struct storage_ops *ops, const struct rootfs_source *source, char **identity, struct error *err)
{
	*identity = NULL;
	return ops->identify ? ops->identify(source, identity, err) : 0;
}

int storage_refuse_removal(const struct storage_ops *ops, const struct rootfs_source *source, struct error *err)
{
	return ops->mounted || ops->elsewhere ? 0 : storage_refuse_mounts(source->path, err);
}

int storage_remove(const struct storage_ops *ops, const struct rootfs_source *source, const char *identity, struct error *err)
{
	owned_str now = NULL;

	if (storage_identify(ops, source, &now, err) < 0)
		return -1;
	if (ops->identify && (!now || !identity || strcmp(now, identity) != 0)) {
		if (now)
			log_warn("storage", "%s is not what it was, and stays", source->path);
		return 0;
	}
	return ops->destroy(source, err);
}

const char *storage_tree(const struct rootfs_source *source)
{
	size_t last = 0;

	if (!source->lowers)
		return *source->type && backend_named(source->type)->mounted ? NULL : source->path;
	while (source->lowers[last + 1])
		last++;
	return source->lowers[last];
}
