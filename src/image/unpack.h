/*
 * Unpacking tarballs of any usual compression and squashfs images: by tar(1)
 * and unsquashfs(1), which know every corner of their formats, confined to the
 * directory (image/confine.h).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/error.h"

struct unpack {
	const char *archive;          /* absolute path; of a stream not used */
	const char *shown;            /* its name in messages */
	int tree;                     /* the directory, empty */
	const char *const *excludes;  /* patterns, NULL at the end; NULL: none */
	bool files_only;              /* metadata: owners and attributes do not matter, files are small */
	unsigned devices;             /* ret: device files left out because this user cannot make any */
};

int unpack_archive(struct unpack *unpack, struct error *err);

/* A tarball that comes in a stream, with no compression, and is written to `input`. */
struct unpacking {
	struct unpack *unpack; /* the caller's */
	pid_t pid;
	int input;             /* owned */
	int said;              /* owned; what tar complains of */
};

#define UNPACKING_INIT ((struct unpacking){ .pid = -1, .input = -1, .said = -1 })

/* All names begin with `prefix`: that is the directory. */
int unpack_begin(struct unpack *unpack, const char *prefix, struct unpacking *ret, struct error *err);

/* The stream ends here.  -1: err has what tar said. */
int unpack_end(struct unpacking *unpacking, struct error *err);

/* Ends what was begun. */
void unpacking_done(struct unpacking *unpacking);
