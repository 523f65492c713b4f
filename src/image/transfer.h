/*
 * Getting a file from a server: by lxs-fetch, or by curl(1) where that was not
 * built; with retries, other mirrors, and going on where a transfer broke off.
 */
#pragma once

#include <stdbool.h>

#include "image/progress.h"
#include "image/remote.h"
#include "lib/error.h"

struct transfer {
	const struct remote *remote;
	const char *path;       /* below the remote's address and its mirrors' */
	long long size;         /* bytes the whole must have; -1: not known */
	struct progress *progress; /* NULL: no word of it */
};

enum { TRANSFER_MISSING = 1 }; /* one of the servers says that there is no such file, and none has it */

/* Appends to `file`, which may have the beginning already.  0, TRANSFER_MISSING, or -1. */
int transfer_file(const struct transfer *transfer, int file, struct error *err);

/* A small file (NUL behind it; lives in the arena).  Without `length` it must be text.  As above. */
int transfer_text(const struct transfer *transfer, struct arena *arena, const char **ret, size_t *length,
		  struct error *err);

/* The largest file that transfer_text() takes; also for what else comes from a server and is read as a whole. */
enum { TRANSFER_TEXT_SIZE = 16 * 1024 * 1024 };
