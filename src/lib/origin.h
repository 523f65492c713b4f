/*
 * Where a value came from.  Every setting and every step of a plan points to
 * one of these, so that an error can name the line that asked for it.
 * Origins live in the arena of the settings they belong to.
 */
#pragma once

struct origin {
	const char *file;                  /* path as it was opened; "--define" and the like for a command line */
	unsigned line;                     /* counted from 1; 0 when there are no lines */
	const char *text;                  /* the line, trimmed */
	const struct origin *included_by;  /* the include line that brought us here, or NULL */
};
