/* A whole container as a stream, for another host. */
#pragma once

#include "container/container.h"
#include "lib/error.h"

struct export_options {
	const char *compress;      /* none, zstd, gzip or xz */
	bool snapshots;            /* they come along */
	bool allow_running;        /* it may be running; it is frozen meanwhile */
	int output;                /* where the archive goes */
};

int container_export(struct container *container, const struct export_options *options, struct error *err);
