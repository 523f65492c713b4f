/*
 * A root file system out of layers, each a tarball of what changed: what a
 * layer holds replaces what is there, and its whiteouts (".wh.NAME",
 * ".wh..wh..opq") take away what lower layers have brought.
 */
#pragma once

#include "lib/arena.h"
#include "lib/error.h"

/* Into the empty directory `tree` (`shown`).  `archives` and `names` end with NULL.  *devices: device files left out. */
int layers_unpack(struct arena *arena, const char *const *archives, const char *const *names, int tree,
		  const char *shown, unsigned *devices, struct error *err);
