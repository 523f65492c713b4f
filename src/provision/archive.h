/*
 * A whole container as one tarball: what stands where in it.  In this order:
 *
 *   lxs-export                 what the archive is, and of whom; lines KEY=VALUE
 *   config                     as it was
 *   snaps/SNAP/config          of each snapshot that came along
 *   files/...                  the rest of the container's directory
 *   snaps/SNAP/files/...
 *   rootfs/...                 as the container sees it, ids too
 *   snaps/SNAP/rootfs/...
 *   lxs-end                    the SHA-256 of all members before it
 *
 * Texts come first, so that who reads a stream can refuse before the bulk of
 * it.  Whoever has no lxs can unpack it with tar(1).
 */
#pragma once

#include "config/rootfs_source.h"
#include "lib/arena.h"
#include "lib/error.h"
#include "lib/text.h"

#define ARCHIVE_MANIFEST "lxs-export"
#define ARCHIVE_END "lxs-end"

enum { ARCHIVE_SMALL = 64 << 10, ARCHIVE_CONFIG = 256 << 10 }; /* the most that a text may have */

struct archive_manifest {
	const char *name;              /* of the container */
	const char *directory;         /* LXCPATH/NAME where it was */
	const char *const *snapshots;  /* NULL at the end */
	bool rootfs;                   /* it has one */
};

void archive_manifest_format(const struct archive_manifest *manifest, struct buffer *out);

/* The texts live in `arena`.  What is a stranger's is checked: names are names. */
int archive_manifest_parse(struct arena *arena, const char *text, struct archive_manifest *ret, struct error *err);

/* "" or "snaps/SNAP/": what is put in front of the names of its members; snapshot NULL: the container itself. */
const char *archive_prefix(struct arena *arena, const char *snapshot);

/* What belongs to the verbs and the storage, and is none of the files that come along. */
bool archive_is_reserved(const char *name);
