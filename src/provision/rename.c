/*
 * Giving a container another name.  Its directory is renamed, which is one
 * step that happens or does not; all texts that name the directory are
 * rewritten afterwards, each as a whole, and doing so twice does no harm.  So
 * a killed rename is ended by the next try.  Called from commands/copy.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provision/provision.h"
#include "provision/copy_fill.h"
#include "provision/copy_text.h"
#include "provision/identity.h"
#include "provision/mapped.h"
#include "container/partial.h"
#include "provision/rdepends.h"
#include "provision/snapshot.h"
#include "provision/source.h"
#include "container/verb_lock.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

struct renaming {
	struct arena *arena;         /* owned */
	struct place old, new;
	const char *old_directory, *new_directory;
	struct container renamed;    /* by its new name */
	struct partial partial;
	int dir;                     /* owned; the directory, under its new name */
};

static void renaming_done(struct renaming *renaming)
{
	partial_done(&renaming->partial);
	container_done(&renaming->renamed);
	own_close_fd(&renaming->dir);
	arena_free(renaming->arena);
}

/* Paths into the old directory lead into the new one. */
static int config_rewrite(const struct renaming *renaming, const char *path, const char *name, struct error *err)
{
	const struct copy_text how = {
		.from = renaming->old_directory, .to = renaming->new_directory, .every_path = true, .name = name,
	};
	owned_str before = NULL;
	owned_str after = NULL;
	size_t length;

	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, &before, &length, err) < 0)
		return -1;
	after = copy_text(before, &how);
	if (!after)
		return error_set(err, ENOMEM, "cannot write %s", path);
	return strcmp(before, after) == 0 ? 0 : file_replace(path, after, strlen(after), 0640, err);
}

