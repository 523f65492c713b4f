/* Cuts configs into lines, lines into keys and values (config/grammar.h).  Apart from the reader: others need it too. */
#include "config/grammar.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && is_blank((*text)[*length - 1]))
		(*length)--;
	for (; *length > 0 && is_blank(**text); (*length)--)
		(*text)++;
}

static bool is_ours(const struct config_line *line)
{
	return line->length >= 4 && (memcmp(line->text, "lxc.", 4) == 0 || memcmp(line->text, "lxs.", 4) == 0);
}

/* One pair of quotes goes, if it is one. */
static void unquote(struct config_line *line)
{
	const char *value = line->value;

	if (line->value_length < 2 || (*value != '"' && *value != '\'') || value[line->value_length - 1] != *value)
		return;
	line->value++;
	line->value_length -= 2;
}

void line_cut(const char *text, size_t length, struct config_line *ret)
{
	const char *equals;

	*ret = (struct config_line){ .whole = text, .whole_length = length, .text = text, .length = length };
	trim(&ret->text, &ret->length);
	if (ret->length == 0 || *ret->text == '#')
		return;
	ret->kind = LINE_OTHER;
	if (!is_ours(ret))
		return;
	equals = memchr(ret->text, '=', ret->length);
	ret->kind = equals ? LINE_ASSIGNS : LINE_BROKEN;
	if (!equals)
		return;
	ret->key = ret->text;
	ret->key_length = (size_t)(equals - ret->text);
	trim(&ret->key, &ret->key_length);
	ret->value = equals + 1;
	ret->value_length = ret->length - (size_t)(ret->value - ret->text);
	trim(&ret->value, &ret->value_length);
	unquote(ret);
}

/* A CR ends a line for LXC as an LF does. */
bool line_next(const char **cursor, struct config_line *ret)
{
	size_t length = strcspn(*cursor, "\r\n");

	if (!**cursor)
		return false;
	line_cut(*cursor, length, ret);
	ret->whole_length += (*cursor)[length] != '\0';
	*cursor += ret->whole_length;
	return true;
}

bool line_has_key(const struct config_line *line, const char *key)
{
	return line->kind == LINE_ASSIGNS && strlen(key) == line->key_length && memcmp(line->key, key, line->key_length) == 0;
}
