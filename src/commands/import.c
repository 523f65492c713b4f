/* lxs-import: makes a container of what lxs-export wrote, by container_import(). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/specs.h"
#include "provision/import.h"
#include "lib/file.h"
#include "lib/own.h"

struct import {
	const char *backend, *fstype;
	uint64_t size;
	bool identical, trust;
};

#define FIELD(name) offsetof(struct import, name)

static int parse_size(void *options, const char *argument, struct error *err)
{
	return specs_size(argument, &((struct import *)options)->size, err);
}

static const struct option_row rows[] = {
	{ 'B', "backingstorage", "TYPE", "kind of storage (default: dir)", OPTION_STRING, FIELD(backend), NULL },
	{ 'L', "fssize", "SIZE[U]", "size of a new block device or image (default: 1G)", OPTION_CUSTOM, 0, parse_size },
	{ 0, "fstype", "TYPE", "the file system on it (default: ext4)", OPTION_STRING, FIELD(fstype), NULL },
	{ 0, "identical", NULL, "keep hardware addresses, machine-id and ssh host keys", OPTION_FLAG, FIELD(identical), NULL },
	{ 0, "trust", NULL, "take its config even where that reaches the host: hooks, mounts, devices", OPTION_FLAG, FIELD(trust),
	  NULL },
	{ 0 },
};

static int import_run(struct invocation *call, struct error *err)
{
	const struct import *import = call->options;
	struct import_options options = {
		.name = call->name ? call->name : call->arguments[0], .backend = import->backend, .identical = import->identical,
		.trust = import->trust, .specs = { .size = import->size, .fstype = import->fstype }, .input = STDIN_FILENO,
	};
	owned_str lxcpath = path_absolute(call->lxcpath);
	owned_str name = NULL;
	owned_buffer said = { 0 };
	int answer;

	options.lxcpath = lxcpath;
	if (call->count > (call->name ? 0 : 1))
		return error_set(err, 0, "'%s' is one word too many", call->arguments[call->name ? 0 : 1]);
	if (isatty(STDIN_FILENO)) {
		error_set(err, 0, "an archive does not come from a terminal");
		return error_hint(err, "lxs-import <FILE, or lxs-export NAME | lxs-import");
	}
	if (!lxcpath)
		return error_set(err, 0, "cannot name %s", call->lxcpath);
	if (specs_complete(&options.specs, call->arena, err) < 0)
		return -1;
	answer = container_import(&options, &name, &said, err);
	if (!call->quiet && answer == 0) {
		buffer_printf(&said, "Imported %s\n", name);
		plain_print(stdout, said.text, said.length);
	}
	return answer < 0 ? -1 : EXIT_SUCCESS;
}

const struct command command_import = {
	.name = "import",
	.summary = "Make a container of what lxs-export wrote, from standard input.",
	.synopsis = "[-n NAME] [-B TYPE] [--identical] [--trust] <FILE",
	.options = rows,
	.options_size = sizeof(struct import),
	.run = import_run,
};
