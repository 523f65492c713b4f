/*
 * What backends on block devices and images have in common: names that are
 * free, sizes, file systems.
 */
#pragma once

#include "storage/storage.h"

/* Makes a file system on a device or in an image, by mkfs; NULL: ext4. */
int block_format(const char *device, const char *type, struct error *err);

/* The size in bytes that a request asks for. */
uint64_t block_size(const struct storage_request *request);

/*
 * A name of its own in a place that all containers share, such as a volume
 * group: `wanted`, else the container's, and of a snapshot the container's and
 * its own.  One that is taken is refused; only a snapshot's gets a number.
 * NULL: error.  The caller frees it.
 */
char *block_name(const struct storage_request *request, const char *wanted, bool (*taken)(const char *place, const char *name),
		 const char *place, struct error *err);
