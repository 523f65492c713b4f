/*
 * The metadata of an image in LXC's format: a tarball of a few small files
 * (config, fstab, excludes, templates, create-message, expiry), unpacked once
 * beside the cache's blobs.
 */
#pragma once

#include <stdbool.h>

#include "image/cache.h"

/* Unpacks the blob `hash` unless that has been done. */
int meta_unpack(const struct cache *cache, const char *hash, const char *shown, struct error *err);

/*
 * The logical file `name` for a user's or root's container: NAME-user or
 * NAME-system when there is one, else NAME, each with the newest form that LXC
 * numbers (".7", ".6" ...).  NULL: the image has none.  Lives in the arena.
 */
const char *meta_text(const struct cache *cache, struct arena *arena, const char *hash, const char *name, bool user);

/* The same of metadata that was unpacked into `dir`; -1: there is none. */
const char *meta_text_in(int dir, struct arena *arena, const char *name, bool user);

/* A metadata tarball that is in no cache, unpacked beside what is made of it for as long as that takes. */
struct meta_scratch {
	int directory;        /* owned; -1: none */
	char *path;           /* owned */
};

#define META_SCRATCH_INIT ((struct meta_scratch){ .directory = -1 })

/* `archive`: an absolute path; `where`: a directory to make another in. */
int meta_scratch_open(const char *archive, const char *where, struct meta_scratch *ret, struct error *err);

/* Removes it. */
void meta_scratch_close(struct meta_scratch *scratch);

#define owned_meta_scratch __attribute__((cleanup(meta_scratch_close))) struct meta_scratch

/* When the image says that it is out of date; 0: it does not say. */
long long meta_expiry(const struct cache *cache, const char *hash);
