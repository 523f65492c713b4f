/*
 * Files of images, named by their contents (image/cache.h).  Apart because
 * here is decided what is believed: a file has the hash it should have, or it
 * does not exist.
 */
#include "image/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"

bool cache_has_blob(const struct cache *cache, const char *hash)
{
	owned_str path = NULL;

	return asprintf(&path, "blobs/%s", hash) >= 0 && faccessat(cache->dir, path, R_OK, AT_EACCESS) == 0;
}

long long cache_blob_size(const struct cache *cache, const char *hash)
{
	owned_str path = NULL;
	struct stat info;

	if (!hash || asprintf(&path, "blobs/%s", hash) < 0)
		return 0;
	return fstatat(cache->dir, path, &info, AT_SYMLINK_NOFOLLOW) == 0 ? (long long)info.st_size : 0;
}

const char *cache_blob_path(const struct cache *cache, struct arena *arena, const char *hash)
{
	return arena_printf(arena, "%s/blobs/%s", cache->path, hash);
}

/* The name survives a loss of power only when its directory is on disk too. */
static int sync_directory(const struct cache *cache, const char *name)
{
	owned_fd dir = openat(cache->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -1 : fsync(dir);
}

int cache_partial_keep(const struct cache *cache, const char *name, int file, char hash[SHA256_TEXT],
		       const char *shown, struct error *err)
{
	owned_arena arena = arena_new();
	const char *from = arena_printf(arena, "partial/%s", name), *to;
	char found[SHA256_TEXT];
	int answer = sha256_file(file, found);

	if (answer < 0)
		return error_set(err, -answer, "cannot read %s", shown);
	if (*hash && strcmp(hash, found) != 0) {
		if (unlinkat(cache->dir, from, 0) < 0)
			return error_set(err, errno, "cannot remove %s/%s", cache->path, from);
		error_set(err, 0, "refused %s: its SHA-256 is %s and should be %s", shown, found, hash);
		error_hint(err, "it was changed or damaged on the way or on the server; nothing of it was kept");
		return CACHE_WRONG;
	}
	to = arena_printf(arena, "blobs/%s", found);
	if (fsync(file) < 0 || renameat(cache->dir, from, cache->dir, to) < 0 || sync_directory(cache, "blobs") < 0)
		return error_set(err, errno, "cannot keep %s in %s", shown, cache->path);
	memcpy(hash, found, SHA256_TEXT);
	return 0;
}
