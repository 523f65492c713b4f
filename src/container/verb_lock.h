/*
 * One verb at a time on a container: a lock on its directory, which names who
 * holds it.  It goes with the last process that has it.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/*
 * Takes the lock of the directory behind `dir`; shared with others that only
 * read the container, or alone.  Does not wait: -1 names the holder.
 */
int verb_lock(int dir, bool shared, struct error *err);

/* Whether somebody has it now, of the directory at that path: then an error that names who.  -1 or 0. */
int verb_refuse(const char *directory, struct error *err);
