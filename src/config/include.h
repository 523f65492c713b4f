/*
 * What an lxc.include line names: one file, or the *.conf files of a
 * directory in the order of their names.
 */
#pragma once

#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"

struct paths {
	const char **items;
	size_t count;
};

int include_list(struct arena *arena, const char *path, struct paths *ret, struct error *err);

/*
 * LXC's own files (/usr/share/lxc/...) that this machine lacks are ours
 * (PKGDATADIR/...), so that a config written for LXC works where it is not
 * installed.  Every other path is answered as it is.
 */
const char *include_resolve(struct arena *arena, const char *path);
