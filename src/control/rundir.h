/*
 * The run directory of one container: /run/lxs/PATH/NAME for root,
 * $XDG_RUNTIME_DIR/lxs/PATH/NAME for users, PATH being the lxcpath with '/'
 * written as '+'.  It holds, while the container runs:
 *
 *   state     plain text, one `key=value` a line, replaced atomically (control/state.h)
 *   control   the supervisor's SOCK_SEQPACKET socket (control/client.h)
 *   journal   what has to be undone afterwards (control/journal.h)
 *   settings  the merged settings in force, with origins (config/save.h)
 *   devices   device rules in force, where the kernel cannot tell (container/device_rules.h)
 *   nodes     device nodes given to it while it runs (container/device_record.h)
 *   lock      locked by whoever starts, owns or dismantles the container
 *
 * The lock belongs to the open file (fcntl(2), F_OFD_SETLK), so it passes
 * through fork and exec with its descriptor and dies with the last process
 * that holds it: "the container has an owner" and "the lock is held" are the
 * same, and no pid can be mistaken for another.  A directory whose lock is
 * free was left by a crash: readers take it for absent, and whoever claims it
 * next undoes its journal first.
 *
 * Directories are made 0700 and must belong to the caller: anything else is
 * refused.
 */
#pragma once

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/error.h"

struct rundir {
	int fd;            /* the directory, for *at() calls */
	int lock;          /* -1 unless held */
	int journal;       /* append; -1 until journal_open() */
	bool leftover;     /* claimed from a dead owner: journal_undo() first */
	char *path;        /* owned; for messages */
};

#define RUNDIR_INIT ((struct rundir){ .fd = -1, .lock = -1, .journal = -1 })

enum rundir_answer { RUNDIR_OPENED = 0, RUNDIR_ABSENT = 1, RUNDIR_BUSY = 2 };

/* Opens the run directory of a container that has an owner.  RUNDIR_OPENED, RUNDIR_ABSENT, or -1. */
int rundir_open(const char *lxcpath, const char *name, struct rundir *ret, struct error *err);

/*
 * Makes it, or takes over one whose owner died, and takes the lock.
 * RUNDIR_OPENED, RUNDIR_BUSY (somebody owns the container), or -1.
 */
int rundir_claim(const char *lxcpath, const char *name, struct rundir *ret, struct error *err);

/*
 * Takes over one whose owner died, to clean up after it.  RUNDIR_OPENED (with
 * `leftover`), RUNDIR_ABSENT (nothing to clean), RUNDIR_BUSY, or -1.
 */
int rundir_claim_leftover(const char *lxcpath, const char *name, struct rundir *ret, struct error *err);

/* Adopts descriptors handed over by the supervisor (supervise/handover.h). */
int rundir_adopt(int fd, int lock, struct rundir *ret, struct error *err);

/* True when the directory was left by a crash: its lock is free. */
bool rundir_is_stale(const struct rundir *run);

/* Removes the directory and all in it; releases the lock. */
void rundir_remove(struct rundir *run);

void rundir_done(struct rundir *run);

#define owned_rundir __attribute__((cleanup(rundir_done))) struct rundir

/*
 * For those who look at many containers: the directory that holds the run
 * directories of one lxcpath (O_RDONLY), and one of them by name.  With
 * `make`, a missing parent is made, so that a name can be waited for in it.
 */
int rundir_open_parent(const char *lxcpath, bool make, int *ret, struct error *err);
int rundir_open_in(int parent, const char *name, struct rundir *ret, struct error *err);

/* The path of that directory when `base` is the system's run directory; for a look into a container's own. */
char *rundir_parent_path(struct arena *arena, const char *base, const char *lxcpath);
