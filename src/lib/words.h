/* A list of texts that grows: the words of a command. */
#pragma once

#include "lib/arena.h"

struct words { const char **items; size_t count; };

static inline void words_add(struct arena *arena, struct words *words, const char *word)
{
	words->items = arena_append(arena, words->items, &words->count, sizeof *words->items);
	words->items[words->count - 1] = word;
}
