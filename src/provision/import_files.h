/*
 * The files beside the config of an imported container: hooks, logs, profiles.
 * They lie in a directory that root reads, so they go through another one
 * first, and only plain files and directories come out of it.
 */
#pragma once

#include <stdbool.h>

#include "provision/import_stream.h"

#define IMPORT_PLACE "importing" /* in the container's directory, for the time of an import */

struct import_files {
	const char *directory;  /* where they go */
	const char *prefix;     /* of their names in the archive, before "files" */
	int work;               /* the container's directory */
	bool trust;             /* symbolic links come along */
	struct buffer *said;    /* a line for each that does not */
};

int import_files_take(struct import_stream *stream, const struct import_files *files, struct error *err);

/* Removes the place. */
int import_files_end(int work, struct error *err);
