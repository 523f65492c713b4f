/* A container from the stream that another host has made of it. */
#pragma once

#include "config/rootfs_source.h"
#include "lib/error.h"
#include "lib/text.h"
#include "storage/storage.h"

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
