/*
 * Whole files: read at once, replaced at once.  A replaced file is never seen
 * half-written, whatever happens in between, and keeps its mode and owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"

/* Contents with a NUL behind them (not counted); the caller frees *ret.  More than 16 MiB is refused. */
int file_read(const char *path, char **ret, size_t *length, struct error *err);
int file_read_fd(int fd, const char *path, char **ret, size_t *length, struct error *err);

/*
 * Writes a temporary file beside `path`, syncs it and renames it over `path`.
 * A symbolic link is followed: what it points to is replaced.  A new file
 * gets `mode`; an existing one keeps mode and owner.
 */
int file_replace(const char *path, const char *text, size_t length, mode_t mode, struct error *err);

/* Removes what a killed file_replace() of that path may have left beside it; for who knows that no other is at work. */
void file_replace_clear(const char *path);

/* All of it, whatever a single write(2) takes; -1 with errno. */
int file_write(int fd, const char *text, size_t length);

/* Whether a part of the path is "..", which leads out of where it seems to be. */
bool path_climbs(const char *path);

/* An absolute path for what the caller named from its directory, allocated; NULL with errno. */
char *path_absolute(const char *path);
