/*
 * Hooks outside of a run: clone and destroy, with LXC's arguments and
 * environment.
 */
#pragma once

#include "container/container.h"

struct verb_hooks {
	const char *type;           /* "destroy", "clone" */
	const char *rootfs_mount;   /* where the rootfs is mounted; NULL: lxc.rootfs.mount */
	const char *source_name;    /* clone: of whom; NULL */
	const char *extra;          /* more arguments, as a shell reads them; NULL */
};

/* Runs those of a loaded container in order, until one fails. */
int verb_hooks_run(const struct container *container, const struct verb_hooks *hooks, struct error *err);
