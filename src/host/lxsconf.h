/*
 * Tool-wide settings: lxs.conf.  Root reads SYSCONFDIR/lxs/lxs.conf, others
 * $XDG_CONFIG_HOME/lxs/lxs.conf (~/.config/lxs/lxs.conf).  A file written for
 * LXC (lxc.conf) is understood as well.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/* The keys that `lxs-config -l` lists, in LXC's order; NULL at the end. */
extern const char *const lxsconf_keys[];

/*
 * The value of a key ("lxc.lxcpath"), from the file or by default.  *ret is
 * NULL when there is neither; the caller frees it.  An unknown key and a file
 * that cannot be understood are errors; a missing file is none.
 */
int lxsconf_get(const char *key, char **ret, struct error *err);

/* The same from a given file; for tests. */
int lxsconf_get_from(const char *path, const char *key, char **ret, struct error *err);

/* Where a setting is looked for: `user`: in the user's file, else in root's.  The caller frees it; NULL: no memory. */
char *lxsconf_path(bool user);

/*
 * Where what can be had again is kept: LOCALSTATEDIR/cache/lxs, a user's
 * $XDG_CACHE_HOME/lxs, for both $LXC_CACHE_PATH/lxs when that is set.  As above.
 */
char *lxsconf_cache(bool user);
