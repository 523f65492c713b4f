/*
 * A system's own name in its files: /etc/hostname, /etc/hosts and where
 * distributions keep it besides.
 */
#pragma once

#include "lib/error.h"

/*
 * In the tree beneath `root`, which may hold anything.  `old`, where it stands
 * as a whole word, becomes `new`; NULL: only /etc/hostname is written.  A file
 * that is not there stays so, and only what changes is written.
 */
int hostname_renew(int root, const char *old, const char *new, struct error *err);

/* Replaces a plain file beneath `root` by one with its attributes; its other names, or one that is not there, stay so. */
int plain_write(int root, const char *path, const char *text, size_t length, struct error *err);
