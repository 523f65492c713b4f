/*
 * How struct supervise becomes the arguments of lxs-supervise and back; for
 * supervise_exec() and supervise/main.c only.
 */
#pragma once

#include "supervise/supervise.h"

enum { SUPERVISE_TTYS_MAX = 128 };

/*
 * Reads the words after the two fixed arguments.  The texts stay those of
 * `words`; descriptors are marked close-on-exec.  -1 with errno.
 */
int supervise_parse(char *const *words, struct supervise *ret, int ttys[SUPERVISE_TTYS_MAX]);
