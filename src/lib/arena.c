/*
 * A chain of blocks, each filled from its front.  Used wherever many small
 * things share one life: settings, plans, lists of containers.
 */
#include "lib/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK_SIZE = 32 * 1024 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* the newest first */
};

static _Noreturn void out_of_memory(void)
{
	fputs("lxs: out of memory\n", stderr);
	abort();
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (!arena)
		out_of_memory();
	return arena;
}

/*
 * From the kernel, with its pages: one by one, when they are touched, they
 * cost several times as much, above all in a virtual machine.
 */
static struct block *block_map(size_t size)
{
#ifdef WITH_SANITIZERS
	return calloc(1, size); /* where leaks are looked for */
#else
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return block == MAP_FAILED ? NULL : block;
#endif
}

static void block_free(struct block *block)
{
#ifdef WITH_SANITIZERS
	free(block);
#else
	munmap(block, sizeof *block + block->size);
#endif
}

void arena_free(struct arena *arena)
{
	struct block *block, *next;

	if (!arena)
		return;
	for (block = arena->blocks; block; block = next) {
		next = block->next;
		block_free(block);
	}
	free(arena);
}

static struct block *add_block(struct arena *arena, size_t size)
{
	struct block *block;

	if (size < BLOCK_SIZE - sizeof *block)
		size = BLOCK_SIZE - sizeof *block;
	if (size > SIZE_MAX - sizeof *block)
		out_of_memory();
	block = block_map(sizeof *block + size);
	if (!block)
		out_of_memory();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	void *place;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!block || block->size - block->used < size)
		block = add_block(arena, size);
	place = block->bytes + block->used;
	block->used += size;
	return place;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	length = strnlen(text, length);
	copy = arena_alloc(arena, length + 1);
	memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	struct block *block = arena->blocks;
	size_t room = block ? block->size - block->used : 0;
	char *rest = block ? (char *)block->bytes + block->used : NULL, *text;
	va_list args, again;
	int length;

	/* Into what is left of the block, where it mostly fits; what does not is left behind there. */
	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(rest, room, format, args);
	va_end(args);
	if (length < 0)
		out_of_memory();
	text = arena_alloc(arena, (size_t)length + 1);
	if (text != rest || (size_t)length >= room)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

/* Capacities are powers of two, so the count alone tells when the array is full. */
void *arena_append(struct arena *arena, void *items, size_t *count, size_t size)
{
	size_t have = *count;
	void *grown;

	(*count)++;
	if (have > 0 && (have & (have - 1)) != 0)
		return items;
	if (have > SIZE_MAX / 4 / size)
		out_of_memory();
	grown = arena_alloc(arena, (have ? have * 2 : 1) * size);
	if (have > 0)
		memcpy(grown, items, have * size);
	return grown;
}
