/*
 * The options of lxs-copy, for its two files.
 */
#pragma once

#include "commands/command.h"
#include "commands/specs.h"
#include "provision/provision.h"

enum copy_task { TASK_COPY, TASK_SNAPSHOT, TASK_EPHEMERAL, TASK_RENAME };

struct copy {
	enum copy_task task;
	const char *name, *lxcpath, *backend;
	uint64_t size;
	bool allow_running, foreground, tmpfs, keep_data, keep_name, keep_mac, identical;
	struct strings mounts;
};

int copy_prepare(struct invocation *call, struct copy_options *ret, struct error *err);

/* Makes a copy that lives for one run; the exit code or -1. */
int copy_ephemeral(struct invocation *call, struct copy_options *options, struct error *err);
