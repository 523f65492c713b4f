/*
 * LXC's way to split lxc.init.cmd and lxc.execute.cmd into words.
 */
#pragma once

#include "lib/arena.h"

/*
 * Splits at blanks.  A word that begins with ' or " goes on to the next one
 * of its kind (or to the end); quotes inside a word and backslashes mean
 * nothing.  The array ends with NULL.
 */
char **words_split(struct arena *arena, const char *text);
