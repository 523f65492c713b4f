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

/* Whether an lxc.rootfs.path leads into the container's directory, with which all in it goes. */
bool remains_within(const char *path, const char *directory);

/*
 * What would keep the storage of a config from being removed, to be asked while the container is whole: behind the
 * marker a failure leaves one that cannot be started.
 */
int remains_refuse(const struct settings *settings, struct error *err);

/* Fills in what marks the storage at an lxc.rootfs.path as what the work is going to remove. */
int remains_mark(struct partial *partial, const char *path, struct error *err);

/*
 * Removes the storage that is marked, and no other that has got its name, of the container of that directory.  That of
 * an ordinary user's container goes by the hand of root of a user namespace with all the user's ids.
 */
int remains_storage(const struct partial *partial, const char *directory, struct error *err);

/* After a failure: the storage goes first and as a whole, and is still there. */
bool remains_untouched(const struct partial *partial);
