/*
 * Arguments of the steps that deal with cgroups; a part of plan/steps.h that
 * the undo and lxs-cgroup can have without the rest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One directory of a step_cgroup, in one hierarchy. */
struct cgroup_place {
	const char *path;          /* absolute; the wanted name */
	size_t base;               /* length of the front of `path` that is there already */
	size_t limit;              /* length of the front of `path` where limits are set */
	const char *escape[2];     /* where a process of ours that must leave may go: first choice, last resort */
	const char *enable;        /* v2: controllers to hand down to it, "+cpu +memory"; NULL: none */
	bool v2, cpuset;           /* cpuset: v1, which gives a new cgroup no cpus and no memory */
};
struct step_cgroup {
	const char *role;          /* "monitor", "payload"; "caller": where the launcher came from, nothing is made */
	const char *const *directories; /* absolute, one a hierarchy, NULL at the end; the v2 one first */
	const struct cgroup_place *places; /* the same with what making and leaving them needs */
	bool exact;                /* the name was given: no other one may be taken when it is in use */
	bool early;                /* joined in v2 too before going on; else that waits until init runs */
};
struct step_cgroup_limit { const char *directory, *file, *value; };

/*
 * Rules in the order of their lines, later ones over earlier ones.  The first
 * is of type a and says what holds for every device that no rule names.
 */
struct device_rule {
	bool allow;
	char type;                 /* b, c, or a: everything, and all rules before it are void */
	int major, minor;          /* -1: any */
	unsigned access;           /* 1 r, 2 w, 4 m */
	const char *path;          /* a device node of the host that gives type and numbers; NULL: they stand here */
};
struct step_cgroup_devices {
	const char *directory;     /* absolute */
	bool v2;                   /* eBPF; else devices.allow and devices.deny */
	const struct device_rule *rules;
	size_t count;
};
