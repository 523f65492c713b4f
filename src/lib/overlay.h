/*
 * A mount of overlayfs.  Its layers are given by descriptor, so that neither
 * the length of a path nor a ':' or ',' in it matters.
 */
#pragma once

#include "lib/filesystem.h"

struct overlay {
	const int *lowers;   /* from top to bottom */
	size_t lower_count;
	int upper, work;     /* -1: nothing is written, and there are two lowers at least */
	const char *data;    /* comma list of more options; NULL: none */
};

/* A detached mount, or -errno with a detail. */
int overlay_mount(const struct overlay *overlay, const struct mount_detail *detail);
