/*
 * An archive that comes in (provision/archive.h): unpacked by a program of its
 * own, confined, and cut into members here, which go where they belong.
 */
#pragma once

#include "image/packing.h"
#include "image/tar_stream.h"
#include "image/tool.h"
#include "image/unpack.h"

struct import_stream {
	struct tar_reader reader;
	struct sha256 hash;
	struct tar_member member;
	bool waiting;              /* the member is read, and nobody has taken it yet */
	pid_t feeder;              /* gives the unpacker what was read to see what it is, and the rest; -1: none */
	int *trouble;              /* shared with it: the errno with which the input could not be read; 0: none */
	struct tool_run unpacker;
};

#define IMPORT_STREAM_INIT                                                    \
	((struct import_stream){                                              \
		.reader = { .fd = -1, .shown = "the archive", .signals = -1 }, \
		.feeder = -1, .unpacker = TOOL_RUN_INIT,                      \
	})

/* `input` stays the caller's. */
int import_stream_begin(struct import_stream *stream, int input, struct error *err);

/* The next member, which has to be a text of that name; it lives in `arena`.  NULL: err. */
const char *import_stream_text(struct import_stream *stream, struct arena *arena, const char *name, size_t largest,
			       struct error *err);

/* All members from here on that are called `prefix` or below it, by tar. */
int import_stream_unpack(struct import_stream *stream, struct unpack *unpack, const char *prefix, struct error *err);

/* Nothing is left but the end, and all of it was as it was made. */
int import_stream_finish(struct import_stream *stream, struct error *err);

/*
 * Waits for the programs.  `answer` is what became of the import so far, and
 * is returned unless they have failed; when that is why, err tells it.
 */
int import_stream_end(struct import_stream *stream, int answer, struct error *err);

/* Ends all of it. */
void import_stream_done(struct import_stream *stream);
