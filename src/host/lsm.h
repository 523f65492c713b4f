/*
 * What this machine has of mandatory access control: which module labels
 * processes, and for AppArmor what the starter may do with it.
 */
#pragma once

#include <stdbool.h>

#include "lib/arena.h"

#define APPARMOR_PARSER "apparmor_parser"
#define APPARMOR_FS "/sys/kernel/security/apparmor"

struct host_lsm {
	const char *module;         /* "apparmor", "selinux", or "none"; all below is AppArmor's */
	bool mounts;                /* the kernel mediates mounts */
	const char *cannot_load;    /* why the starter may not load profiles, for a message; NULL: it may */
	bool inner;                 /* the starter is in a user namespace that is not the host's own */
	bool compiler;              /* there is a parser to compile them */
	bool namespaces;            /* a policy namespace may be stacked upon a profile */
	bool confined;              /* the starter is under a profile itself */
	const char *lxc_default;    /* LXC's default profile when it is loaded, by name; else NULL */
};

/* The module in force, as in struct host_lsm. */
const char *lsm_module(struct arena *arena);

void host_lsm_read(struct arena *arena, struct host_lsm *ret);
