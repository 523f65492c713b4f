/*
 * From a name to files in the cache: the index is read, a build chosen, its
 * signature and hashes checked, what is missing fetched.
 */
#pragma once

#include "image/cache.h"
#include "image/remote.h"

struct get {
	struct remote remote;
	struct image_filter wanted;  /* all four for image_get() */
	bool user;                   /* which of LXC's indexes */
	bool flush, force;           /* --flush-cache, --force-cache */
	bool no_validate;            /* neither signature nor hashes are asked for; those that are there count */
	bool any_server;             /* nobody named a server: an imported image will do */
	const struct record *locked; /* --locked: this and no other; NULL: the newest */
};

/* All images of the server that match, sorted. */
int image_list(const struct get *get, struct arena *arena, struct image_list *ret, struct error *err);

/* Makes sure that the image is in the cache; strings of *ret live in the arena. */
int image_get(const struct get *get, const struct cache *cache, struct arena *arena, struct record *ret,
	      struct error *err);
