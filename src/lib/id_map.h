/* Maps of ids as texts, lines `INSIDE OUTSIDE RANGE`, and what they say of a tree. */
#pragma once

#include <stdbool.h>

/* The host's id for one inside. */
bool id_map_outside(const char *map, unsigned long inside, unsigned long *ret);

/* Whose ids the files of a root file system have on the disk. */
enum id_map_tree {
	TREE_INSIDE,   /* those that the container sees: only a mount with mapped ids shows them to it */
	TREE_SHIFTED,  /* those that it has on the host */
	TREE_FOREIGN,  /* neither: somebody else's */
};

/*
 * Told by who owns its root directory.  The guest may give that to whom it
 * likes, but only to ids that it has, so it stays what it is.  An id that is
 * both is a shifted one, but for the host's root: what he unpacked nobody has
 * shifted, and a guest that has his id has no need to pretend.
 */
enum id_map_tree id_map_tree_of(const char *uids, unsigned long owner);
