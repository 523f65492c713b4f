/*
 * Whom the files of a new container belong to, where root makes it for ids of
 * its own (lxc.idmap).
 */
#pragma once

#include "config/settings.h"

/*
 * Leaves the tree as it is when its file system can map ids on a mount, or
 * when its owners are not those that the container is to see; else shifts its owners to the container's.
 */
int owner_settle(const struct settings *settings, const char *tree, struct error *err);
