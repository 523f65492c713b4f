/*
 * Manual pages and completions, filled from the tables: what
 * `lxs --dump-docs TEMPLATE` prints, called by make.
 */
#pragma once

#include <stdio.h>

#include "lib/error.h"

/*
 * Copies a template to `out`; a line `@@WHAT [ARGUMENT]` is replaced by what
 * the tables say of it.
 */
int docs_fill(const char *template, FILE *out, struct error *err);

/* Text for roff(7): backslashes and minus signs kept, `word` in bold, no line that looks like a request. */
void docs_text(FILE *out, const char *text);

/* The keys as items of a man page (lxs.container.conf(5)). */
void docs_keys(FILE *out);

/* Names from before LXC 2.1, each with the name of today. */
void docs_former_keys(FILE *out);

/* The names of all keys, one a line, for completions. */
void docs_key_names(FILE *out);
