/*
 * String helpers of lib/text.h.  Apart because the config reader, the command
 * line and the printers all need the same few.
 */
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

const char *text_bounds(const char *text, size_t *length)
{
	text += strspn(text, blanks);
	*length = strlen(text);
	while (*length > 0 && strchr(blanks, text[*length - 1]))
		(*length)--;
	return text;
}

char *text_trim(char *text)
{
	size_t skipped = strspn(text, blanks), length;

	text_bounds(text, &length);
	text[skipped + length] = '\0';
	return text + skipped;
}

const char *text_word(const char **cursor, const char *separators, size_t *length)
{
	const char *start = *cursor + strspn(*cursor, separators);

	if (!*start)
		return NULL;
	*length = strcspn(start, separators);
	*cursor = start + *length;
	return start;
}

uint64_t text_hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3;
	return value;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Longer words than this are never names of ours. */
enum { LONGEST = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned text_distance(const char *a, const char *b)
{
	size_t rows = strlen(a), columns = strlen(b);
	unsigned cost[LONGEST + 1][LONGEST + 1];

	if (rows > LONGEST || columns > LONGEST)
		return LONGEST + 1;
	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = (unsigned)(i + j);
				continue;
			}
			cost[i][j] = least(least(cost[i - 1][j], cost[i][j - 1]) + 1,
					   cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	}
	return cost[rows][columns];
}

unsigned text_tolerance(const char *written)
{
	size_t length = strlen(written);

	return length < 4 ? 1 : length < 20 ? 2 : 3;
}

const char *text_nearest(const char *written, const char *const *choices)
{
	unsigned best = text_tolerance(written) + 1;
	const char *found = NULL;

	for (; choices && *choices; choices++) {
		unsigned distance = text_distance(written, *choices);

		if (distance < best) {
			best = distance;
			found = *choices;
		}
	}
	return found;
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){ 0 };
}

static void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t size = buffer->size ? buffer->size : 64;

	while (size - buffer->length <= more)
		size *= 2;
	if (size == buffer->size)
		return;
	buffer->text = realloc(buffer->text, size);
	buffer->size = size;
	if (!buffer->text) {
		fputs("lxs: out of memory\n", stderr);
		abort();
	}
}

void buffer_add(struct buffer *buffer, const char *text, size_t length)
{
	buffer_reserve(buffer, length);
	memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length >= 0) {
		buffer_reserve(buffer, (size_t)length);
		vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
		buffer->length += (size_t)length;
	}
	va_end(again);
}

const char *buffer_text(const struct buffer *buffer)
{
	return buffer->text ? buffer->text : "";
}

size_t text_control(const char *text, size_t length)
{
	unsigned char first = length > 0 ? (unsigned char)text[0] : ' ';

	if (first < ' ' || first == 0x7f)
		return 1;
	return first == 0xc2 && length > 1 && ((unsigned char)text[1] & 0xe0) == 0x80 ? 2 : 0;
}
