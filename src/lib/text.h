/*
 * Small things done to strings that the config language, option parsers and
 * printers share: cutting blanks, splitting into words, measuring how far two
 * words are apart, and a buffer that grows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cuts blanks (space, tab, CR, LF) off both ends in place and returns the new start. */
char *text_trim(char *text);

/* As text_trim() without changing the text: start and length of what remains. */
const char *text_bounds(const char *text, size_t *length);

/*
 * Walks through the words of a text: returns the start of the next word and
 * its length, and moves *cursor behind it; NULL when there are no more.
 */
const char *text_word(const char **cursor, const char *separators, size_t *length);

/* FNV-1a, 64 bits: tells texts apart that nobody chose to be alike. */
uint64_t text_hash(const char *text);

bool text_starts(const char *text, const char *prefix);

/* Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
unsigned text_distance(const char *a, const char *b);

/* The entry of `choices` (NULL at the end) near enough to be what was meant; NULL: none. */
const char *text_nearest(const char *written, const char *const *choices);

/* How far a name may be from what was written to be proposed as what was meant. */
unsigned text_tolerance(const char *written);

/* Text that grows at its end; always ends with a NUL once something was added. */
struct buffer {
	char *text; /* owned; NULL while empty */
	size_t length, size;
};

void buffer_done(struct buffer *buffer);

#define owned_buffer __attribute__((cleanup(buffer_done))) struct buffer

/* Running out of memory ends the program, as with an arena (lib/arena.h). */
void buffer_add(struct buffer *buffer, const char *text, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was collected, "" while empty. */
const char *buffer_text(const struct buffer *buffer);

/*
 * How many of the `length` bytes at `text` are a control character, which a
 * terminal obeys: 0 none, 1, or 2 for one of those that UTF-8 has besides.
 */
size_t text_control(const char *text, size_t length);
