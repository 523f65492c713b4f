/*
 * Which containers use others' files, in LXC's two files.  `lxc_snapshots` in
 * the directory of the one that is used names its dependants, `lxc_rdepends`
 * in that of a dependant those it uses: two lines for each, the lxcpath and
 * the name.  What one says and the other does not is a leftover of a killed
 * command and counts for nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/rootfs_source.h"
#include "lib/arena.h"
#include "lib/error.h"

struct place { const char *lxcpath, *name; };  /* of a container */
struct places { struct place *items; size_t count; };

/* The directory LXCPATH/NAME. */
const char *place_directory(struct arena *arena, const struct place *place);

/* Those that `of` uses, or with `dependants` those that use it and are there; the texts live in `arena`. */
void rdepends_read(struct arena *arena, const struct place *of, bool dependants, struct places *ret);

/* What the file says, whether the other side agrees or not. */
void rdepends_list(struct arena *arena, const struct place *of, bool dependants, struct places *ret);

/*
 * Writes into the directory of `who` whom it uses, with the layers of `from`:
 * those that one uses, and itself when a layer of `source` is below its
 * directory.  And tells them.
 */
int rdepends_register(struct arena *arena, const struct place *who, const struct rootfs_source *source,
		      const struct place *from, struct error *err);

/* Writes that `who` uses `used`, whatever their paths are. */
int rdepends_add(struct arena *arena, const struct place *who, const struct place *used, struct error *err);

/* `who` is going: those it uses forget it.  What is missing is fine. */
int rdepends_forget(struct arena *arena, const struct place *who, struct error *err);

/* `old` is called `new` now: in the files of those it uses and of those that use it. */
int rdepends_rename(struct arena *arena, const struct place *old, const struct place *new, struct error *err);
