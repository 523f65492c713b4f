/*
 * The merged settings in force, with the lines they came from, as a file: a
 * reboot starts from them and run state keeps them, so that neither reads the
 * config again.  Restoring gives the same settings exactly.
 */
#pragma once

#include "config/settings.h"

/* Replaces the file `name` in the directory `dir` (or AT_FDCWD) at once; mode 0600. */
int settings_save(const struct settings *settings, int dir, const char *name, struct error *err);

/* NULL with err set when the file is missing, damaged or cut short. */
struct settings *settings_load(int dir, const char *name, struct error *err);
