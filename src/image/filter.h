/*
 * What an image may say about its container.  Its config and fstab come from
 * a stranger and are read by root, so they are not copied: each line is held
 * against a table of what an image may set, and written anew when it passes.
 */
#pragma once

#include <stdbool.h>

#include "lib/text.h"

/*
 * Appends to `out` the lines of a config that an image may set, and to
 * `refused`, for each other one, a line "KEY: why not".
 */
void filter_config(const char *text, struct buffer *out, struct buffer *refused);

/* The same for the lines of an fstab. */
void filter_fstab(const char *text, struct buffer *out, struct buffer *refused);

/* Whether an image may say so. */
bool filter_allows(const char *key, const char *value);
