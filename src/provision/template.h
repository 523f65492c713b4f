/*
 * Template programs: finding one by name and running it by the contract that
 * LXC's templates rely on.
 */
#pragma once

#include <stdbool.h>

#include "provision/interrupt.h"
#include "provision/mapped.h"
#include "lib/rootfs_mount.h"
#include "lib/error.h"

/*
 * The program for -t NAME: an absolute path as it is, else lxs-NAME or
 * lxc-NAME among our templates, else LXC's own.  The caller frees it.
 */
char *template_find(const char *name, struct error *err);

struct template_call {
	const char *program;        /* from template_find() */
	const char *name, *directory, *tree; /* --name, --path, --rootfs */
	const struct rootfs_source *mounted; /* is mounted on `tree` for it; NULL: nothing is */
	char *const *arguments;     /* the user's; NULL: none */
	bool quiet;                 /* its three standard descriptors are /dev/null */
	const struct mapping *mapping; /* run as root of this user namespace; NULL: as the caller */
	int lock;                   /* inherited by it and all it starts; -1: none */
};

/*
 * Runs it to its end, which a signal held by `interrupt` brings about early.
 * After a failure no process of it is left.
 */
int template_run(const struct template_call *call, const struct interrupt *interrupt, struct error *err);
