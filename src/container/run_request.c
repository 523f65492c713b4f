/*
 * How a container was started, kept in its run directory for a reboot in
 * another program.  One `key=value` a line, `command` once for each word.
 */
#include "container/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/lines.h"
#include "lib/own.h"

int request_save(const struct rundir *dir, const struct start_options *options, struct error *err)
{
	owned_str text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return error_set(err, errno, "cannot write down how the container was started");
	if (options->execute)
		fputs("execute=1\n", out);
	for (char *const *word = options->command; word && *word; word++) {
		fputs("command=", out);
		lines_escape(out, *word);
		fputc('\n', out);
	}
	if (fclose(out) != 0 || lines_replace(dir->fd, "request", text, length) < 0)
		return error_set(err, errno, "cannot write %s/request", dir->path);
	return 0;
}

int request_load(const struct rundir *dir, struct arena *arena, struct start_options *ret, struct error *err)
{
	owned_str text = lines_read(dir->fd, "request", NULL);
	char **words = NULL, *line, *rest = text;
	size_t count = 0;

	if (!text)
		return error_set(err, errno, "cannot read %s/request", dir->path);
	*ret = (struct start_options){ 0 };
	while ((line = strsep(&rest, "\n"))) {
		if (strcmp(line, "execute=1") == 0)
			ret->execute = true;
		if (strncmp(line, "command=", 8) != 0)
			continue;
		lines_unescape(line + 8);
		words = arena_append(arena, words, &count, sizeof *words);
		words[count - 1] = arena_strdup(arena, line + 8);
	}
	if (count > 0)
		ret->command = arena_append(arena, words, &count, sizeof *words);
	return 0;
}
