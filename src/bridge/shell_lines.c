/*
 * Reads assignments with a shell's quotes and comments, and nothing that a
 * shell would do: no variables, no commands.  Apart from conf.c because it
 * knows no names.
 */
#include "bridge/shell_lines.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "lib/text.h"

static int refuse(const struct origin *origin, const char *why, struct error *err)
{
	error_set(err, 0, "%s", why);
	error_asked_by(err, origin);
	return error_hint(err, "lines are NAME=\"VALUE\"; nothing is run or replaced in them");
}

/* One of the parts a word is made of: copies it and returns what is behind it; NULL with *why. */
static const char *part_take(const char *at, struct buffer *value, const char **why)
{
	char quote = *at == '\'' || *at == '"' ? *at++ : '\0';

	while (*at && (quote ? *at != quote : !isspace((unsigned char)*at) && !strchr("'\"", *at))) {
		if (quote != '\'' && strchr("$`", *at))
			*why = "a variable or a command of a shell";
		else if (!quote && strchr(";&|<>()", *at))
			*why = "a command of a shell";
		if (*why)
			return NULL;
		/* Between double quotes a backslash stands before what would mean something there. */
		if (*at == '\\' && quote != '\'' && at[1] && (!quote || strchr("\"\\$`", at[1])))
			at++;
		buffer_add(value, at++, 1);
	}
	if (quote && *at != quote) {
		*why = "a quote that does not end in its line";
		return NULL;
	}
	return quote ? at + 1 : at;
}

static int value_read(struct arena *arena, const char *at, struct shell_line *ret, struct error *err)
{
	owned_buffer value = { 0 };
	const char *why = NULL;

	while (*at && !isspace((unsigned char)*at)) {
		at = part_take(at, &value, &why);
		if (!at)
			return refuse(ret->origin, why, err);
	}
	at += strspn(at, " \t\r");
	if (*at && *at != '#')
		return refuse(ret->origin, "text behind the value", err);
	ret->value = arena_strdup(arena, buffer_text(&value));
	return 0;
}

static int line_read(struct arena *arena, const char *line, struct shell_line *ret, struct error *err)
{
	size_t length;

	if (text_starts(line, "export ") || text_starts(line, "export\t"))
		line += strlen("export ") + strspn(line + strlen("export "), " \t");
	length = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	if (length == 0 || isdigit((unsigned char)*line) || line[length] != '=')
		return refuse(ret->origin, "this is no assignment", err);
	ret->name = arena_strndup(arena, line, length);
	return value_read(arena, line + length + 1, ret, err);
}

int shell_line_next(struct arena *arena, const char *path, const char **cursor, unsigned *number, struct shell_line *ret,
		    struct error *err)
{
	while (**cursor) {
		size_t length = strcspn(*cursor, "\n");
		char *line = text_trim(arena_strndup(arena, *cursor, length));
		struct origin *origin;

		*cursor += length + ((*cursor)[length] == '\n');
		(*number)++;
		if (!*line || *line == '#')
			continue;
		origin = arena_alloc(arena, sizeof *origin);
		*origin = (struct origin){ path, *number, line, NULL };
		*ret = (struct shell_line){ .origin = origin };
		return line_read(arena, line, ret, err) < 0 ? -1 : 1;
	}
	return 0;
}
