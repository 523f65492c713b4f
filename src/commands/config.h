/*
 * What the files of lxs-config share: the arguments after their own parser,
 * and its verbs, one row each.
 */
#pragma once

#include <jansson.h>

#include "commands/command.h"
#include "config/read.h"

struct config_call {
	struct invocation *call;
	const char *name, *lxcpath; /* -n, -P */
	const char *file;           /* -f, or the container's config */
	bool all, origin, json;     /* --all, --origin, --format json */
	const struct config_verb *verb;
	const char **arguments;     /* after the verb; NULL at the end */
	size_t count;
};

struct config_verb {
	const char *name;
	const char *arguments; /* "KEY VALUE..." */
	const char *summary;
	size_t least;          /* arguments it needs */
	int (*run)(struct config_call *call, struct error *err);
};

/* commands/config-show.c */
int config_show(struct config_call *call, struct error *err);
int config_get(struct config_call *call, struct error *err);
json_t *config_json_text(const char *text);
int config_json_print(json_t *root, struct error *err); /* and releases it */

/* commands/config-check.c */
int config_check(struct config_call *call, struct error *err);
int config_edit(struct config_call *call, struct error *err);
