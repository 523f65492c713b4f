/*
 * Resolves lxc.include.  Apart from read.c because it is about the file
 * system and not about the grammar.
 */
#include "config/include.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"

static const char lxc_data[] = "/usr/share/lxc/";

const char *include_resolve(struct arena *arena, const char *path)
{
	const char *ours;

	if (!text_starts(path, lxc_data) || access(path, F_OK) == 0 || errno != ENOENT)
		return path;
	ours = arena_printf(arena, "%s/%s", PKGDATADIR, path + strlen(lxc_data));
	return access(ours, F_OK) == 0 ? ours : path;
}

/* LXC wants a character before ".conf", whatever it is. */
static bool is_conf(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(".conf") && strcmp(name + length - strlen(".conf"), ".conf") == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(struct arena *arena, struct paths *paths, const char *path)
{
	paths->items = arena_append(arena, paths->items, &paths->count, sizeof *paths->items);
	paths->items[paths->count - 1] = path;
}

static int list_directory(struct arena *arena, const char *path, struct paths *ret, struct error *err)
{
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	owned_dir directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return error_set(err, errno, "cannot read the directory %s", path);
	errno = 0;
	while ((entry = readdir(directory))) {
		if (is_conf(entry->d_name))
			add(arena, ret, arena_printf(arena, "%s%s%s", path, slash, entry->d_name));
		errno = 0;
	}
	if (errno)
		return error_set(err, errno, "cannot read the directory %s", path);
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof *ret->items, compare);
	return 0;
}

int include_list(struct arena *arena, const char *path, struct paths *ret, struct error *err)
{
	struct paths paths = { 0 };
	bool as_directory = path[strlen(path) - 1] == '/';
	struct stat found;

	path = include_resolve(arena, path);
	if (stat(path, &found) < 0) {
		/* "conf.d/" is the place where something may be; it need not be there. */
		if (errno != ENOENT || !as_directory) {
			error_set(err, errno, "cannot include %s", path);
			return error_hint(err, "correct the path, or install what brings the file; "
					       "a directory that may be absent is written with '/' at its end");
		}
	} else if (S_ISDIR(found.st_mode)) {
		if (list_directory(arena, path, &paths, err) < 0)
			return -1;
	} else {
		add(arena, &paths, path);
	}
	*ret = paths;
	return 0;
}
