/*
 * Snapshots of a container (provision/snapshot.h).  Each is made by
 * container_copy() and removed by container_destroy(); this file knows where
 * they are.
 */
#include "provision/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "container/partial.h"
#include "provision/provision.h"
#include "provision/rdepends.h"
#include "provision/source.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

enum { FILE_MODE = 0640, TIME_SIZE = 32 };

static const char *snaps_of(const struct container *container, struct arena *arena)
{
	return arena_printf(arena, "%s/%s/snaps", container->lxcpath, container->name);
}

/* "snap12" is 12; anything else comes behind. */
static long number_of(const char *name)
{
	char *end;
	long number = text_starts(name, "snap") ? strtol(name + 4, &end, 10) : -1;

	return number >= 0 && *end == '\0' && end != name + 4 ? number : 1L << 30;
}

static int by_number(const void *one, const void *other)
{
	const struct snapshot *a = one, *b = other;
	long difference = number_of(a->name) - number_of(b->name);

	return difference < 0 ? -1 : difference > 0 ? 1 : strcmp(a->name, b->name);
}

static void snapshot_read(struct arena *arena, const char *snaps, const char *name, struct snapshot *ret)
{
	const char *directory = arena_printf(arena, "%s/%s", snaps, name);
	const char *comment = arena_printf(arena, "%s/comment", directory);
	const char *config = arena_printf(arena, "%s/config", directory);
	const char *partial = arena_printf(arena, "%s/partial", directory);
	owned_error ignored = ERROR_INIT;
	owned_str time = NULL;
	size_t length;

	*ret = (struct snapshot){ .name = arena_strdup(arena, name), .lxcpath = snaps, .time = "" };
	if (file_read(arena_printf(arena, "%s/ts", directory), &time, &length, &ignored) == 0)
		ret->time = arena_strdup(arena, text_trim(time));
	ret->comment = access(comment, R_OK) == 0 ? comment : NULL;
	ret->marked = access(partial, F_OK) == 0;
	ret->defined = access(config, F_OK) == 0 && !ret->marked;
}

int snapshot_list(const struct container *container, struct arena *arena, struct snapshot_list *ret, struct error *err)
{
	const char *snaps = snaps_of(container, arena);
	owned_dir list = opendir(snaps);
	const struct dirent *entry;

	*ret = (struct snapshot_list){ 0 };
	if (!list)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot list %s", snaps);
	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		ret->items = arena_append(arena, ret->items, &ret->count, sizeof *ret->items);
		snapshot_read(arena, snaps, entry->d_name, &ret->items[ret->count - 1]);
	}
	if (ret->count > 1)
		qsort(ret->items, ret->count, sizeof *ret->items, by_number);
	return 0;
}

/* ---- making ---- */

/* Before it counts as made: one without its time is none. */
static int stamp(const char *directory, void *data, struct error *err)
{
	owned_arena arena = arena_new();
	const char *comment = data;
	char text[TIME_SIZE];
	time_t now = time(NULL);
	struct tm local;
	owned_str words = NULL;
	size_t length;

	strftime(text, sizeof text, "%Y:%m:%d %H:%M:%S", localtime_r(&now, &local));
	if (file_replace(arena_printf(arena, "%s/ts", directory), text, strlen(text), FILE_MODE, err) < 0)
		return -1;
	if (!comment)
		return 0;
	if (file_read(comment, &words, &length, err) < 0)
		return -1;
	return file_replace(arena_printf(arena, "%s/comment", directory), words, length, FILE_MODE, err);
}

/* The first number that no snapshot has; one that a killed command left is taken anew. */
static const char *name_new(struct arena *arena, const struct snapshot_list *list)
{
	for (unsigned number = 0;; number++) {
		const char *name = arena_printf(arena, "snap%u", number);
		bool taken = false;

		for (size_t i = 0; i < list->count; i++)
			taken = taken || (strcmp(list->items[i].name, name) == 0 && list->items[i].defined);
		if (!taken)
			return name;
	}
}

static const struct copy_options as_it_is = {
	.cheap = true, .keep_name = true, .keep_mac = true, .identical = true, .quiet_hooks = true,
};

int snapshot_create(struct container *container, const char *comment, struct error *err)
{
	owned_arena arena = arena_new();
	const char *snaps = snaps_of(container, arena);
	struct copy_options options = as_it_is;
	struct snapshot_list list;

	if (comment && access(comment, R_OK) < 0)
		return error_set(err, errno, "the comment, %s", comment);
	if (snapshot_list(container, arena, &list, err) < 0)
		return -1;
	options.name = name_new(arena, &list);
	options.lxcpath = snaps;
	options.last = stamp;
	options.data = (void *)comment;
	return container_copy(container, &options, err);
}

/* ---- removing ---- */

int snapshot_destroy(const struct container *container, const char *snapshot, struct error *err)
{
	owned_arena arena = arena_new();
	const char *snaps = snaps_of(container, arena);
	owned_container taken = { 0 };

	if (container_init(snaps, snapshot, &taken, err) < 0)
		return -1;
	if (access(arena_printf(arena, "%s/%s", snaps, snapshot), F_OK) < 0)
		return error_set(err, 0, "it has no snapshot '%s'", snapshot);
	if (container_destroy(&taken, false, false, err) < 0)
		return error_add(err, "cannot destroy the snapshot %s", snapshot);
	rmdir(snaps);
	return 0;
}

int snapshot_destroy_all(const struct container *container, struct error *err)
{
	owned_arena arena = arena_new();
	struct snapshot_list list;

	if (snapshot_list(container, arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if ((list.items[i].defined || list.items[i].marked) && snapshot_destroy(container, list.items[i].name, err) < 0)
			return -1;
	return 0;
}

int snapshot_refuse_clones(const struct container *container, const struct snapshot_list *list, struct error *err)
{
	owned_arena arena = arena_new();

	(void)container;
	for (size_t i = 0; i < list->count; i++) {
		const struct place place = { list->items[i].lxcpath, list->items[i].name };
		struct places clones;

		rdepends_read(arena, &place, true, &clones);
		if (clones.count > 0)
			return error_set(err, 0, "its snapshot %s has clones that use its root file system: %s", place.name,
					 clones.items[0].name);
	}
	return 0;
}
