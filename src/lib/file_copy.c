/*
 * The bytes of one file (lib/tree_copy.h).  Apart from tree_copy.c because
 * each way of copying works with some file systems only.
 */
#include "lib/tree_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024 };

static int write_all(int to, const char *bytes, size_t length, off_t at)
{
	while (length > 0) {
		ssize_t put = pwrite(to, bytes, length, at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		bytes += put;
		length -= (size_t)put;
		at += put;
	}
	return 0;
}

static int copy_through_memory(int from, int to, off_t at, off_t end)
{
	char bytes[CHUNK];
	int code = 0;

	while (at < end && code == 0) {
		ssize_t got = pread(from, bytes, end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);

		if (got < 0 && errno == EINTR)
			continue;
		/* A file that shrinks while it is copied: what is there is all there is. */
		if (got <= 0)
			return got < 0 ? -errno : 0;
		code = write_all(to, bytes, (size_t)got, at);
		at += got;
	}
	return code;
}

/* In the kernel where it can (copy_file_range(2)). */
static int copy_range(int from, int to, off_t at, off_t end)
{
	while (at < end) {
		off_t in = at, out = at;
		ssize_t got = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != ENOSPC && errno != EDQUOT && errno != EIO)
			return copy_through_memory(from, to, at, end);
		if (got <= 0)
			return got < 0 ? -errno : copy_through_memory(from, to, at, end);
		at += got;
	}
	return 0;
}

static bool has_holes(int from, off_t size)
{
	struct stat facts;

	return fstat(from, &facts) == 0 && facts.st_blocks * 512 < size;
}

int file_copy_data(int from, int to, off_t size)
{
	off_t data = 0, hole = size;
	int code = 0;

	if (size == 0)
		return 0;
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	if (!has_holes(from, size))
		return copy_range(from, to, 0, size);
	if (ftruncate(to, size) < 0)
		return -errno;
	while (code == 0 && hole <= size) {
		data = lseek(from, data, SEEK_DATA);
		if (data < 0 || data >= size)
			return data < 0 && errno != ENXIO ? copy_range(from, to, 0, size) : 0;
		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0 || hole > size)
			hole = size;
		code = copy_range(from, to, data, hole);
		data = hole;
	}
	return code;
}
