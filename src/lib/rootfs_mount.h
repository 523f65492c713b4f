/*
 * What a root file system is mounted from, and the mounting of it: a
 * directory is copied as a mount, layers become an overlay, an image gets a
 * loop device, a block device the file system that is on it.  The mount is
 * attached nowhere, so what cannot be seen needs no undo: it is gone, loop
 * device and all, with the last descriptor or namespace that has it.  Nothing
 * here allocates.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/filesystem.h"

enum { ROOTFS_LOWERS_MAX = 40, ROOTFS_PLACES_MAX = ROOTFS_LOWERS_MAX + 2 };

struct rootfs_source {
	const char *type;          /* "dir", "overlay" ...; "" for a path without TYPE: */
	const char *path;          /* directory, image, device, data set; of an overlay: what is written */
	const char *const *lowers; /* overlay: what is only read, from top to bottom, NULL at the end; else NULL */
	const char *work;          /* overlay: the kernel's own directory beside `path` */
	const char *data;          /* comma list for the file system; NULL: none */
	bool readonly;             /* the file system itself, not only the mount; overlay: `path` is the topmost of `lowers` */
	unsigned partition;        /* nbd: that one of the image; 0: the image itself */
	bool tmpfs;                /* overlay: what is written goes to memory, `path` is read only */
};

/* The host's places behind it, one after the other; NULL behind the last. */
const char *rootfs_source_place(const struct rootfs_source *source, size_t index);

struct rootfs_mounting {
	const int *opened;   /* the places, opened when there were rights to (-1: not); NULL: none */
	int device;          /* the block device that holds it, open; -1: what `path` names */
	int stand;           /* a directory to attach layers to in passing; -1: none, then layers stay as they are */
	bool alone;          /* of a directory: not what is mounted below it */
	int userns;          /* mounts with the ids of this user namespace; -1: as they are */
	const char *uids;    /* its map: only a tree that has the ids of inside, as far as possible; NULL: any, or fail */
	struct mount_detail detail;
};

/* A detached mount, or -errno with a detail; -ECANCELED: the detail says it all. */
int rootfs_mount(const struct rootfs_source *source, const struct rootfs_mounting *how);
