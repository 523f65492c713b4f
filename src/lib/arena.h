/*
 * An arena: memory that is handed out piece by piece and released in one
 * call.  Settings and plans live in one, so they need no destructors.
 * Running out of memory ends the program (arena_alloc() never returns NULL):
 * a launcher that cannot hold its few kilobytes of plan has changed nothing
 * yet, and every caller would otherwise carry a failure path nobody can test.
 */
#pragma once

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

static inline void arena_free_at(struct arena **arena)
{
	arena_free(*arena);
	*arena = NULL;
}

#define owned_arena __attribute__((cleanup(arena_free_at))) struct arena *

/* Zeroed memory, aligned for any type; lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Makes room for one more item at the end of an array of *count items of
 * `size` bytes and returns the (perhaps moved) array with *count raised by
 * one; the new item is zeroed.  Start with a NULL array and *count 0:
 *
 *   list->items = arena_append(arena, list->items, &list->count, sizeof *list->items);
 *   list->items[list->count - 1].name = name;
 */
void *arena_append(struct arena *arena, void *items, size_t *count, size_t size);
