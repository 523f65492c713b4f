/*
 * An error through a pipe: "ok", or code, message, asked and hint, each
 * ended by a NUL.  Apart from start.c so that it can be tested by itself.
 */
#include "container/handback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"

enum { FIELDS = 4 };

static const char all_is_well[] = "ok";

void handback_send(int pipe, const struct error *err)
{
	if (!err) {
		dprintf(pipe, "%s", all_is_well);
	} else {
		/* One write a field: an error is short, and nobody else writes. */
		const char *const texts[] = { err->message, err->asked, err->hint };

		dprintf(pipe, "%d%c", err->code, '\0');
		for (size_t i = 0; i < 3; i++)
			dprintf(pipe, "%s%c", texts[i] ? texts[i] : "", '\0');
	}
	close(pipe);
}

static char *pipe_read(int pipe, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);
	char bytes[1024];
	ssize_t got;

	if (!out)
		return NULL;
	while ((got = read(pipe, bytes, sizeof bytes)) != 0) {
		if (got > 0)
			fwrite(bytes, 1, (size_t)got, out);
		else if (errno != EINTR)
			break;
		/* Nothing follows, and the worker need not be waited for. */
		if (got == sizeof all_is_well - 1 && memcmp(bytes, all_is_well, (size_t)got) == 0)
			break;
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int error_parse(char *text, size_t length, const char *died, struct error *err)
{
	const char *fields[FIELDS];
	size_t count = 0;

	for (char *at = text; text && count < FIELDS && at < text + length; at += strlen(at) + 1)
		fields[count++] = at;
	if (count < FIELDS)
		return error_set(err, 0, "%s", died);
	error_done(err);
	err->code = (int)strtol(fields[0], NULL, 10);
	err->message = strdup(fields[1]);
	err->asked = *fields[2] ? strdup(fields[2]) : NULL;
	err->hint = *fields[3] ? strdup(fields[3]) : NULL;
	return -1;
}

int handback_receive(int pipe, const char *died, struct error *err)
{
	size_t length = 0;
	owned_str text = pipe_read(pipe, &length);

	return text && strcmp(text, all_is_well) == 0 ? 0 : error_parse(text, length, died, err);
}

int handback_executed(int pipe, struct error *err)
{
	size_t length = 0;
	owned_str text = pipe_read(pipe, &length);

	return text && length == 0 ? 0 : error_parse(text, length, "the new process died before it executed the program", err);
}
