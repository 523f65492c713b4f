/*
 * The cgroup hierarchies of this machine: which are mounted where, which can
 * be written, and where containers belong below each (cgroups(7)).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"

/*
 * Names that are between us and others: what systemd keeps for the first
 * process, and where ours wait when the cgroup above may hold none (v2, "no
 * internal processes").  A process in either is taken to be in the one above.
 */
#define CGROUP_INIT_SCOPE "init.scope"
#define CGROUP_PIVOT "lxc.pivot"

/* Below the root of a hierarchy: what lxs-cgdelegate gives to users, by number. */
#define CGROUP_DELEGATED "lxs.users"

enum cgroup_mode {
	CGROUP_NONE,    /* nothing that can be written */
	CGROUP_LEGACY,  /* v1 only */
	CGROUP_HYBRID,  /* v1 with a v2 hierarchy beside it */
	CGROUP_UNIFIED, /* v2 only */
};

struct cgroup_hierarchy {
	const char *mountpoint;   /* "/sys/fs/cgroup/memory" */
	const char *controllers;  /* v1: "cpu,cpuacct" or "name=systemd"; v2: cgroup.controllers of the base, "" for none */
	const char *base;         /* where our cgroups go below the mount point: "/" or "/user.slice/..." */
	const char *own;          /* the same for lxc.cgroup.relative: the caller's own cgroup, or where he may go back to */
	bool v2;
};

/* Only hierarchies in which the caller may make cgroups; the v2 one, when there is one, comes first. */
struct cgroup_layout {
	enum cgroup_mode mode;
	struct cgroup_hierarchy *hierarchies;
	size_t count;
	const char *use, *pattern; /* lxc.cgroup.use and lxc.cgroup.pattern of lxs.conf; NULL: unset */
};

/* Looks at the mount table and at the cgroups of init and of the caller. */
int cgroups_read(struct arena *arena, struct cgroup_layout *ret, struct error *err);

/*
 * Whether what an ordinary user can write was given to him for that: systemd
 * lets a user write the cgroups of his own services, too, where its word
 * counts.  It marks what it leaves to others.
 */
bool cgroups_are_delegated(const struct cgroup_layout *layout);

/*
 * The same from texts: /proc/self/mountinfo, and /proc/PID/cgroup of the
 * process whose cgroup is the base and of the caller.  Says nothing about
 * what can be written, nor about the controllers of v2.
 */
void cgroups_parse(struct arena *arena, const char *mounts, const char *base, const char *own,
		   struct cgroup_layout *ret);

/*
 * Leaves out the v1 hierarchies that have a controller which is not in `use`
 * ("memory,pids"); v2 has no controllers to leave out.  One that is named and
 * not there is an error.
 */
int cgroups_select(struct cgroup_layout *layout, const char *use, struct error *err);

/* The hierarchy that has this controller ("memory", "devices", "name=systemd"; "" is the v2 one), or NULL. */
const struct cgroup_hierarchy *cgroup_find(const struct cgroup_layout *layout, const char *controller);

/* The same, v1 or v2 only. */
const struct cgroup_hierarchy *cgroup_find_version(const struct cgroup_layout *layout, const char *controller,
						   bool v2);

bool cgroup_has(const struct cgroup_hierarchy *hierarchy, const char *controller);
