/*
 * Images in and out of the cache by directories: for machines without a
 * network, and for images that somebody made himself.  A directory has the
 * image's files, SHA256SUMS, and the file `image` with its record.
 */
#pragma once

#include "image/cache.h"

/*
 * Takes the image in `directory` as `name`; what `name` leaves open (NULL) has
 * to stand in the file `image`.  *ret lives in the arena.
 */
int exchange_import(const struct cache *cache, struct arena *arena, const char *directory,
		    const struct image_filter *name, struct record *ret, struct error *err);

/* Makes `directory`, or fills an empty one. */
int exchange_export(const struct cache *cache, const struct record *record, const char *directory, struct error *err);

/* 0: all files of the image are what they should be; 1: not, and *what says which; -1. */
int exchange_verify(const struct cache *cache, struct arena *arena, const struct record *record, const char **what,
		    struct error *err);
