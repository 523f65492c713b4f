/*
 * The console's ring buffer.  Mapped rather than allocated: a container that
 * prints little costs little, whatever size was asked for.
 */
#include "supervise/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/own.h"

int ring_init(struct ring *ring, uint64_t size)
{
	void *bytes;

	*ring = (struct ring){ 0 };
	if (size == 0)
		return 0;
	if (size > SIZE_MAX / 2) {
		errno = EFBIG;
		return -1;
	}
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bytes == MAP_FAILED)
		return -1;
	ring->bytes = bytes;
	ring->size = size;
	return 0;
}

void ring_done(struct ring *ring)
{
	if (ring->bytes)
		munmap(ring->bytes, ring->size);
	*ring = (struct ring){ 0 };
}

void ring_clear(struct ring *ring)
{
	ring->start = ring->length = 0;
}

void ring_write(struct ring *ring, const unsigned char *bytes, size_t count)
{
	size_t end, part;

	if (!ring->bytes)
		return;
	if (count > ring->size) {
		bytes += count - ring->size;
		count = ring->size;
	}
	while (count > 0) {
		end = (ring->start + ring->length) % ring->size;
		part = ring->size - end < count ? ring->size - end : count;
		memcpy(ring->bytes + end, bytes, part);
		ring->length += part;
		if (ring->length > ring->size) {
			ring->start = (ring->start + ring->length - ring->size) % ring->size;
			ring->length = ring->size;
		}
		bytes += part;
		count -= part;
	}
}

static int write_all(int fd, const unsigned char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t done = write(fd, bytes, count);

		if (done < 0)
			return -1;
		bytes += done;
		count -= (size_t)done;
	}
	return 0;
}

int ring_snapshot(const struct ring *ring)
{
	owned_fd fd = memfd_create("console", MFD_CLOEXEC);
	size_t first = ring->size - ring->start < ring->length ? ring->size - ring->start : ring->length;

	if (fd < 0 || !ring->bytes)
		return steal_fd(&fd);
	if (write_all(fd, ring->bytes + ring->start, first) < 0 ||
	    write_all(fd, ring->bytes, ring->length - first) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return steal_fd(&fd);
}
