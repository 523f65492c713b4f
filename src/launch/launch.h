/*
 * Runs a plan.  The host side and the container side are one loop each over
 * their steps (launch/host.c, launch/inside.c); every kind of step is one
 * function in launch/table.c.  The container side, after clone3, allocates
 * nothing: it reports a failure as step index, errno and a short detail over
 * the sync socket, and the host side owns all words.
 *
 * What must be undone after the container, or after a failure, is written to
 * the journal of the run directory *before* it is done (control/journal.h), so
 * that whoever comes later can undo it even when the launcher was killed.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/rundir.h"
#include "control/state.h"
#include "lib/error.h"
#include "plan/plan.h"
#include "policy/compiled.h"

enum { LAUNCH_TTYS_MAX = 64, LAUNCH_DETAIL = 1000, LAUNCH_NAMESPACES = 8 };
enum { LAUNCH_CGROUPS_MAX = 32 }; /* hierarchies: the kernel has about fifteen controllers */

/* The cgroups of one role that STEP_CGROUP_MAKE made, one a hierarchy. */
struct launch_cgroups {
	const struct step_cgroup *step;
	int dirs[LAUNCH_CGROUPS_MAX];   /* of step->places, held; the first is locked as long as it is open */
	size_t count;                   /* how many of step->places are made */
	unsigned suffix;                /* the wanted name was taken: "-SUFFIX" is behind it; 0: none */
	bool pending;                   /* the v2 one is still to be entered: launch_cgroup_settle() */
};

/* The right to set the host's clock, launch/clock_claim.c. */
struct clock_claim {
	int lock;                       /* of the one owner; -1: none */
	int record;                     /* where to record to */
	int attached;                   /* where the helper hears of attached commands */
	bool recorded;                  /* instead of being applied */
	int64_t max_step, max_slew;     /* nanoseconds, parts per billion */
};

#define CLOCK_CLAIM_NONE ((struct clock_claim){ .lock = -1, .record = -1, .attached = -1 })

/* The host side's state while a plan runs; what a successful launch leaves behind. */
struct launch {
	const struct plan *plan;
	struct rundir *run;             /* journal and state */

	pid_t init;                     /* host view; 0 before the clone */
	int pidfd;                      /* of init */
	int sync;                       /* our end of the sync socket */
	unsigned reached;               /* bit per enum sync_point that init has come to */
	int shared[LAUNCH_NAMESPACES];  /* namespaces opened by STEP_SHARE, by launch_namespace_slot() */
	int net_ahead;                  /* where a network namespace may come from, net_ahead.h; -1: from nowhere */
	struct launch_cgroups monitor, payload;
	bool hidden;                    /* init shows nobody but the host's root what it has, until it is executed */
	bool born_in_cgroup;            /* clone3 put init into step_clone.cgroup */
	uint64_t unshare_late;          /* namespaces init makes itself once it is placed */

	const struct sock_filter *filter; /* compiled by STEP_SECCOMP before the clone; NULL: none */
	size_t filter_length;           /* instructions */
	unsigned long filter_flags;     /* SECCOMP_FILTER_FLAG_* */
	struct compiled program;        /* what it lies in */
	int small_init;                 /* lxs-init, out of the guest's reach (lib/program.h); -1 */

	int device;                     /* the block device of the rootfs, which goes with its last user; -1: none */
	int tree;                       /* the idmapped rootfs, for init; -1: none */
	int rootfs;                     /* a nameless file that keeps the rootfs writable, -1: none */
	int console;                    /* master of the console pty, -1: none */
	int ttys[LAUNCH_TTYS_MAX];      /* masters of lxc.tty.max ptys */
	size_t tty_count;
	int seccomp_notify;             /* the listener of init's filter, until its helper has it; -1: none */
	int notify_proxy;               /* the connection to who answers; -1: none */
	bool wants_listener;            /* the filter has the action notify */
	/* Takes seccomp_notify when init has sent it; NULL: none is expected. */
	int (*answerer)(struct launch *launch, struct error *err);
	struct clock_claim clock;       /* of STEP_CLOCK, until its helper has it */
	int clock_service;              /* or the connection to root's service; -1: none */
	struct sock_filter *clock_filter; /* owned */
	size_t clock_filter_length;
	int (*meanwhile)(void *context, struct error *err); /* the caller's: done while init sets itself up; NULL */
	int (*released)(void *context, struct error *err);  /* the caller's: done while init is executed; NULL */
	void *context;                  /* for both */
	struct run_state state;         /* what the steps know of it (cgroups, interfaces); written by container/ */
};

/*
 * The container side's state.  `launch` is init's own copy, as it was when
 * clone3 ran: what a step needs and cannot make without allocating was put
 * there before by its prepare().
 */
struct inside {
	const struct plan *plan;
	const struct launch *launch;
	int sync;                       /* its end of the sync socket */
	bool mapped;                    /* in a user namespace of its own */
	unsigned passed;                /* descriptors from 3 on that init gets by socket activation */
	int devices;                    /* the host's /dev (O_PATH), for who may not make nodes; -1 */
	int places[ROOTFS_PLACES_MAX];  /* of the rootfs, as the starter could open them (O_PATH); -1 */
	int tree;                       /* the rootfs as the host side mapped it, attached nowhere; -1: none */
	int root;                       /* the mounted rootfs (O_PATH); -1 before STEP_ROOTFS */
	int mounted;                    /* the file system mounted last (STEP_FILESYSTEM); -1: none */
	int host_root;                  /* the host's "/", for sources: ask inside_host_root() */
	int proc;                       /* a procfs the guest cannot have touched: ask inside_proc() */
	int devpts;                     /* the container's own devpts, mounted; -1: none */
	int console;                    /* slave of the console, becomes 0, 1, 2; -1: none */
	char container_ttys[600];       /* "container_ttys=pts/1 pts/2", set by STEP_TTYS */
	char detail[LAUNCH_DETAIL];     /* set by a failing step: the word it failed on, or why; a hook's last lines */
};

/*
 * One row a kind.  A host step has `host`, a container step `inside` and
 * perhaps `prepare`, which runs on the host side before the clone.  `trying`
 * is what an error calls the step: "mount {source} on {target}", with names of
 * the kind's fields (plan/steps.c) in braces.
 */
struct launch_row {
	const char *trying;
	int (*host)(struct launch *launch, const struct step *step, struct error *err);    /* 0 or -1 */
	int (*prepare)(struct launch *launch, const struct step *step, struct error *err); /* 0 or -1 */
	int (*inside)(struct inside *inside, const struct step *step);                     /* 0 or -errno */
};

extern const struct launch_row launch_table[STEP_KINDS];

void launch_init(struct launch *launch, const struct plan *plan, struct rundir *run);

/* Closes what the launch still holds; init is left alone. */
void launch_done(struct launch *launch);

/*
 * Runs the whole plan.  Returns 0 once init was executed; the caller then owns
 * init (it is a child of the calling process) and the descriptors in
 * `launch`.  On failure init is dead and reaped, the journal is undone, and
 * err names the step's config line.
 */
int launch_run(struct launch *launch, struct error *err);

/* Kills init, if there is one, and undoes what the journal holds. */
void launch_abort(struct launch *launch);

/* The slot of one CLONE_NEW* flag in launch.shared, -1 for anything else. */
int launch_namespace_slot(uint64_t flag);

/* The step as an error names it: `trying` of its row, filled in.  Returns `text`. */
const char *launch_describe(const struct step *step, char *text, size_t size);
