/*
 * The file lxs.conf, read by libconfuse; called by host/lxsconf.c when there
 * is one.  The front program, which links to no library, has another
 * definition of it (src/front/handover.c).
 */
#pragma once

#include "lib/error.h"

/* What the file says of a key; *ret is NULL when nothing.  The caller frees it. */
int lxsconf_file_get(const char *path, const char *key, char **ret, struct error *err);
