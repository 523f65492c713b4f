/*
 * The verbs on containers as they lie on the disk: made, copied, moved,
 * removed.  Apart from container/, which runs them; a verb here holds the
 * container's lock (container/verb_lock.h) and leaves nothing half-done, or
 * the mark `partial` when it is killed.
 */
#pragma once

#include <stdbool.h>

#include "container/container.h"
#include "lib/error.h"
#include "storage/storage.h"

/* ---- making and removing: provision/create.c, destroy.c ---- */

struct create_options {
	const char *template;       /* name or absolute path; "none": no rootfs */
	char *const *arguments;     /* for the template; NULL at the end */
	const char *config;         /* -f; NULL: lxc.default_config */
	const char *backend;        /* -B; NULL: dir */
	const char *directory;      /* --dir */
	const char *lower;          /* -B overlay: a tree to share, which is only read; NULL: the template fills one */
	struct storage_specs specs; /* of the backend */
	bool quiet;
};

/* Runs the template with -h; its output is its own. */
int container_template_help(const char *template, struct error *err);

int container_create(struct container *container, const struct create_options *options, struct error *err);
int container_destroy(struct container *container, bool force, bool snapshots, struct error *err);

/* The same for a container that has ended and is ephemeral: see struct start_options. */
int container_remove(struct container *container, struct error *err);

/* ---- copying: provision/copy.c, rename.c ---- */

struct copy_options {
	const char *name, *lxcpath;    /* of the copy; lxcpath NULL: the same */
	bool snapshot;                 /* -s: shares its data with what it is made of */
	bool cheap;                    /* shares where the storage can, without becoming dependent; else copies */
	bool allow_running;            /* -a */
	bool keep_name, keep_mac;      /* -K, -M */
	bool identical;                /* machine-id and ssh host keys stay */
	bool quiet_hooks;              /* no clone hooks: for snapshots, which are not run */
	const char *backend;           /* -B; NULL: that of the source */
	struct storage_specs specs;
	const char *hook_arguments;    /* for clone hooks, as a shell reads them; NULL */
	const char *more;              /* lines for the end of its config; NULL */
	int (*last)(const char *directory, void *data, struct error *err); /* what makes it whole; NULL: nothing more */
	void *data;
	void (*warn)(const struct error *warning, void *context); /* is told what the copy shares with its source; NULL */
	void *warn_context;
};

int container_copy(struct container *source, const struct copy_options *options, struct error *err);

/*
 * Called for each copy before anything is made: the small program leaves most
 * to the full one and returns only for those it makes itself.  0 or -1.
 */
int copy_admit(const struct container *source, const struct copy_options *options, struct error *err);

/* Within its lxcpath; clones and snapshots stay right. */
int container_rename(struct container *container, const char *name, struct error *err);
