/*
 * An archive that goes out (provision/archive.h): members one behind the
 * other, of texts and of what tar(1) packs, through a compressor to the output.
 */
#pragma once

#include "image/tool.h"
#include "lib/arena.h"
#include "lib/error.h"
#include "lib/sha256.h"
#include "lib/words.h"

struct export_stream {
	struct arena *arena;       /* the caller's */
	int output;                /* owned; the tarball goes there */
	struct sha256 hash;        /* of its members */
	struct tool_run compressor;
};

#define EXPORT_STREAM_INIT ((struct export_stream){ .output = -1, .compressor = TOOL_RUN_INIT })

/* `compress` is the name of a packing; `output` stays the caller's. */
int export_stream_begin(struct export_stream *stream, struct arena *arena, const char *compress, int output, struct error *err);

int export_stream_text(struct export_stream *stream, const char *name, const char *text, struct error *err);

/*
 * Files of a directory ("./FILE", or "." for all of it), in the archive below
 * `prefix`.  A status of tar(1) up to `fine` will do.
 */
int export_stream_pack(struct export_stream *stream, int directory, const struct words *files, const char *prefix, int fine,
		       struct error *err);

/* Behind the last member: the sum of all, and the end of the tarball. */
int export_stream_finish(struct export_stream *stream, struct error *err);

/*
 * Waits for the compressor, for which ours has to be the last descriptor of
 * its input.  `answer` is what became of the export so far, and is returned
 * unless it has failed; it then knows why.
 */
int export_stream_end(struct export_stream *stream, int answer, struct error *err);

/* Ends all of it. */
void export_stream_done(struct export_stream *stream);
