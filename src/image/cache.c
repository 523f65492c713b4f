/* The cache of images (image/cache.h): places, locks, records.  Its blobs are in blobs.c, its cleaning in prune.c. */
#include "image/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/lxsconf.h"
#include "lib/file.h"
#include "lib/own.h"

static int make_directories(const char *path, struct error *err)
{
	owned_str copy = strdup(path);

	for (char *slash = copy; copy && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EACCES && errno != EROFS)
			return error_set(err, errno, "cannot make %s", copy);
		*slash = '/';
	}
	/* Images may be private, and what is unpacked of them may be set-user-id. */
	if (!copy || (mkdir(path, 0700) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot make the image cache %s", path);
	return 0;
}

static int wait_for_lock(int fd, short kind, const char *what, struct error *err)
{
	struct flock lock = { .l_type = kind, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return error_set(err, errno, "cannot lock %s", what);
	printf("Waiting for another command that uses %s\n", what);
	fflush(stdout);
	while (fcntl(fd, F_OFD_SETLKW, &lock) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot lock %s", what);
	return 0;
}

int cache_open(bool user, bool clean, struct cache *ret, struct error *err)
{
	static const char *const places[] = { "blobs", "partial", "records", "meta", "locks" };
	owned_cache cache = CACHE_INIT;
	owned_str base = lxsconf_cache(user);

	if (!base || asprintf(&cache.path, "%s/images", base) < 0) {
		cache.path = NULL;
		return error_set(err, ENOMEM, "cannot open the image cache");
	}
	if (make_directories(cache.path, err) < 0)
		return -1;
	cache.dir = open(cache.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cache.dir < 0)
		return error_set(err, errno, "cannot open the image cache %s", cache.path);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (mkdirat(cache.dir, places[i], 0700) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make %s/%s", cache.path, places[i]);
	cache.lock = openat(cache.dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (cache.lock < 0)
		return error_set(err, errno, "cannot open %s/lock", cache.path);
	if (wait_for_lock(cache.lock, clean ? F_WRLCK : F_RDLCK, "the image cache", err) < 0)
		return -1;
	*ret = cache;
	cache = CACHE_INIT;
	return 0;
}

void cache_close(struct cache *cache)
{
	own_free(&cache->path);
	own_close_fd(&cache->dir);
	own_close_fd(&cache->lock);
}

/* A file below the cache with a lock that ends with the descriptor. */
static int open_locked(const struct cache *cache, const char *place, const char *name, int flags, struct error *err)
{
	owned_str path = NULL;

	if (asprintf(&path, "%s/%s", place, name) < 0)
		return error_set(err, ENOMEM, "cannot lock %s", name);
	for (;;) {
		owned_fd fd = openat(cache->dir, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
		struct stat ours, named;

		if (fd < 0 || fstat(fd, &ours) < 0)
			return error_set(err, errno, "cannot open %s/%s", cache->path, path);
		if (wait_for_lock(fd, F_WRLCK, "this image", err) < 0)
			return -1;
		/* While we waited, its owner may have given the file its final name. */
		if (fstatat(cache->dir, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == ours.st_ino)
			return steal_fd(&fd);
	}
}

int cache_lock(const struct cache *cache, const char *key, struct error *err)
{
	return open_locked(cache, "locks", key, 0, err);
}

int cache_partial_open(const struct cache *cache, const char *name, struct error *err)
{
	return open_locked(cache, "partial", name, O_APPEND, err);
}

void cache_key(const char *server, const struct image *image, char key[SHA256_TEXT])
{
	owned_buffer text = { 0 };

	buffer_printf(&text, "%s\n%s\n%s\n%s\n%s\n", server, image->dist, image->release, image->arch, image->variant);
	sha256_of(text.text, key);
}

int cache_record_read(const struct cache *cache, struct arena *arena, const char *key, struct record *ret,
		      struct error *err)
{
	const char *path = arena_printf(arena, "%s/records/%s", cache->path, key);
	owned_fd fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	owned_str text = NULL;
	size_t length;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open %s", path);
	if (file_read_fd(fd, path, &text, &length, err) < 0)
		return -1;
	return record_parse(arena, text, path, ret, err) < 0 ? -1 : 1;
}

int cache_record_write(const struct cache *cache, const char *key, const struct record *record, struct error *err)
{
	owned_buffer text = { 0 };
	owned_str path = NULL;

	if (asprintf(&path, "%s/records/%s", cache->path, key) < 0)
		return error_set(err, ENOMEM, "cannot write to the image cache");
	record_format(record, &text);
	return file_replace(path, text.text, text.length, 0600, err);
}

int cache_record_remove(const struct cache *cache, const char *key, struct error *err)
{
	owned_str path = NULL;

	if (asprintf(&path, "records/%s", key) < 0)
		return error_set(err, ENOMEM, "cannot clean the image cache");
	if (unlinkat(cache->dir, path, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove %s/%s", cache->path, path);
	return 0;
}

int cache_records(const struct cache *cache, struct arena *arena,
		  int (*visit)(const char *key, const struct record *record, void *data, struct error *err), void *data,
		  struct error *err)
{
	int copy = openat(cache->dir, "records", O_RDONLY | O_DIRECTORY | O_CLOEXEC), answer = 0;
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list)
		return error_set(err, errno, "cannot read %s/records", cache->path);
	while (answer == 0 && (entry = readdir(list))) {
		owned_error damage = ERROR_INIT;
		struct record record;

		if (!sha256_is_text(entry->d_name))
			continue;
		answer = cache_record_read(cache, arena, entry->d_name, &record, &damage);
		if (answer != 0)
			answer = visit(arena_strdup(arena, entry->d_name), answer == 1 ? &record : NULL, data, err);
	}
	return answer;
}
