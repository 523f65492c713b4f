/*
 * A snapshot of what this machine is, taken once before planning so that
 * planners stay pure.  Tests fill it by hand.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/cgroups.h"
#include "host/lsm.h"
#include "host/subid.h"
#include "lib/arena.h"
#include "lib/error.h"

struct host {
	uid_t uid;                  /* effective */
	gid_t gid;
	unsigned last_capability;   /* highest number the kernel knows */
	uint64_t bounding;          /* the launcher's own bounding set: what can be given at all */
	uint64_t permitted;         /* the launcher's permitted set */
	bool cgroup_namespaces, time_namespaces;
	struct host_lsm lsm;
	bool filtered;              /* the launcher already runs under a seccomp filter */
	bool libraries;             /* this program loads libraries by their names: in a rootfs, those of the guest */
	struct subids subids;       /* of an ordinary user; empty for root */
	const char *no_mapping;     /* why an ordinary user cannot map them; NULL: he can */
	struct cgroup_layout cgroups;
	bool scope_later;           /* an ordinary user's, to be given by systemd once it is asked: see container/scope.h */
	const char *no_scope;       /* why systemd gave none, NULL: it did, or nobody asked */
	const char *const *interfaces; /* those there are of the ones that the config leaves open; NULL: none is */
};

/* Reads the facts of the running system into `arena`. */
int host_read(struct arena *arena, struct host *ret, struct error *err);
