/*
 * The grammar of a line of a config.  Whoever has to know what a line says
 * without reading the whole (what a stranger may say, what a copy changes)
 * cuts it here, as the reader does: two opinions would be a way around one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum line_kind {
	LINE_EMPTY,    /* or a comment */
	LINE_OTHER,    /* passed over: keys begin with lxc. or lxs. */
	LINE_BROKEN,   /* without a '=' */
	LINE_ASSIGNS,
};

/* Parts of the text it was cut from. */
struct config_line {
	enum line_kind kind;
	const char *whole;  /* with its end, if it has one */
	size_t whole_length;
	const char *text;   /* without blanks around it */
	size_t length;
	const char *key;    /* of LINE_ASSIGNS */
	size_t key_length;
	const char *value;  /* unquoted */
	size_t value_length;
};

/* One line without its end. */
void line_cut(const char *text, size_t length, struct config_line *ret);

/* The next line of a text that ends with a NUL; false: there is none.  `cursor` moves behind it. */
bool line_next(const char **cursor, struct config_line *ret);

bool line_has_key(const struct config_line *line, const char *key);
