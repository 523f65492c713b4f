/* Metadata of images (image/meta.h).  Apart because its files are a stranger's: only plain ones are read, no link followed. */
#include "image/meta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/unpack.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "lib/tree.h"

/* The level of LXC's metadata that this is, and the first that was numbered. */
enum { LEVEL = 7, FIRST_LEVEL = 1 };

int meta_unpack(const struct cache *cache, const char *hash, const char *shown, struct error *err)
{
	owned_arena arena = arena_new();
	const char *place = arena_printf(arena, "meta/%s", hash), *fresh = arena_printf(arena, "partial/%s.meta", hash);
	struct unpack unpack = { .archive = cache_blob_path(cache, arena, hash), .shown = shown, .files_only = true };
	owned_fd dir = -1;

	if (faccessat(cache->dir, place, F_OK, 0) == 0)
		return 0;
	if (tree_remove(cache->dir, fresh, fresh, err) < 0)
		return -1;
	if (mkdirat(cache->dir, fresh, 0700) < 0)
		return error_set(err, errno, "cannot make %s/%s", cache->path, fresh);
	dir = openat(cache->dir, fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open %s/%s", cache->path, fresh);
	unpack.tree = dir;
	if (unpack_archive(&unpack, err) < 0) {
		owned_error ignored = ERROR_INIT;

		tree_remove(cache->dir, fresh, fresh, &ignored);
		return -1;
	}
	if (renameat(cache->dir, fresh, cache->dir, place) < 0)
		return error_set(err, errno, "cannot keep %s/%s", cache->path, place);
	return 0;
}

/* A plain file's text; NULL: there is none, or it is something else. */
static const char *plain_text(struct arena *arena, int dir, const char *name)
{
	owned_fd fd = rootfs_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	struct stat info;
	size_t length;

	if (fd < 0 || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || file_read_fd(fd, name, &text, &length, &ignored) < 0)
		return NULL;
	return arena_strdup(arena, text);
}

const char *meta_text_in(int dir, struct arena *arena, const char *name, bool user)
{
	const char *names[] = { arena_printf(arena, "%s-%s", name, user ? "user" : "system"), name };
	const char *text = NULL;

	for (size_t i = 0; dir >= 0 && i < 2 && !text; i++) {
		for (int level = LEVEL; level >= FIRST_LEVEL && !text; level--)
			text = plain_text(arena, dir, arena_printf(arena, "%s.%d", names[i], level));
		if (!text)
			text = plain_text(arena, dir, names[i]);
	}
	return text;
}

const char *meta_text(const struct cache *cache, struct arena *arena, const char *hash, const char *name, bool user)
{
	owned_fd dir = openat(cache->dir, arena_printf(arena, "meta/%s", hash), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return meta_text_in(dir, arena, name, user);
}

int meta_scratch_open(const char *archive, const char *where, struct meta_scratch *ret, struct error *err)
{
	struct unpack unpack = { .archive = archive, .shown = archive, .files_only = true };
	owned_str path = NULL;

	if (asprintf(&path, "%s/.meta-XXXXXX", where) < 0) {
		path = NULL;
		return error_set(err, ENOMEM, "cannot name a folder in %s", where);
	}
	if (!mkdtemp(path))
		return error_set(err, errno, "cannot make a folder in %s", where);
	ret->path = steal_ptr(path);
	ret->directory = open(ret->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ret->directory < 0)
		return error_set(err, errno, "cannot open %s", ret->path);
	unpack.tree = ret->directory;
	return unpack_archive(&unpack, err);
}

void meta_scratch_close(struct meta_scratch *scratch)
{
	owned_error ignored = ERROR_INIT;

	own_close_fd(&scratch->directory);
	if (scratch->path)
		tree_remove(AT_FDCWD, scratch->path, scratch->path, &ignored);
	own_free(&scratch->path);
}

long long meta_expiry(const struct cache *cache, const char *hash)
{
	owned_arena arena = arena_new();
	const char *text = meta_text(cache, arena, hash, "expiry", false);
	long long expiry = text ? strtoll(text, NULL, 10) : 0;

	return expiry > 0 ? expiry : 0;
}
