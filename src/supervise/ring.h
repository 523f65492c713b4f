/*
 * The last N bytes of console output, kept in memory (lxc.console.buffer.size).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ring {
	unsigned char *bytes;  /* NULL: no ring */
	size_t size, start, length;
};

/* Pages are only taken as output comes.  -1 with errno. */
int ring_init(struct ring *ring, uint64_t size);
void ring_done(struct ring *ring);
void ring_write(struct ring *ring, const unsigned char *bytes, size_t count);
void ring_clear(struct ring *ring);

/* A descriptor of a memory file that holds the contents, oldest byte first; -1 with errno. */
int ring_snapshot(const struct ring *ring);
