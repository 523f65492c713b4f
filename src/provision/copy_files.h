/*
 * Files of a container that its config names and that lie in its directory:
 * hooks, the mount table, a seccomp profile.  A copy gets its own.
 */
#pragma once

#include "config/settings.h"
#include "lib/error.h"

int copy_files(const struct settings *settings, const char *from, const char *to, struct error *err);
