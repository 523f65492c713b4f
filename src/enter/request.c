/* The command line of lxs-enter: KEY=VALUE words, `--`, the command. */
#include "enter/request.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct word {
	const char *key;
	size_t offset;
	bool text;
};

#define NUMBER(field) { #field, offsetof(struct request, field), false }
#define TEXT(field)   { #field, offsetof(struct request, field), true }

static const struct word words[] = {
	NUMBER(pid), NUMBER(pidfd), NUMBER(proc), NUMBER(namespaces), NUMBER(bounding), NUMBER(seccomp), NUMBER(clock),
	NUMBER(no_new_privs), NUMBER(personality), NUMBER(uid), NUMBER(gid), NUMBER(terminal), NUMBER(remount),
	TEXT(label), TEXT(directory),
};

static int set_word(struct request *request, const struct word *word, char *value)
{
	void *field = (char *)request + word->offset;
	char *end;

	if (word->text) {
		*(const char **)field = value;
		return 0;
	}
	errno = 0;
	*(long *)field = strtol(value, &end, 0);
	return errno || end == value || *end ? -1 : 0;
}

static int parse_word(struct request *request, char *argument)
{
	char *equals = strchr(argument, '=');

	for (size_t i = 0; equals && i < sizeof words / sizeof words[0]; i++) {
		size_t length = strlen(words[i].key);

		if ((size_t)(equals - argument) == length && strncmp(argument, words[i].key, length) == 0)
			return set_word(request, &words[i], equals + 1);
	}
	return -1;
}

int request_parse(struct request *request, char **argv)
{
	*request = (struct request){
		.bounding = -1, .seccomp = -1, .clock = -1, .personality = -1, .pidfd = -1, .proc = -1,
		.master = -1, .slave = -1, .attr = -1, .fallback = "/bin/sh",
	};
	for (; *argv && strcmp(*argv, "--") != 0; argv++) {
		if (parse_word(request, *argv) < 0)
			return report(ENTER_ARGUMENTS, EINVAL, *argv);
	}
	request->command = *argv && argv[1] ? argv + 1 : NULL;
	return 0;
}
