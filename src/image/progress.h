/*
 * How far a transfer is: a bar that is drawn anew on a terminal, elsewhere
 * lines, one when it begins, one every ten seconds, one at its end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *label;    /* what it is: "rootfs.tar.xz" */
	bool terminal;
	long long begun_at, shown_at;  /* milliseconds of the monotonic clock */
	long long first;      /* bytes that were there when it began */
};

void progress_begin(struct progress *progress, const char *label, long long have, long long size);
void progress_show(struct progress *progress, long long have, long long size); /* size -1: not known */
void progress_end(struct progress *progress, long long have);

/* Takes the bar away, before an error or another line is written. */
void progress_clear(struct progress *progress);

/* "12.3 MiB" into `text`, which is returned. */
enum { PROGRESS_BYTES = 24 };
const char *progress_bytes(long long bytes, char text[PROGRESS_BYTES]);

/* The bar without what is drawn around it; for tests. */
void progress_line(const struct progress *progress, long long have, long long size, long long now, char *text,
		   unsigned columns);
