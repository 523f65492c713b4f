/*
 * Whether something confines the root of a container that a stranger has
 * described.  Judged by what the settings come to, not by the names of files
 * that were included: later ones may take back what earlier ones gave.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"
#include "lib/error.h"

/* The name that common.conf has in configs of this host. */
#define CONFINED_COMMON PKGDATADIR "/config/common.conf"

/*
 * 0 when the container's root is nobody on the host (lxc.idmap), or loses at
 * least what `common` takes away: capabilities, devices, system calls.
 */
int confined_check(const struct settings *settings, const struct settings *common, struct error *err);

/* The same, with what common.conf says here. */
int confined_check_here(const struct settings *settings, struct error *err);
