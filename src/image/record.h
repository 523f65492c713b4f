/*
 * What is known of one image that was fetched: where from, which build, the
 * hashes of its files.  As text it is a record of the cache, a lock file
 * (--lock), and the file `image` of an exported image: `key=value`, one a line.
 */
#pragma once

#include "image/index.h"
#include "lib/text.h"

struct record {
	const char *server;   /* address; "" for an image that was imported */
	struct image image;   /* files have a sha256; paths are below the server */
	long long expiry;     /* seconds since 1970 until which nobody asks for a newer one; 0: for ever */
};

void record_format(const struct record *record, struct buffer *out);

/* `shown` names the text in errors.  Strings live in the arena. */
int record_parse(struct arena *arena, const char *text, const char *shown, struct record *ret, struct error *err);
