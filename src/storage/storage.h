/*
 * Where root file systems live: one file a backend, each one const struct of
 * functions, chosen once by name.  A function that is missing means that this
 * kind of storage cannot do it, and is refused with one common message.
 * Mounting is not theirs: what an lxc.rootfs.path means is in
 * config/rootfs_source.h, and lib/rootfs_mount.h mounts it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/rootfs_source.h"
#include "lib/arena.h"
#include "lib/error.h"

/* Of a new file system, when nobody says one: LXC's. */
#define STORAGE_SIZE ((uint64_t)1 << 30)

/* What -B and its options say; NULL or 0: the default. */
struct storage_specs {
	const char *fstype;         /* default: ext4, or that of what is copied */
	uint64_t size;              /* bytes */
	const char *vg, *lv, *thinpool;
	const char *zfsroot;
	const char *rbdname, *rbdpool, *rbduser;
};

/*
 * What tells the work of one unfinished container from everybody else's.  A name
 * that was free a moment ago may have been taken by another command since, so
 * backends whose names are shared by all containers mark what they make.
 */
struct storage_work {
	const char *tag;            /* unique; of letters, digits and _+.-/=!:&# */
	const char *from;           /* the path of what is cloned; NULL: nothing */
};

struct storage_request {
	const char *name;           /* of the container */
	const char *directory;      /* LXCPATH/NAME */
	const char *wanted;         /* --dir: put it there; NULL: DIRECTORY/rootfs */
	const char *lower;          /* overlay: a tree that is only read and others may share; NULL: one is made */
	const struct rootfs_source *like; /* of the same kind, which it is a copy of; NULL: none */
	const struct rootfs_source *from; /* what a clone is made of; NULL: not a clone */
	const char *tag;            /* to mark with what is made elsewhere */
	struct storage_specs specs;
};

struct storage_ops {
	const char *name;
	bool mounted;               /* what it makes holds a file system that has to be mounted to be filled */
	bool elsewhere;             /* what it makes is not in the container's directory */
	/* Whether it can be used here, by looking: for -B best. */
	bool (*available)(const struct storage_request *request);
	/*
	 * The lxc.rootfs.path of what is to be made ("dir:/x"; the caller frees
	 * it), and a refusal when something is there already.  Makes nothing, so
	 * that the name can be written down before.
	 */
	int (*name_new)(const struct storage_request *request, char **path, struct error *err);
	/* Makes it, empty; refuses what is there.  What a failure leaves is withdraw()'s to remove. */
	int (*create)(const struct storage_request *request, const struct rootfs_source *made, struct error *err);
	/* Makes it out of request->from, sharing its data until one of the two is written. */
	int (*clone)(const struct storage_request *request, const struct rootfs_source *made, struct error *err);
	/* Whether a clone of it cannot be without it; NULL: it can, or its layers tell (provision/rdepends.h). */
	bool (*clone_depends)(const struct rootfs_source *from);
	/*
	 * What tells it from another that is given its name once it is gone, on one line that the caller frees; NULL in
	 * *ret: there is none now.  NULL here: the name is the container's own.
	 */
	int (*identify)(const struct rootfs_source *source, char **ret, struct error *err);
	/* Removes it.  That it is gone already is fine. */
	int (*destroy)(const struct rootfs_source *source, struct error *err);
	/*
	 * Takes an unfinished create or clone back: removes what bears its tag, and
	 * nothing else.  NULL: the name is the container's own, and destroy() does it.
	 */
	int (*withdraw)(const struct rootfs_source *made, const struct storage_work *work, struct error *err);
	/* storage_attach() of it; NULL: it is there as long as it exists. */
	int (*attach)(const struct rootfs_source *source, int *device, struct error *err);
};

extern const struct storage_ops storage_btrfs, storage_dir, storage_loop, storage_lvm, storage_nbd, storage_overlay,
	storage_rbd, storage_zfs;

/* Whether storage_find() knows the name. */
int storage_check(const char *name, struct error *err);

/* The backend for -B (NULL, `none`: dir); `best` is the first of btrfs, zfs, lvm that can be used here, else dir. */
const struct storage_ops *storage_find(const char *name, const struct storage_request *request, struct error *err);

/* The backend of an lxc.rootfs.path ("dir:/x", "/x", "btrfs:/x"), and in *source what it means; texts live in `arena`. */
const struct storage_ops *storage_of(struct arena *arena, const char *path, struct rootfs_source *source, struct error *err);

/* Who it is that has that name now, for storage_remove(); NULL in *identity: nobody, or nobody else can have it. */
int storage_identify(const struct storage_ops *ops, const struct rootfs_source *source, char **identity, struct error *err);

/* What would keep it from being removed, as far as that can be told before: of a directory, what is mounted in it. */
int storage_refuse_removal(const struct storage_ops *ops, const struct rootfs_source *source, struct error *err);

/* Removes it when it is still the one that was identified; that it is gone, or another's by now, is fine. */
int storage_remove(const struct storage_ops *ops, const struct rootfs_source *source, const char *identity, struct error *err);

/*
 * The directory that is to be filled: of an overlay the lowest one.  NULL:
 * it has to be mounted first.
 */
const char *storage_tree(const struct rootfs_source *source);

/*
 * Before it is mounted: its block device appears, where it does not do that by
 * itself.  *device is one that goes with its last user, open, for
 * rootfs_mount(); -1: what `path` names.
 */
int storage_attach(const struct rootfs_source *source, int *device, struct error *err);

/*
 * Fills in size and file system of the image or device that a copy shall be
 * like, where nothing is said already.
 */
int storage_like(const struct rootfs_source *source, struct storage_specs *specs, struct error *err);

/* ---- for the backends ---- */

/* What an identify() has found out; "": there is none.  0 or -1. */
int storage_identity(const char *text, char **ret, struct error *err);

/* identify() of a file or directory: its number, and when it got it. */
int storage_identify_file(const struct rootfs_source *source, char **ret, struct error *err);

/* "TYPE:DIRECTORY/rootfs", or what --dir says; refused when there are files in it. */
int storage_name_directory(const char *type, const struct storage_request *request, char **path, struct error *err);

/* Refuses a directory that has something in it: what a failed create removes must be its own. */
int storage_refuse_filled(const char *path, struct error *err);

/* Makes a directory; that it is there is fine. */
int storage_make_directory(const char *path, struct error *err);

/* Removes the directory tree at `path`, unless something is mounted in it. */
int storage_remove_directory(const char *path, struct error *err);

/* Refuses a directory in which something is mounted. */
int storage_refuse_mounts(const char *path, struct error *err);
