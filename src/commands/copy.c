/*
 * lxs-copy: a copy, a snapshot that shares its data, or another name, by
 * container_copy() and container_rename(); ephemeral copies are in
 * copy-ephemeral.c.
 */
#include "commands/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "lib/file.h"
#include "lib/text.h"
#include "provision/provision.h"

#define FIELD(name) offsetof(struct copy, name)

/* The last one given counts, as in LXC. */
static int task_rename(void *options, const char *argument, struct error *err)
{
	(void)argument, (void)err;
	((struct copy *)options)->task = TASK_RENAME;
	return 0;
}

static int task_snapshot(void *options, const char *argument, struct error *err)
{
	(void)argument, (void)err;
	((struct copy *)options)->task = TASK_SNAPSHOT;
	return 0;
}

static int task_ephemeral(void *options, const char *argument, struct error *err)
{
	(void)argument, (void)err;
	((struct copy *)options)->task = TASK_EPHEMERAL;
	return 0;
}

static int parse_size(void *options, const char *argument, struct error *err)
{
	return specs_size(argument, &((struct copy *)options)->size, err);
}

static const struct option_row rows[] = {
	{ 'N', "newname", "NEW", "name of the copy", OPTION_STRING, FIELD(name), NULL },
	{ 'p', "newpath", "PATH", "lxcpath of the copy (default: the same)", OPTION_STRING, FIELD(lxcpath), NULL },
	{ 'R', "rename", NULL, "give the container the new name instead of copying it", OPTION_CUSTOM, 0, task_rename },
	{ 's', "snapshot", NULL, "share the data until one of the two changes it", OPTION_CUSTOM, 0, task_snapshot },
	{ 'a', "allowrunning", NULL, "-s: the container may be running", OPTION_FLAG, FIELD(allow_running), NULL },
	{ 0, "allow-running", NULL, "the same", OPTION_FLAG, FIELD(allow_running), NULL },
	{ 'e', "ephemeral", NULL, "a snapshot that is started, and destroyed when it stops", OPTION_CUSTOM, 0, task_ephemeral },
	{ 'F', "foreground", NULL, "-e: start it in the foreground", OPTION_FLAG, FIELD(foreground), NULL },
	{ 'd', "daemon", NULL, "-e: start it in the background (default)", OPTION_FLAG_OFF, FIELD(foreground), NULL },
	{ 'm', "mount", "SPEC", "-e: bind=SRC[:DST][:ro|rw] or overlay=SRC[:DST], a comma list; may be repeated",
	  OPTION_STRINGS, FIELD(mounts), NULL },
	{ 'B', "backingstorage", "TYPE", "kind of storage of the copy (default: the same)", OPTION_STRING, FIELD(backend), NULL },
	{ 't', "tmpfs", NULL, "-e: what it writes goes to memory", OPTION_FLAG, FIELD(tmpfs), NULL },
	{ 'L', "fssize", "SIZE[U]", "size of a new block device or image", OPTION_CUSTOM, 0, parse_size },
	{ 'D', "keepdata", NULL, "-e: do not destroy it when it stops", OPTION_FLAG, FIELD(keep_data), NULL },
	{ 'K', "keepname", NULL, "keep the host name", OPTION_FLAG, FIELD(keep_name), NULL },
	{ 'M', "keepmac", NULL, "keep the hardware addresses", OPTION_FLAG, FIELD(keep_mac), NULL },
	{ 0, "identical", NULL, "keep machine-id and ssh host keys too", OPTION_FLAG, FIELD(identical), NULL },
	{ 0 },
};

/* Each argument as one word for a shell. */
static const char *quoted(struct arena *arena, char *const *arguments, int count)
{
	struct buffer text = { 0 };
	const char *result;

	for (int i = 0; i < count; i++) {
		buffer_puts(&text, i > 0 ? " '" : "'");
		for (const char *c = arguments[i]; *c; c++)
			*c == '\'' ? buffer_puts(&text, "'\\''") : buffer_add(&text, c, 1);
		buffer_puts(&text, "'");
	}
	result = count > 0 ? arena_strdup(arena, buffer_text(&text)) : NULL;
	buffer_done(&text);
	return result;
}

/* Any beginning of the word is overlay's other name, as in LXC. */
static const char *backend_of(const char *written)
{
	return written && strncmp(written, "overlay", 7) == 0 ? "overlay" : written;
}

int copy_prepare(struct invocation *call, struct copy_options *ret, struct error *err)
{
	const struct copy *copy = call->options;

	*ret = (struct copy_options){
		.name = copy->name, .snapshot = copy->task == TASK_SNAPSHOT || copy->task == TASK_EPHEMERAL,
		.allow_running = copy->allow_running, .keep_name = copy->keep_name, .keep_mac = copy->keep_mac,
		.identical = copy->identical, .backend = backend_of(copy->backend), .specs.size = copy->size,
		.warn = command_warn, .warn_context = call,
	};
	if (copy->lxcpath) {
		char *path = path_absolute(copy->lxcpath);

		if (!path)
			return error_set(err, errno, "cannot name %s", copy->lxcpath);
		ret->lxcpath = arena_strdup(call->arena, path);
		free(path);
	}
	return specs_complete(&ret->specs, call->arena, err);
}

static int check(struct invocation *call, const struct copy *copy, struct error *err)
{
	const struct container *container = &call->container;

	if (geteuid() != 0 && access(container->lxcpath, R_OK) < 0 && errno != ENOENT)
		return error_set(err, 0, "You lack access to %s", container->lxcpath);
	if (!copy->name && copy->task != TASK_EPHEMERAL)
		return error_set(err, 0, "You must provide a NEWNAME for the clone");
	if (copy->task != TASK_EPHEMERAL && (copy->tmpfs || copy->keep_data || copy->foreground || copy->mounts.count > 0))
		return error_set(err, 0, "-t, -D, -F and -m are for ephemeral copies (-e)");
	if (call->rcfile && copy->task == TASK_RENAME)
		return error_set(err, 0, "-R renames what is there: --rcfile has no say in it");
	if (copy->allow_running && copy->task == TASK_COPY) {
		error_set(err, 0, "a full copy of a running container would not be consistent");
		return error_hint(err, "-a goes with -s or -e");
	}
	return 0;
}

static int copy_run(struct invocation *call, struct error *err)
{
	const struct copy *copy = call->options;
	struct copy_options options;

	if (check(call, copy, err) < 0 || copy_prepare(call, &options, err) < 0)
		return -1;
	if (copy->task == TASK_EPHEMERAL)
		return copy_ephemeral(call, &options, err);
	if (copy->task == TASK_RENAME)
		return container_rename(&call->container, copy->name, err) < 0 ? -1 : EXIT_SUCCESS;
	options.hook_arguments = quoted(call->arena, call->arguments, call->count);
	return container_copy(&call->container, &options, err) < 0 ? -1 : EXIT_SUCCESS;
}

const struct command command_copy = {
	.name = "copy",
	.summary = "Copy a container, or give it another name.",
	.synopsis = "-N NEW [options] [-- HOOK-ARG...] | -e [options] [-- COMMAND [ARG...]] | -N NEW -R",
	.options = rows,
	.options_size = sizeof(struct copy),
	.needs = NEEDS_NAME,
	.run = copy_run,
};
