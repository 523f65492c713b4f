/*
 * Snapshots: copies of a container in its own directory, LXCPATH/NAME/snaps,
 * called snap0, snap1 and so on, each a container of its own with a file `ts`
 * that has the time, and perhaps a `comment`.  LXC's layout.
 */
#pragma once

#include "container/container.h"
#include "lib/arena.h"

struct snapshot {
	const char *name;     /* "snap0" */
	const char *lxcpath;  /* LXCPATH/NAME/snaps */
	const char *time;     /* contents of `ts`, "" without */
	const char *comment;  /* path of the file; NULL: none */
	bool defined;         /* is whole; else it is what a killed command left, or nobody's */
	bool marked;          /* of the two the first */
};

struct snapshot_list { struct snapshot *items; size_t count; };

/* All that is there, by number; the texts live in `arena`. */
int snapshot_list(const struct container *container, struct arena *arena, struct snapshot_list *ret, struct error *err);

/* `comment`: a file to be copied; NULL: none. */
int snapshot_create(struct container *container, const char *comment, struct error *err);

/* Back to what it was: as the container `name`, NULL: in place. */
int snapshot_restore(struct container *container, const char *snapshot, const char *name, struct error *err);

int snapshot_destroy(const struct container *container, const char *snapshot, struct error *err);
int snapshot_destroy_all(const struct container *container, struct error *err);

/* An error when a container was restored from one of them by sharing its files. */
int snapshot_refuse_clones(const struct container *container, const struct snapshot_list *list, struct error *err);
