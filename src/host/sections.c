/* Sections of lxs.conf (host/sections.h).  Apart because both readers of sections need it. */
#include "host/sections.h"

#include <stdbool.h>
#include <string.h>

/* Where a text, comment or blank of libconfuse's at `at` ends; the next byte when it is none of these. */
static const char *token_end(const char *at)
{
	char quote = *at;

	if (*at == '#' || text_starts(at, "//"))
		return at + strcspn(at, "\n");
	if (quote != '"' && quote != '\'')
		return at + 1;
	for (at++; *at && *at != quote; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

void sections_take(const char *text, const char *word, struct buffer *out)
{
	size_t length = strlen(word);
	const char *end;
	int depth = 0;
	bool ours = false, begins = true;

	for (; *text; text = end) {
		end = token_end(text);
		if (depth == 0 && begins && text_starts(text, word) && strchr(" \t\n{", text[length]))
			ours = true;
		begins = *text == '\n' || (begins && strchr(" \t", *text)) || (depth == 1 && *text == '}');
		depth += (*text == '{') - (*text == '}');
		for (const char *at = text; at < end; at++)
			if (ours || *at == '\n')
				buffer_add(out, at, 1);
		ours = ours && !(*text == '}' && depth == 0);
	}
}
