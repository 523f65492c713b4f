/*
 * File systems on block devices and in image files.
 */
#pragma once

#include <stdbool.h>

#include "lib/filesystem.h"

/*
 * A detached mount of the file system on a device, or in an image file, which
 * gets a loop device that vanishes with the mount.  `file` may be O_PATH.
 * -errno with a detail, -ECANCELED when that says it all.
 */
int block_mount(int file, bool is_image, const char *data, bool readonly, const struct mount_detail *detail);

/* The type of the file system that begins in `file` ("ext4"); NULL: none that is known. */
const char *block_probe(int file);

/* A loop device on an image, open; it goes with its last user.  -errno with a detail. */
int loop_open(int image, bool readonly, const struct mount_detail *detail);
