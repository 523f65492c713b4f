/* The id map that an ordinary user's container gets by itself. */
#pragma once

#include "host/subid.h"
#include "lib/arena.h"
#include "lib/error.h"

/*
 * A value for lxc.idmap: the first range of a kind ('u', 'g'), from 0, which
 * is what most configs of users say.  NULL: he has none, and err says what to do.
 */
const char *user_map_value(struct arena *arena, const struct subids *ids, char kind, struct error *err);
