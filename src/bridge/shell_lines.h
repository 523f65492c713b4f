/*
 * Lines NAME=VALUE as a shell reads them, for the files of /etc/default.
 */
#pragma once

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/origin.h"

struct shell_line { const char *name, *value; const struct origin *origin; };

/*
 * The next assignment of a text: 1, 0 at its end, -1 for a line that is none
 * or that only a shell could read.  *cursor and *number (the line, from 0)
 * are moved along.
 */
int shell_line_next(struct arena *arena, const char *path, const char **cursor, unsigned *number, struct shell_line *ret,
		    struct error *err);
