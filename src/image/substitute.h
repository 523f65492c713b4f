/* The placeholders of image metadata, LXC_NAME and its like, and files inside in which they are replaced. */
#pragma once

#include "lib/error.h"
#include "lib/text.h"

struct placeholders {
	const char *name, *directory, *tree; /* LXC_NAME, LXC_PATH, LXC_ROOTFS */
};

/* Appends the text with all placeholders replaced, one after the other as LXC does it. */
void substitute(const struct placeholders *placeholders, const char *text, struct buffer *out);

/*
 * Does so in a plain file beneath the directory `root`; no link leads out of
 * it.  What is no plain file, or too large for a file of settings, is left alone.
 */
int substitute_inside(const struct placeholders *placeholders, int root, const char *path, struct error *err);

/* Makes a plain file beneath `root` hold this text; where a link or anything else is in the way, nothing happens. */
int write_inside(int root, const char *path, const char *text, struct error *err);
