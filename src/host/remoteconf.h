/* Image servers that lxs.conf names: `remote NAME { url = ... }`. */
#pragma once

#include "lib/arena.h"
#include "lib/error.h"

/* NULL: not said. */
struct remote_section {
	const char *url, *format, *keyring, *fingerprint;
	const char **mirrors; /* NULL at the end */
};

/* 1: the file has a section of that name, whose texts live in the arena; 0: it has not; -1. */
int remoteconf_read(const char *path, const char *name, struct arena *arena, struct remote_section *ret,
		    struct error *err);
