/*
 * Unpacked images that several containers share: LXCPATH/.trees/KEY/rootfs.
 * They lie beside the containers and not in the cache, because containers live
 * on them: emptying a cache must not break anything.  A tree is what is copied
 * where copies share their data (reflinks).
 */
#pragma once

#include <stdbool.h>

#include "image/cache.h"
#include "image/identity.h"

struct tree_request {
	const struct cache *cache;        /* whose lock keeps two from making one tree */
	const struct identity *identity;
	const char *lxcpath;
	const struct record *record;
	const char *archive;              /* instead of a record's, for tree_unpack(): an absolute path */
	const char *const *excludes;      /* NULL at the end */
};

/* The path of the image's tree, unpacked when it is not there; lives in the arena.  NULL: err says why. */
const char *tree_take(const struct tree_request *request, struct arena *arena, struct error *err);

/* Whether files in `directory` can share data with those below LXCPATH. */
bool tree_can_share(const char *lxcpath, int directory);

/* Unpacks the image into an empty directory; adds what every container needs there. */
int tree_unpack(const struct tree_request *request, int directory, struct error *err);

/* Copies the tree at `path` into an empty directory, sharing all data. */
int tree_clone(const char *path, int directory, struct error *err);

/* Whether there are any. */
bool trees_exist(const char *lxcpath);

struct trees_pruned { unsigned trees; };

/* Removes the trees below LXCPATH that no container's config there mentions. */
int trees_prune(const char *lxcpath, struct trees_pruned *ret, struct error *err);
