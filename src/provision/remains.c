/*
 * Clears a container's directory (provision/remains.h).  Apart because create
 * and destroy both do it.  The config goes last: until then the next try can
 * still see what belonged to the container.
 */
#include "provision/remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "provision/mapped.h"
#include "provision/rdepends.h"
#include "provision/snapshot.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/text.h"
#include "lib/tree.h"
#include "storage/storage.h"

static bool is_kept(const char *name)
{
	static const char *const kept[] = { ".", "..", "config", "partial" };

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (strcmp(name, kept[i]) == 0)
			return true;
	return false;
}

/* Names that only storage has; they are the command's own once it has noted what it makes. */
static bool is_storage(const char *name)
{
	return strcmp(name, "rootfs") == 0 || strcmp(name, "overlay") == 0;
}

bool remains_within(const char *path, const char *directory)
{
	owned_arena arena = arena_new();
	owned_error ignored = ERROR_INIT;
	struct rootfs_source source;

	return storage_of(arena, path, &source, &ignored) && text_starts(source.path, arena_printf(arena, "%s/", directory));
}

int remains_refuse(const struct settings *settings, struct error *err)
{
	const char *path = settings_string(settings, "lxc.rootfs.path");
	const struct storage_ops *ops;
	struct rootfs_source source;

	if (!path)
		return 0;
	ops = storage_of(settings_arena(settings), path, &source, err);
	return ops ? storage_refuse_removal(ops, &source, err) : -1;
}

int remains_mark(struct partial *partial, const char *path, struct error *err)
{
	owned_arena arena = arena_new();
	struct rootfs_source source;
	const struct storage_ops *ops = storage_of(arena, path, &source, err);

	if (!ops || storage_identify(ops, &source, &partial->identity, err) < 0)
		return -1;
	partial->rootfs = strdup(path);
	return partial->rootfs ? 0 : error_set(err, ENOMEM, "cannot remove %s", path);
}

struct storage_call {
	const struct partial *partial;
	const struct storage_ops *ops;
	struct rootfs_source source;
	bool own;                  /* in the container's directory */
};

/* A place that the marker names, but not what was made there: nothing is in it yet, or it is another's. */
static int empty_remove(const char *path, struct error *err)
{
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
		return error_set(err, errno, "cannot remove %s", path);
	log_warn("provision", "%s is not what was being made, and stays", path);
	return 0;
}

/* Of an unfinished container only what it made: the name in the marker was free, and may be another's by now. */
static int storage_take_away(void *data, struct error *err)
{
	const struct storage_call *call = data;
	const struct partial *partial = call->partial;

	if (partial->tag && call->ops->withdraw)
		return call->ops->withdraw(&call->source, &(struct storage_work){ partial->tag, partial->from }, err);
	if (partial->tag && !partial->identity)
		return call->own ? call->ops->destroy(&call->source, err) : empty_remove(call->source.path, err);
	return storage_remove(call->ops, &call->source, partial->identity, err);
}

int remains_storage(const struct partial *partial, const char *directory, struct error *err)
{
	owned_arena arena = arena_new();
	struct storage_call call = { .partial = partial };
	struct mapping mapping;
	struct subids ids;

	if (!partial->rootfs)
		return 0;
	call.ops = storage_of(arena, partial->rootfs, &call.source, err);
	if (!call.ops)
		return -1;
	call.own = remains_within(partial->rootfs, directory);
	if (!mapping_is_needed())
		return storage_take_away(&call, err);
	subids_read(arena, geteuid(), &ids);
	mapping_of_user(arena, &ids, &mapping);
	return mapping_call(&mapping, storage_take_away, &call, err);
}

bool remains_untouched(const struct partial *partial)
{
	owned_arena arena = arena_new();
	owned_error ignored = ERROR_INIT;
	owned_str now = NULL;
	struct rootfs_source source;
	const struct storage_ops *ops = partial->rootfs ? storage_of(arena, partial->rootfs, &source, &ignored) : NULL;

	return ops && ops->elsewhere && storage_identify(ops, &source, &now, &ignored) == 0 && now && partial->identity &&
	       strcmp(now, partial->identity) == 0;
}

struct clearing { int dir; const char *directory; bool whole, storage; };

static int clear_directory(void *data, struct error *err)
{
	const struct clearing *clearing = data;
	int copy = openat(clearing->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		own_close_fd(&copy);
		return error_set(err, errno, "cannot list %s", clearing->directory);
	}
	while ((entry = readdir(list))) {
		owned_str path = NULL;

		if (is_kept(entry->d_name) || (!clearing->whole && !(clearing->storage && is_storage(entry->d_name))))
			continue;
		if (asprintf(&path, "%s/%s", clearing->directory, entry->d_name) < 0)
			return error_set(err, ENOMEM, "cannot remove %s", clearing->directory);
		if (tree_remove(clearing->dir, entry->d_name, path, err) < 0)
			return -1;
	}
	return 0;
}

/* Of an ordinary user's container much belongs to the ids of the container. */
static int clear_mapped(struct clearing *clearing, struct error *err)
{
	owned_arena arena = NULL;
	struct mapping mapping;
	struct subids ids;

	if (!mapping_is_needed())
		return clear_directory(clearing, err);
	arena = arena_new();
	subids_read(arena, geteuid(), &ids);
	mapping_of_user(arena, &ids, &mapping);
	return mapping_call(&mapping, clear_directory, clearing, err);
}

/* Its snapshots go with it, those that a killed command has left of them too: whom they use has to know. */
static int forget_snapshots(struct arena *arena, const struct container *container, struct error *err)
{
	struct snapshot_list list;

	if (snapshot_list(container, arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (rdepends_forget(arena, &(struct place){ list.items[i].lxcpath, list.items[i].name }, err) < 0)
			return -1;
	return 0;
}

int remains_clear(struct partial *partial, const struct container *container, struct error *err)
{
	const struct place place = { container->lxcpath, container->name };
	owned_arena arena = arena_new();
	const char *directory = place_directory(arena, &place);
	struct clearing clearing = { partial->dir, directory, partial->whole, partial->rootfs != NULL };

	if (tree_refuse_mounts(partial->dir, directory, err) < 0 || remains_storage(partial, directory, err) < 0)
		return -1;
	/* A list that could not be written anew is believed no more: of the two only one will be there to say so. */
	if (rdepends_forget(arena, &place, err) < 0) {
		if (!error_is_room(err))
			return -1;
		error_done(err);
	}
	if (partial->whole && forget_snapshots(arena, container, err) < 0)
		return -1;
	if (clear_mapped(&clearing, err) < 0)
		return -1;
	return tree_remove(partial->dir, "config", arena_printf(arena, "%s/config", directory), err);
}
