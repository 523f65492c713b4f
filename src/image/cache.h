/*
 * Images that were fetched: CACHE/images, with
 *
 *   blobs/HASH     a file, named by its contents
 *   partial/HASH   one that has not arrived completely
 *   records/KEY    which blobs are which image (image/record.h)
 *   meta/HASH      a metadata tarball, unpacked
 *   locks/KEY      held while an image is fetched
 *   lock           shared by all who use the cache, alone held by who cleans it
 *
 * Every file gets its name when it is whole and on disk, so a command that is
 * killed leaves nothing that could be taken for an image.  Locks end with
 * their holder.
 */
#pragma once

#include <stdbool.h>

#include "image/record.h"
#include "lib/error.h"
#include "lib/sha256.h"

struct cache {
	char *path;          /* owned; ".../images" */
	int dir, lock;       /* owned */
};

#define CACHE_INIT ((struct cache){ .dir = -1, .lock = -1 })

/* Makes what is missing.  `clean`: waits until nobody uses it, and keeps others out. */
int cache_open(bool user, bool clean, struct cache *ret, struct error *err);
void cache_close(struct cache *cache);

#define owned_cache __attribute__((cleanup(cache_close))) struct cache

/* One command at a time fetches an image; the others wait here.  The lock, to be closed; -1. */
int cache_lock(const struct cache *cache, const char *key, struct error *err);

/* The name of an image's record: it depends on server and name. */
void cache_key(const char *server, const struct image *image, char key[SHA256_TEXT]);

/* 1: found; 0: there is none; -1. */
int cache_record_read(const struct cache *cache, struct arena *arena, const char *key, struct record *ret,
		      struct error *err);
int cache_record_write(const struct cache *cache, const char *key, const struct record *record, struct error *err);
int cache_record_remove(const struct cache *cache, const char *key, struct error *err);

/* Calls visit() with each record; a damaged one is given as NULL with its key.  The first answer other than 0. */
int cache_records(const struct cache *cache, struct arena *arena,
		  int (*visit)(const char *key, const struct record *record, void *data, struct error *err), void *data,
		  struct error *err);

bool cache_has_blob(const struct cache *cache, const char *hash);

/* Bytes; 0 when it is not there, or for NULL. */
long long cache_blob_size(const struct cache *cache, const char *hash);

/* Its path; lives in the arena. */
const char *cache_blob_path(const struct cache *cache, struct arena *arena, const char *hash);

/* The place for what arrives, ours alone, opened to append; others who want it wait.  -1. */
int cache_partial_open(const struct cache *cache, const char *name, struct error *err);

/*
 * What arrived at `name` is whole: it gets the name of its contents, which
 * must be `hash`, unless that is "" (then it is filled in).  `shown` names it.
 * CACHE_WRONG: other contents; nothing is kept.
 */
enum { CACHE_WRONG = 1 };
int cache_partial_keep(const struct cache *cache, const char *name, int file, char hash[SHA256_TEXT],
		       const char *shown, struct error *err);

/* Removes what no record names, what arrived in part, and records that `keep` refuses. */
struct cache_pruned { unsigned images, files; long long bytes; };
int cache_prune(const struct cache *cache, bool (*keep)(const struct record *record, void *data), void *data,
		struct cache_pruned *ret, struct error *err);
