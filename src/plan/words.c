/*
 * Words of a command line in a config.  Apart because the rules are LXC's, not
 * a shell's, and have their own table of tests.
 */
#include "plan/words.h"

#include <string.h>

#define BLANKS " \t"

char **words_split(struct arena *arena, const char *text)
{
	char **words = NULL;
	size_t count = 0;

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		size_t length;

		words = arena_append(arena, words, &count, sizeof *words);
		if (*text == '\'' || *text == '"') {
			const char quote[2] = { *text++, '\0' };

			length = strcspn(text, quote);
			words[count - 1] = arena_strndup(arena, text, length);
			text += length + (text[length] != '\0');
			continue;
		}
		length = strcspn(text, BLANKS);
		words[count - 1] = arena_strndup(arena, text, length);
		text += length;
	}
	return arena_append(arena, words, &count, sizeof *words);
}