/* The config of a container, and those of its snapshots. */
static int configs_rewrite(const struct renaming *renaming, const struct place *place, const char *name, struct error *err)
{
	const char *directory = place_directory(renaming->arena, place);
	owned_container container = { 0 };
	struct snapshot_list list;

	if (config_rewrite(renaming, arena_printf(renaming->arena, "%s/config", directory), name, err) < 0)
		return -1;
	if (container_init(place->lxcpath, place->name, &container, err) < 0 ||
	    snapshot_list(&container, renaming->arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (config_rewrite(renaming, arena_printf(renaming->arena, "%s/snaps/%s/config", directory, list.items[i].name),
				   NULL, err) < 0)
			return -1;
	return 0;
}

/* Snapshots may stand on another container's files, which knows them by the directory they are in. */
static int snapshots_rename(const struct renaming *renaming, struct error *err)
{
	struct arena *arena = renaming->arena;
	const char *old = arena_printf(arena, "%s/snaps", renaming->old_directory);
	const char *new = arena_printf(arena, "%s/snaps", renaming->new_directory);
	struct snapshot_list list;

	if (snapshot_list(&renaming->renamed, arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		const struct place before = { old, list.items[i].name }, after = { new, list.items[i].name };

		if (rdepends_rename(arena, &before, &after, err) < 0)
			return -1;
	}
	return 0;
}

static int clones_rewrite(const struct renaming *renaming, struct error *err)
{
	struct places clones;

	rdepends_list(renaming->arena, &renaming->new, true, &clones);
	for (size_t i = 0; i < clones.count; i++)
		if (configs_rewrite(renaming, &clones.items[i], NULL, err) < 0)
			return -1;
	return rdepends_rename(renaming->arena, &renaming->old, &renaming->new, err);
}

struct hostname { const struct rootfs_source *source; const char *old, *name; };

static int hostname_set(void *data, struct error *err)
{
	const struct hostname *hostname = data;
	const struct identity identity = { .hostname = hostname->name, .old_hostname = hostname->old, .keep = true };
	owned_fd root = rootfs_open_unseen(hostname->source, err);

	return root < 0 ? -1 : identity_renew(root, &identity, err);
}

static int rootfs_rename(struct renaming *renaming, struct error *err)
{
	const char *path = settings_string(renaming->renamed.settings, "lxc.rootfs.path");
	struct rootfs_source source;
	struct hostname hostname = { &source, renaming->old.name, renaming->new.name };
	struct mapping mapping;

	if (!path || !storage_of(renaming->arena, path, &source, err))
		return path ? -1 : 0;
	if (!mapping_is_needed())
		return mapping_call(NULL, hostname_set, &hostname, err);
	mapping_of_settings(renaming->arena, renaming->renamed.settings, &mapping);
	return mapping_call(&mapping, hostname_set, &hostname, err);
}

/* What is left to do once the directory has its new name. */
static int rename_steps(struct renaming *renaming, struct error *err)
{
	if (configs_rewrite(renaming, &renaming->new, renaming->new.name, err) < 0 || clones_rewrite(renaming, err) < 0 ||
	    snapshots_rename(renaming, err) < 0)
		return -1;
	if (container_load(&renaming->renamed, NULL, err) < 0 || rootfs_rename(renaming, err) < 0)
		return -1;
	return partial_end(&renaming->partial, err);
}

static int rename_end(struct renaming *renaming, struct error *err)
{
	return rename_steps(renaming, err) < 0 ? error_hint(err, "once that is mended, the same command ends it") : 0;
}

/* 1: a killed rename to this very name is taken up; 0: there is none; -1. */
static int resume(struct renaming *renaming, struct error *err)
{
	owned_str what = NULL;
	int answer;

	renaming->dir = open(renaming->new_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (renaming->dir < 0 || !partial_resume(renaming->dir, &what))
		return 0;
	if (strcmp(what, arena_printf(renaming->arena, "rename %s", renaming->old.name)) != 0)
		return 0;
	if (verb_lock(renaming->dir, false, err) < 0)
		return -1;
	answer = partial_take(renaming->dir, &renaming->partial, err);
	if (answer == PARTIAL_LOCKED)
		return error_set(err, EBUSY, "another command is at work on it");
	return answer < 0 ? -1 : 1;
}

/* Killed before the directory had its new name: nothing has happened. */
static void forget_attempt(const struct renaming *renaming)
{
	owned_fd dir = open(renaming->old_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_partial partial = PARTIAL_INIT;
	owned_error ignored = ERROR_INIT;
	owned_str what = NULL;

	if (dir >= 0 && partial_resume(dir, &what) &&
	    strcmp(what, arena_printf(renaming->arena, "rename %s", renaming->old.name)) == 0 &&
	    verb_lock(dir, false, &ignored) == 0 && partial_take(dir, &partial, &ignored) == PARTIAL_STALE)
		partial_drop(&partial);
}

static int directory_rename(struct renaming *renaming, struct source *source, struct error *err)
{
	if (asprintf(&renaming->partial.resume, "rename %s", renaming->old.name) < 0) {
		renaming->partial.resume = NULL;
		return error_set(err, ENOMEM, "cannot rename %s", renaming->old_directory);
	}
	if (partial_begin(source->dir, &renaming->partial, err) < 0)
		return -1;
	if (renameat2(AT_FDCWD, renaming->old_directory, AT_FDCWD, renaming->new_directory, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		error_set(err, 0, "there is %s already", renaming->new_directory);
	else
		error_set(err, errno, "cannot rename %s to %s", renaming->old_directory, renaming->new_directory);
	partial_drop(&renaming->partial);
	return -1;
}

int copy_admit(const struct container *source, const struct copy_options *options, struct error *err)
{
	(void)source, (void)options, (void)err;
	return 0;
}

int container_rename(struct container *container, const char *name, struct error *err)
{
	__attribute__((cleanup(renaming_done))) struct renaming renaming = {
		.arena = arena_new(), .partial = PARTIAL_INIT, .dir = -1, .old = { container->lxcpath, container->name },
	};
	__attribute__((cleanup(source_done))) struct source source = SOURCE_INIT;
	int taken_up;

	if (container_init(container->lxcpath, name, &renaming.renamed, err) < 0)
		return -1;
	renaming.new = (struct place){ renaming.renamed.lxcpath, renaming.renamed.name };
	renaming.old_directory = place_directory(renaming.arena, &renaming.old);
	renaming.new_directory = place_directory(renaming.arena, &renaming.new);
	taken_up = resume(&renaming, err);
	if (taken_up != 0)
		return taken_up < 0 ? -1 : rename_end(&renaming, err);
	forget_attempt(&renaming);
	if (source_hold_alone(container, &source, err) < 0 || directory_rename(&renaming, &source, err) < 0)
		return -1;
	return rename_end(&renaming, err);
}
