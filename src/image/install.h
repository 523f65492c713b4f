/*
 * From an image to a container: its files go where the storage is, its config
 * is put together with the container's own.  The image is one of the cache, or
 * a tarball that somebody has.
 */
#pragma once

#include "image/cache.h"
#include "image/identity.h"

struct install {
	const char *name, *directory, *tree; /* --name, --path, --rootfs of a template */
	bool user;
	struct identity identity;
	const struct cache *cache;
	const struct record *record; /* NULL: it is `archive` */
	const char *archive;         /* absolute path */
	int meta;                    /* directory with its metadata; -1: it has none */
	bool no_devices;             /* what is in its /dev stays out */
};

int image_install(const struct install *install, struct error *err);
