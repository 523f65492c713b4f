/* Reading whole files (lib/file.h); replacing them is in replace.c. */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"

enum { LARGEST = 16 * 1024 * 1024 };

int file_read_fd(int fd, const char *path, char **ret, size_t *length, struct error *err)
{
	size_t size = 4096, have = 0;
	owned_str text = malloc(size);
	ssize_t got;

	while (text) {
		got = read(fd, text + have, size - have - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "cannot read %s", path);
		have += (size_t)got;
		if (got == 0)
			break;
		if (have > LARGEST)
			return error_set(err, EFBIG, "cannot read %s", path);
		if (have == size - 1) {
			char *grown = realloc(text, size *= 2);

			if (!grown)
				return error_set(err, ENOMEM, "cannot read %s", path);
			text = grown;
		}
	}
	if (!text)
		return error_set(err, ENOMEM, "cannot read %s", path);
	text[have] = '\0';
	*ret = steal_ptr(text);
	*length = have;
	return 0;
}

int file_read(const char *path, char **ret, size_t *length, struct error *err)
{
	owned_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_set(err, errno, "cannot open %s", path);
	return file_read_fd(fd, path, ret, length, err);
}

int file_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, text, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		text += put;
		length -= (size_t)put;
	}
	return 0;
}

bool path_climbs(const char *path)
{
	for (; *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");

		if (length == 2 && strncmp(path, "..", 2) == 0)
			return true;
		path += length;
	}
	return false;
}

char *path_absolute(const char *path)
{
	owned_str here = NULL;
	char *absolute = NULL;
	size_t length;

	if (path[0] == '/') {
		absolute = strdup(path);
	} else {
		here = getcwd(NULL, 0);
		if (!here || asprintf(&absolute, "%s/%s", here, path) < 0)
			return NULL;
	}
	for (length = absolute ? strlen(absolute) : 0; length > 1 && absolute[length - 1] == '/'; length--)
		absolute[length - 1] = '\0';
	return absolute;
}
