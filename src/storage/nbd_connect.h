/*
 * A disk image as a block device: a server of the image, and the kernel as its
 * client.
 */
#pragma once

#include "lib/error.h"

/*
 * The device of an image, or of its partition (1 ...; 0: the whole), open for
 * reading; qemu-nbd(8) serves it, whatever its format is.  Device and server go
 * with the last descriptor and mount of it, so there is nothing to undo.  -1.
 */
int nbd_connect(const char *image, unsigned partition, struct error *err);
