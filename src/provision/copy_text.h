/*
 * The config of a copy: the text of the one it is made of, with comments and
 * includes as they are, and with what has to be the copy's own.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

struct copy_text {
	const char *from, *to;      /* directories LXCPATH/NAME: a value that leads into the first leads into the second */
	const char *rootfs;         /* lxc.rootfs.path of the copy; NULL: as rewritten by the rule above */
	const char *name;           /* lxc.uts.name of the copy; NULL: kept */
	bool every_path;            /* by that rule all paths: the first directory is no more; else those of own files */
	bool new_hwaddr;            /* other hardware addresses, of the block LXC uses */
	const char *more;           /* lines at the end; NULL: none */
};

/* Allocated; NULL without memory. */
char *copy_text(const char *config, const struct copy_text *how);

/* In one value: every path that leads into the directory `from` leads into `to`.  Allocated. */
char *copy_text_path(const char *value, const char *from, const char *to);
