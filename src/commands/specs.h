/*
 * Options about storage that several commands have: sizes, and what lxs.conf
 * says where an option is missing.
 */
#pragma once

#include "lib/arena.h"
#include "lib/error.h"
#include "storage/storage.h"

/* "512", "10G": a number and one of b k m g t in either case, without one mebibytes. */
int specs_size(const char *text, uint64_t *ret, struct error *err);

/* What is missing is filled in: from lxs.conf, else by LXC's defaults. */
int specs_complete(struct storage_specs *specs, struct arena *arena, struct error *err);
