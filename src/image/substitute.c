/* Placeholders (image/substitute.h).  Apart because an image names the files: all opens are beneath the root. */
#include "image/substitute.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"

enum { LARGEST = 1024 * 1024 };

static void replace(const char *text, const char *word, const char *with, struct buffer *out)
{
	const char *found;

	for (; (found = strstr(text, word)); text = found + strlen(word)) {
		buffer_add(out, text, (size_t)(found - text));
		buffer_puts(out, with);
	}
	buffer_puts(out, text);
}

void substitute(const struct placeholders *placeholders, const char *text, struct buffer *out)
{
	const struct { const char *word, *with; } rows[] = {
		{ "LXC_NAME", placeholders->name },
		{ "LXC_PATH", placeholders->directory },
		{ "LXC_ROOTFS", placeholders->tree },
		{ "LXC_TEMPLATE_CONFIG", PKGDATADIR "/config" },
		{ "LXC_HOOK_DIR", PKGDATADIR "/hooks" },
	};
	owned_buffer before = { 0 };

	buffer_puts(&before, text);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_buffer after = { 0 };

		replace(buffer_text(&before), rows[i].word, rows[i].with, &after);
		buffer_done(&before);
		before = after;
		after = (struct buffer){ 0 };
	}
	buffer_puts(out, buffer_text(&before));
}

/* Not a device, whose opening may do something, nor a pipe, whose opening may wait. */
static int open_plain(int root, const char *path, int flags)
{
	owned_fd fd = rootfs_open(root, path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size > LARGEST)
		return -1;
	return steal_fd(&fd);
}

static int overwrite(int fd, const char *path, const char *text, size_t length, struct error *err)
{
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, length, 0) != (ssize_t)length)
		return error_set(err, errno, "cannot write %s of the container", path);
	return 0;
}

int substitute_inside(const struct placeholders *placeholders, int root, const char *path, struct error *err)
{
	owned_fd fd = open_plain(root, path, O_RDONLY), write_fd = -1;
	owned_error ignored = ERROR_INIT;
	owned_buffer changed = { 0 };
	owned_str text = NULL;
	size_t length;

	if (fd < 0 || file_read_fd(fd, path, &text, &length, &ignored) < 0 || strlen(text) != length)
		return 0;
	substitute(placeholders, text, &changed);
	if (strcmp(buffer_text(&changed), text) == 0)
		return 0;
	/* Opened for writing only now: on an overlay that copies the file. */
	write_fd = open_plain(root, path, O_RDWR);
	return write_fd < 0 ? 0 : overwrite(write_fd, path, changed.text, changed.length, err);
}

int write_inside(int root, const char *path, const char *text, struct error *err)
{
	owned_fd made = rootfs_file(root, path, 0644), fd = -1;

	if (made < 0)
		return 0;
	fd = open_plain(root, path, O_RDWR);
	return fd < 0 ? 0 : overwrite(fd, path, text, strlen(text), err);
}
