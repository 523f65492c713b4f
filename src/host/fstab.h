/*
 * The file that lxc.mount.fstab names, as lines with their origins.  It is
 * read before planning, like the facts of the host, because planners open
 * nothing; plan/mounts.c makes sense of the lines.
 */
#pragma once

#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/origin.h"

struct fstab {
	const struct origin *lines; /* one a line that is neither blank nor a comment; the line is in `text` */
	size_t count;
};

/* Reads the file at `path` into `arena`; `asked` is the config line that names it. */
int fstab_read(struct arena *arena, const char *path, const struct origin *asked, struct fstab *ret,
	       struct error *err);
