/*
 * Sections of lxs.conf of one word, cut out of the whole: libconfuse can pass
 * over what it does not know everywhere or nowhere, and in a section a
 * misspelt bound or keyring would be none.
 */
#pragma once

#include "lib/text.h"

/* Appends the sections that begin with `word`, each on its own lines; all other lines are left empty. */
void sections_take(const char *text, const char *word, struct buffer *out);
