/*
 * One reader for the kernel's text files, used by the facts of host/.  Apart
 * from lib/ because it reads into an arena and never fails half way: a fact
 * that cannot be read is a fact that is not there.
 */
#include "host/kernel_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"

enum { FIRST_READ = 4096 };

char *kernel_text(struct arena *arena, const char *path)
{
	size_t size = FIRST_READ, used = 0;
	owned_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = arena_alloc(arena, size);
	char *grown;
	ssize_t got;

	if (fd < 0)
		return NULL;
	while ((got = read(fd, text + used, size - used - 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		used += (size_t)got;
		if (used < size - 1)
			continue;
		grown = arena_alloc(arena, size * 2);
		memcpy(grown, text, used);
		text = grown;
		size *= 2;
	}
	text[used] = '\0';
	return text;
}

const char *kernel_text_field(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; text && *text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		if (strncmp(text, name, length) != 0 || text[length] != ':')
			continue;
		text += length + 1;
		return text + strspn(text, " \t");
	}
	return NULL;
}
