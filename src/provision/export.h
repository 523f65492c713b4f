/* Whole containers as streams, for other hosts. */
#pragma once

#include "container/container.h"
#include "lib/text.h"

struct export_options {
	const char *compress;      /* none, zstd, gzip or xz */
	bool snapshots;            /* they come along */
	bool allow_running;        /* it may be running; it is frozen meanwhile */
	int output;                /* where the archive goes */
};

int container_export(struct container *container, const struct export_options *options, struct error *err);

struct import_options {
	const char *lxcpath;
	const char *name;          /* NULL: the one it has */
	const char *backend;       /* -B; NULL: dir */
	struct storage_specs specs;
	bool identical;            /* hardware addresses, machine-id and ssh host keys stay */
	bool trust;                /* its config may reach the host */
	int input;                 /* where the archive comes from */
};

/* `said`: lines for the user; the last one is the name of the new container. */
int container_import(const struct import_options *options, char **name, struct buffer *said, struct error *err);
