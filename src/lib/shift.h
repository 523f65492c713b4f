/*
 * Giving a tree to the ids of a user namespace, where its file system cannot
 * map them on a mount: owners, and the ids that access control lists and file
 * capabilities hold.  Modes stay, set-user-id bits too.
 */
#pragma once

#include "lib/error.h"

/*
 * Shifts `name` below `parent` and all in it, on one mount; nobody else may be
 * at work there.  `shown` is its path for messages.  Stops at the first
 * failure, also at an owner that the maps do not have; what was done stays.
 */
int shift_tree(int parent, const char *name, const char *shown, const char *uids, const char *gids, struct error *err);
