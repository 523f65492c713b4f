/* The compressions that tarballs come in, and the programs for them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"

enum { PACKING_MAGIC = 262 }; /* first bytes of a file that are enough to tell */

struct packing;

/* By the first PACKING_MAGIC bytes, zeros where there are fewer; NULL: no tarball. */
const struct packing *packing_of(const char *magic);

/* By name ("zstd", "none"); NULL: there is no such one. */
const struct packing *packing_named(const char *name);

/* Whether there is nothing to unpack. */
bool packing_is_none(const struct packing *packing);

/* The program, which also unpacks (-d); NULL: err says what is missing and that it `does` something. */
const char *packing_program(struct arena *arena, const struct packing *packing, const char *does, struct error *err);

/* What the program is told besides when tar runs it, " -T0" or "". */
const char *packing_options(const struct packing *packing);

/* What it is told in a pipe line: one word. */
const char *packing_stream_option(const struct packing *packing);
