/*
 * What a killed create or destroy has left in a container's directory.
 */
#pragma once

#include "container/container.h"
#include "container/partial.h"
#include "storage/storage.h"

/*
 * Removes what the killed command had noted as its own, but not the marker
 * itself.  The caller holds the marker.
 */
int remains_clear(struct partial *partial, const struct container *container, struct error *err);

/* Removes storage; that of an ordinary user's container as root of a user namespace with all the user's ids. */
int remains_storage(const struct storage_ops *ops, const struct rootfs_source *source, struct error *err);
