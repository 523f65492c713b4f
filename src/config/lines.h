/*
 * Settings in force, as the lines of a config that would give them: for
 * lxs-config show.  Words that came from one line are one line again.
 */
#pragma once

#include "config/settings.h"

struct setting_line {
	const char *key;  /* as written */
	const char *text; /* as a line has it: quoted where it must be */
	const struct origin *origin; /* NULL: not known */
};

/*
 * Visits all lines whose key is `wanted` or below it (NULL: all); `visit`
 * returns non-zero to stop.  Texts live in `arena`.
 */
int settings_lines(const struct settings *settings, struct arena *arena, const char *wanted,
		   int (*visit)(const struct setting_line *line, void *data), void *data);

/* The value as a line needs it: in quotes where the reader would cut blanks or quotes off. */
const char *settings_quote(struct arena *arena, const char *value);

/* Whether some line sets the key (or a member of the family, or a key of the interface). */
bool settings_is_set(const struct settings *settings, const char *written);
