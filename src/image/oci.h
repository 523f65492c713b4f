/*
 * OCI images: what they are made of and how they are to be run.  Read from an
 * image layout (a directory with oci-layout, index.json and blobs) or from
 * what `docker save` writes (manifest.json).  All of it comes from a stranger:
 * every blob is held against its digest, and a path leads nowhere but beneath
 * the directory.
 *
 * Conventions: OCI image format specification 1.1, Docker image specification
 * 1.2.
 */
#pragma once

#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"

struct oci_label { const char *name, *value; };

/* All strings and arrays live in the arena; lists have a NULL at their end. */
struct oci_image {
	const char *const *layers;       /* absolute paths of tarballs, the lowest first */
	const char *const *layer_names;  /* as messages show them */
	const char *const *entrypoint, *const *command, *const *environment, *const *ports;
	const char *user, *directory, *stop_signal; /* "": not said */
	const struct oci_label *labels;
	size_t label_count;
};

/*
 * The image called `tag` in `directory` (`shown` in messages); NULL: the only
 * one.  Of an index over several machines the one for this machine is taken.
 */
int oci_read(struct arena *arena, int directory, const char *shown, const char *tag, struct oci_image *ret,
	     struct error *err);
