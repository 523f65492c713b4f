/*
 * What an lxc.rootfs.path means: [TYPE:]PATH, of an overlay
 * LOWER[:LOWER...]:UPPER, of nbd IMAGE[:PARTITION].
 */
#pragma once

#include "config/settings.h"
#include "lib/arena.h"
#include "lib/error.h"
#include "lib/rootfs_mount.h"

/* The types LXC knows, NULL at the end; a word before the colon may be shortened. */
extern const char *const rootfs_types[];

/* The texts of *ret live in `arena`.  Opens nothing: what a PATH without TYPE is shows when it is mounted. */
int rootfs_source_parse(struct arena *arena, const char *text, struct rootfs_source *ret, struct error *err);

/*
 * Refuses the setting `key`, a file that the host writes for the container,
 * when the way to it leads into the container's own root file system: the
 * container could put a link there, which leads to any file of the host.
 * Nothing else on that way is the container's, so the path may be used then.
 */
int rootfs_refuse_inside(const struct settings *settings, const char *key, struct error *err);
