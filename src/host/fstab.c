/*
 * Reads the file of lxc.mount.fstab; see fstab.h.
 */
#include "host/fstab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/own.h"

static const char *trim(char *line)
{
	char *end = line + strlen(line);

	while (end > line && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return line + strspn(line, " \t");
}

int fstab_read(struct arena *arena, const char *path, const struct origin *asked, struct fstab *ret,
	       struct error *err)
{
	owned_file file = NULL;
	owned_str line = NULL;
	struct origin *lines = NULL;
	size_t size = 0, count = 0;

	*ret = (struct fstab){ 0 };
	file = fopen(path, "re");
	if (!file) {
		error_set(err, errno, "cannot read the mount table %s", path);
		return error_asked_by(err, asked);
	}
	for (unsigned number = 1; getline(&line, &size, file) >= 0; number++) {
		const char *text = trim(line);

		if (*text == '\0' || *text == '#')
			continue;
		lines = arena_append(arena, lines, &count, sizeof *lines);
		lines[count - 1] = (struct origin){
			.file = path, .line = number,
			.text = arena_strdup(arena, text), .included_by = asked,
		};
	}
	if (ferror(file)) {
		error_set(err, errno, "cannot read the mount table %s", path);
		return error_asked_by(err, asked);
	}
	*ret = (struct fstab){ lines, count };
	return 0;
}
