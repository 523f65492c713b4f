/*
 * Going back to a snapshot.  In place, the snapshot is first copied beside the
 * container, which is as it was if that fails.  Then a marker says that the
 * copy takes its place, and the rest are steps that can be done again: what a
 * kill leaves, the same command ends.  Apart from snapshot.c because of that.
 */
#include "provision/provision.h"
#include "provision/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/copy_text.h"
#include "provision/mapped.h"
#include "container/partial.h"
#include "provision/rdepends.h"
#include "provision/remains.h"
#include "provision/source.h"
#include "container/verb_lock.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

static const char beside[] = "restoring";

/* What storage has in a container's directory. */
static const char *const storage_names[] = { "rootfs", "overlay", "rootdev" };
enum { STORAGE_NAMES = sizeof storage_names / sizeof storage_names[0] };

struct restoration {
	struct arena *arena;         /* owned */
	struct container *container;
	const char *snapshot;
	const char *directory;       /* LXCPATH/NAME */
	const char *copy;            /* LXCPATH/NAME/snaps/restoring */
	struct source source;
	struct partial partial;
};

static void restoration_done(struct restoration *restoration)
{
	partial_done(&restoration->partial);
	source_done(&restoration->source);
	arena_free(restoration->arena);
}

static const char *in(struct restoration *restoration, const char *directory, const char *prefix, const char *name)
{
	return arena_printf(restoration->arena, "%s/%s%s", directory, prefix, name);
}

/*
 * The new one is still beside: the old one goes there, and the new one comes.
 * Once it has come there is nothing beside any more, so a second time does
 * nothing.
 */
