/*
 * Copying a whole directory tree with all that belongs to it: owners, modes,
 * times, extended attributes (file capabilities and ACLs are such), hard
 * links, holes, devices.  Data is shared where the file system can do that.
 * Both trees are walked by descriptor: no symbolic link is followed, no other
 * mount is entered, and depth costs no descriptors.
 */
#pragma once

#include "lib/error.h"

/*
 * Copies what is in the directory `from` into the directory `to`, which is
 * empty, and the attributes of `from` itself.  `shown` is its path for
 * messages.  Devices are left out where nobody may make them.
 */
int tree_copy(int from, int to, const char *shown, struct error *err);

/* Copies the bytes of one file, from the start to the end of both, holes as holes.  0 or -errno. */
int file_copy_data(int from, int to, off_t size);
