/*
 * The part of a copy that touches root file systems: done in a process with
 * mounts of its own, and for an ordinary user as root of a user namespace.
 */
#pragma once

#include "provision/provision.h"
#include "provision/mapped.h"
#include "storage/storage.h"

/* Whether programs want to see a copy of it. */
bool copy_has_hooks(const struct container *source);

struct copy_fill {
	const struct copy_options *options;
	const struct container *source;     /* loaded */
	const struct container *target;     /* loaded when there are hooks */
	const struct storage_request *request;
	const struct rootfs_source *from, *to;
	const struct storage_ops *ops;      /* of the target */
	bool clone;                         /* by ops->clone; else made empty and copied into */
	unsigned *kept;                     /* provision/identity.h */
};

int copy_fill(const struct copy_fill *fill, const struct mapping *mapping, const struct interrupt *interrupt,
	      struct error *err);

/* A root file system by descriptor, mounted where nobody sees it; for the process that copy_fill() and others run in. */
int rootfs_open_unseen(const struct rootfs_source *source, struct error *err);

/*
 * Before the last user of what is mounted there goes, and takes along what
 * could not be written.  A directory's file system goes on.
 */
int rootfs_write_through(int root, const struct rootfs_source *source, struct error *err);
