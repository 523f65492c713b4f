/*
 * The options of one mount: a comma list as in fstab(5), told apart by
 * libmount's own table into attributes of the mount, propagation, and data
 * for the file system, and LXC's words besides.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/error.h"

struct mount_options {
	uint64_t attr_set;     /* MOUNT_ATTR_* */
	uint64_t attr_clear;   /* what a bind mount must not take over from its source; the access time bits when one is set */
	uint64_t propagation;  /* MS_SHARED and the like, with MS_REC; 0: as it comes */
	bool bind, recursive, remount, move;
	const char *data;      /* comma list for the file system; NULL: none */

	bool optional, relative; /* LXC's words */
	char create;             /* 'd', 'f' or 0 */
	const char *idmap;       /* "container", a path, or NULL */
};

/* Fills *ret from `text`; texts in it live in `arena`.  -1 when a word of LXC's has an unknown value. */
int mount_options_parse(struct arena *arena, const char *text, struct mount_options *ret, struct error *err);
