/*
 * Texts in the files of a run directory: arguments that may hold tabs and
 * newlines are written escaped (\t, \n, \\), so that a line stays a line.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Writes `text` escaped. */
void lines_escape(FILE *out, const char *text);

/* The same into `room`, without a NUL; the length it has, or would need: then `size` or more is returned. */
size_t lines_escape_into(char *room, size_t size, const char *text);

/* Undoes the escapes in place; a backslash before anything else stays. */
void lines_unescape(char *text);

/*
 * The whole of a small file as text, allocated, ended by a NUL; its length in
 * *length unless NULL.  NULL with errno; EFBIG when it is larger than 1 MiB.
 */
char *lines_read(int directory, const char *file, size_t *length);

/* Replaces a file atomically: written beside it, then renamed.  -1 with errno. */
int lines_replace(int directory, const char *file, const char *text, size_t length);

/* The same in two halves, for who is in a hurry at the end; what was not committed lies there as .FILE.PID. */
int lines_prepare(int directory, const char *file, const char *text, size_t length);
int lines_commit(int directory, const char *file);
