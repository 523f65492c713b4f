/*
 * A tarball as a stream: its members one after the other, so that somebody
 * who is no tar(1) can tell where one ends, take some for himself and pass the
 * others on.  POSIX tarballs, as `tar --format=posix` makes them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/sha256.h"
#include "lib/text.h"

struct tar_reader {
	int fd;                /* the caller's */
	const char *shown;     /* for messages: "the archive" */
	int signals;           /* a signalfd(2), the caller's: a signal ends the waiting for more bytes; -1 or 0: none does */
	struct sha256 *hash;   /* of the bytes of all members that were taken or passed on; NULL: none */
	char *bytes;           /* owned; read and not used yet */
	size_t start, end;
	struct buffer header;  /* owned; blocks in front of the member's contents */
	char *name;            /* owned; of the member */
};

void tar_reader_done(struct tar_reader *reader);

struct tar_member {
	const char *name;      /* until the next member */
	uint64_t size;         /* of its contents, which follow */
	bool plain;            /* a plain file, without holes */
};

/* 1: a member, of which the contents are to be taken next; 0: the end of the tarball; -1. */
int tar_next(struct tar_reader *reader, struct tar_member *ret, struct error *err);

/* Passes the member on, to a descriptor; -1 in its place: nowhere. */
int tar_pass(struct tar_reader *reader, const struct tar_member *member, int to, struct error *err);

/* The contents of a plain file of at most `largest` bytes, as a text; the caller frees it. */
int tar_take(struct tar_reader *reader, const struct tar_member *member, uint64_t largest, char **ret, struct error *err);

/* Reads what may follow the end of the tarball: nothing but zeros. */
int tar_finish(struct tar_reader *reader, struct error *err);

/* ---- making one ---- */

/* Writes a plain file of root's with these contents. */
int tar_put(int to, const char *name, const char *text, size_t length, struct sha256 *hash, struct error *err);

/* Writes the end of a tarball. */
int tar_put_end(int to, struct error *err);