static int storage_change(struct restoration *restoration, const char *name, struct error *err)
{
	const char *new = in(restoration, restoration->copy, "", name);
	const char *place = in(restoration, restoration->directory, "", name);
	const char *old = in(restoration, restoration->copy, "old-", name);

	if (access(new, F_OK) < 0)
		return 0;
	if (rename(place, old) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot move %s away", place);
	return rename(new, place) < 0 ? error_set(err, errno, "cannot put %s in its place", new) : 0;
}

static int storage_change_all(void *data, struct error *err)
{
	struct restoration *restoration = data;

	for (size_t i = 0; i < STORAGE_NAMES; i++)
		if (storage_change(restoration, storage_names[i], err) < 0)
			return -1;
	return 0;
}

/* A directory that moves is written itself (its ".."): a user's belongs to the ids of the container. */
static int storage_take_place(struct restoration *restoration, struct error *err)
{
	struct mapping mapping;
	struct subids ids;

	if (!mapping_is_needed())
		return storage_change_all(restoration, err);
	subids_read(restoration->arena, geteuid(), &ids);
	mapping_of_user(restoration->arena, &ids, &mapping);
	return mapping_call(&mapping, storage_change_all, restoration, err);
}

static int config_change(struct restoration *restoration, struct error *err)
{
	const struct copy_text how = { .from = restoration->copy, .to = restoration->directory, .every_path = true };
	owned_str before = NULL;
	owned_str after = NULL;
	size_t length;

	if (file_read(in(restoration, restoration->copy, "", "config"), &before, &length, err) < 0)
		return -1;
	after = copy_text(before, &how);
	if (!after)
		return error_set(err, ENOMEM, "cannot write the config");
	return file_replace(in(restoration, restoration->directory, "", "config"), after, strlen(after), 0640, err);
}

/* The storage of a whole copy, which nobody else uses yet. */
static int copy_storage_mark(struct container *copy, const char *directory, struct partial *partial, struct error *err)
{
	const char *path;

	if (!container_is_defined(copy))
		return 0;
	if (container_load(copy, NULL, err) < 0)
		return -1;
	path = settings_string(copy->settings, "lxc.rootfs.path");
	if (path && remains_mark(partial, path, err) < 0)
		return -1;
	return partial_note(partial, !path || remains_within(path, directory), err);
}

/* `unused`: it was not given the container's place. */
static int copy_remove(struct restoration *restoration, bool unused, struct error *err)
{
	const char *snaps = arena_printf(restoration->arena, "%s/snaps", restoration->directory);
	owned_container copy = { 0 };
	owned_fd dir = open(restoration->copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_partial partial = PARTIAL_INIT;
	int answer;

	if (dir < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open %s", restoration->copy);
	if (container_init(snaps, beside, &copy, err) < 0 || (answer = partial_take(dir, &partial, err)) < 0)
		return -1;
	partial.whole = true;
	if (unused && answer == PARTIAL_FRESH && copy_storage_mark(&copy, restoration->copy, &partial, err) < 0)
		return -1;
	if (remains_clear(&partial, &copy, err) < 0)
		return -1;
	partial_drop(&partial);
	return rmdir(restoration->copy) < 0 ? error_set(err, errno, "cannot remove %s", restoration->copy) : 0;
}

/* From the marker on: each step may have been done before. */
static int restore_steps(struct restoration *restoration, struct error *err)
{
	if (access(restoration->copy, F_OK) == 0) {
		if (storage_take_place(restoration, err) < 0)
			return -1;
		if (access(in(restoration, restoration->copy, "", "config"), F_OK) == 0 &&
		    (config_change(restoration, err) < 0 ||
		     remains_storage(&restoration->partial, restoration->directory, err) < 0))
			return -1;
		if (copy_remove(restoration, false, err) < 0)
			return -1;
	}
	return partial_end(&restoration->partial, err);
}

static int restore_end(struct restoration *restoration, struct error *err)
{
	return restore_steps(restoration, err) < 0 ? error_hint(err, "once that is mended, the same command ends it") : 0;
}

/* 1: a killed restoration is taken up; 0: there is none; -1. */
static int resume(struct restoration *restoration, struct error *err)
{
	owned_str what = NULL;
	int answer;

	restoration->source.dir = open(restoration->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (restoration->source.dir < 0 || !partial_resume(restoration->source.dir, &what) ||
	    !text_starts(what, "restore ")) {
		own_close_fd(&restoration->source.dir);
		return 0;
	}
	if (strcmp(what, arena_printf(restoration->arena, "restore %s", restoration->snapshot)) != 0)
		return partial_explain(what, err);
	if (verb_lock(restoration->source.dir, false, err) < 0)
		return -1;
	answer = partial_take(restoration->source.dir, &restoration->partial, err);
	if (answer == PARTIAL_LOCKED)
		return error_set(err, EBUSY, "another command is at work on it");
	return answer < 0 ? -1 : 1;
}

static int refuse_clones(struct restoration *restoration, struct error *err)
{
	const struct place place = { restoration->container->lxcpath, restoration->container->name };
	struct places clones;

	rdepends_read(restoration->arena, &place, true, &clones);
	if (clones.count == 0)
		return 0;
	error_set(err, 0, "it has clones that use its root file system: %s", clones.items[0].name);
	return error_hint(err, "restore the snapshot under another name (-N), or destroy the clones first");
}

/* What it takes the place of is gone for good then. */
static int copy_write_through(struct restoration *restoration, struct error *err)
{
	owned_fd copy = open(restoration->copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0 || syncfs(copy) < 0)
		return error_set(err, errno, "cannot write %s to the disk", restoration->copy);
	return 0;
}

/* What the marker says: the work, and the storage outside of the directory that the config is not going to name any more. */
static int old_storage_mark(struct restoration *restoration, struct error *err)
{
	const char *path = settings_string(restoration->container->settings, "lxc.rootfs.path");

	if (asprintf(&restoration->partial.resume, "restore %s", restoration->snapshot) < 0) {
		restoration->partial.resume = NULL;
		return error_set(err, ENOMEM, "cannot restore %s", restoration->snapshot);
	}
	if (!path || remains_within(path, restoration->directory))
		return 0;
	return remains_mark(&restoration->partial, path, err);
}

static const struct copy_options as_it_is = {
	.name = beside, .cheap = true, .keep_name = true, .keep_mac = true, .identical = true, .quiet_hooks = true,
};

static int restore_in_place(struct restoration *restoration, struct container *snapshot, struct error *err)
{
	struct copy_options options = as_it_is;

	options.lxcpath = arena_printf(restoration->arena, "%s/snaps", restoration->directory);
	if (refuse_clones(restoration, err) < 0 || remains_refuse(restoration->container->settings, err) < 0)
		return -1;
	/* Whole, but its place was never given to it: of a command that was killed before the marker. */
	if (copy_remove(restoration, true, err) < 0 || container_copy(snapshot, &options, err) < 0)
		return -1;
	if (copy_write_through(restoration, err) < 0 || old_storage_mark(restoration, err) < 0 ||
	    partial_begin(restoration->source.dir, &restoration->partial, err) < 0)
		return -1;
	return restore_end(restoration, err);
}

static int restore_as(struct container *snapshot, const char *name, const char *lxcpath, struct error *err)
{
	struct copy_options options = as_it_is;

	options.name = name;
	options.lxcpath = lxcpath;
	options.keep_name = false;
	return container_copy(snapshot, &options, err);
}

int snapshot_restore(struct container *container, const char *snapshot, const char *name, struct error *err)
{
	__attribute__((cleanup(restoration_done))) struct restoration restoration = {
		.arena = arena_new(), .container = container, .snapshot = snapshot, .partial = PARTIAL_INIT,
		.source = SOURCE_INIT,
	};
	owned_container taken = { 0 };
	int taken_up;

	restoration.directory = arena_printf(restoration.arena, "%s/%s", container->lxcpath, container->name);
	restoration.copy = arena_printf(restoration.arena, "%s/snaps/%s", restoration.directory, beside);
	if (container_init(arena_printf(restoration.arena, "%s/snaps", restoration.directory), snapshot, &taken, err) < 0)
		return -1;
	if (!name || strcmp(name, container->name) == 0) {
		taken_up = resume(&restoration, err);
		if (taken_up != 0)
			return taken_up < 0 ? -1 : restore_end(&restoration, err);
	}
	if (!container_is_defined(&taken))
		return error_set(err, 0, "it has no snapshot '%s'", snapshot);
	if (name && strcmp(name, container->name) != 0)
		return restore_as(&taken, name, container->lxcpath, err);
	if (source_hold_alone(container, &restoration.source, err) < 0)
		return -1;
	return restore_in_place(&restoration, &taken, err);
}
