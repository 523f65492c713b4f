/* Cleaning the cache of images (image/cache.h).  Apart because it only takes away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/cache.h"
#include "lib/own.h"
#include "lib/tree.h"

struct pruning {
	const struct cache *cache;
	struct arena *arena;
	bool (*keep)(const struct record *record, void *data);
	void *data;
	const char **wanted; /* hashes that a record names */
	size_t count;
	struct cache_pruned *pruned;
};

static int look_at_record(const char *key, const struct record *record, void *data, struct error *err)
{
	struct pruning *pruning = data;

	if (!record || !pruning->keep(record, pruning->data)) {
		pruning->pruned->images++;
		return cache_record_remove(pruning->cache, key, err);
	}
	for (int part = 0; part < PARTS; part++) {
		if (!record->image.files[part].sha256)
			continue;
		pruning->wanted = arena_append(pruning->arena, pruning->wanted, &pruning->count, sizeof *pruning->wanted);
		pruning->wanted[pruning->count - 1] = record->image.files[part].sha256;
	}
	return 0;
}

static bool is_wanted(const struct pruning *pruning, const char *name)
{
	for (size_t i = 0; i < pruning->count; i++)
		if (strcmp(pruning->wanted[i], name) == 0)
			return true;
	return false;
}

/* Empties a place of the cache of all that no record names. */
static int clean_place(const struct pruning *pruning, const char *place, struct error *err)
{
	owned_fd dir = openat(pruning->cache->dir, place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy = dir < 0 ? -1 : openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	struct stat info;

	if (!list)
		return error_set(err, errno, "cannot read %s/%s", pruning->cache->path, place);
	while ((entry = readdir(list))) {
		const char *shown = arena_printf(pruning->arena, "%s/%s/%s", pruning->cache->path, place, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || is_wanted(pruning, entry->d_name) ||
		    fstatat(dir, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (tree_remove(dir, entry->d_name, shown, err) < 0)
			return -1;
		if (S_ISREG(info.st_mode) && strcmp(place, "locks") != 0) {
			pruning->pruned->files++;
			pruning->pruned->bytes += info.st_size;
		}
	}
	return 0;
}

int cache_prune(const struct cache *cache, bool (*keep)(const struct record *record, void *data), void *data,
		struct cache_pruned *ret, struct error *err)
{
	static const char *const places[] = { "blobs", "partial", "meta", "locks" };
	owned_arena arena = arena_new();
	struct pruning pruning = { cache, arena, keep, data, NULL, 0, ret };

	*ret = (struct cache_pruned){ 0 };
	if (cache_records(cache, arena, look_at_record, &pruning, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (clean_place(&pruning, places[i], err) < 0)
			return -1;
	return 0;
}
