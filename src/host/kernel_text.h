/*
 * Reads one of the kernel's small text files (/proc, /sys, cgroup files)
 * whole.  Their size is not known before, so lengths of stat(2) are useless.
 */
#pragma once

#include "lib/arena.h"

/* The contents with a NUL behind them, or NULL with errno. */
char *kernel_text(struct arena *arena, const char *path);

/* The value of a line "NAME:<blanks>VALUE" in such a text, up to the end of the line; NULL: no such line. */
const char *kernel_text_field(const char *text, const char *name);
