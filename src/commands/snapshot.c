/* lxs-snapshot: makes, lists, restores and removes snapshots (provision/snapshot.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "provision/snapshot.h"
#include "lib/file.h"
#include "lib/own.h"

enum action { ACTION_CREATE, ACTION_LIST, ACTION_RESTORE, ACTION_DESTROY };

struct snapshot_command {
	enum action action;
	bool comments;
	const char *which, *comment, *name;
};

#define FIELD(name) offsetof(struct snapshot_command, name)

/* The last one given counts, as in LXC. */
static int action_list(void *options, const char *argument, struct error *err)
{
	(void)argument, (void)err;
	((struct snapshot_command *)options)->action = ACTION_LIST;
	return 0;
}

static int action_restore(void *options, const char *argument, struct error *err)
{
	struct snapshot_command *command = options;

	(void)err;
	command->action = ACTION_RESTORE;
	command->which = argument;
	return 0;
}

static int action_destroy(void *options, const char *argument, struct error *err)
{
	struct snapshot_command *command = options;

	(void)err;
	command->action = ACTION_DESTROY;
	command->which = argument;
	return 0;
}

static const struct option_row rows[] = {
	{ 'L', "list", NULL, "list the snapshots", OPTION_CUSTOM, 0, action_list },
	{ 'C', "showcomments", NULL, "-L: with their comments", OPTION_FLAG, FIELD(comments), NULL },
	{ 'c', "comment", "FILE", "make one, with the words in FILE as its comment", OPTION_STRING, FIELD(comment), NULL },
	{ 'r', "restore", "SNAP", "go back to SNAP", OPTION_CUSTOM, 0, action_restore },
	{ 'N', "newname", "NEW", "-r: make it the container NEW instead", OPTION_STRING, FIELD(name), NULL },
	{ 'd', "destroy", "SNAP", "remove SNAP; ALL: every one", OPTION_CUSTOM, 0, action_destroy },
	{ 0 },
};

static void print_comment(const char *path)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	size_t length;

	if (!path || file_read(path, &text, &length, &ignored) < 0)
		return;
	fwrite(text, 1, length, stdout);
	if (length > 0 && text[length - 1] != '\n')
		putchar('\n');
}

static int list(struct invocation *call, bool comments, struct error *err)
{
	struct snapshot_list list;
	size_t shown = 0;

	if (snapshot_list(&call->container, call->arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		const struct snapshot *snapshot = &list.items[i];

		if (!snapshot->defined)
			continue;
		printf("%s (%s) %s\n", snapshot->name, snapshot->lxcpath, snapshot->time);
		if (comments)
			print_comment(snapshot->comment);
		shown++;
	}
	if (shown == 0)
		printf("No snapshots\n");
	return EXIT_SUCCESS;
}

static int restore(struct invocation *call, const struct snapshot_command *command, struct error *err)
{
	const char *name = command->name;

	if (!name && call->count > 1)
		return error_set(err, 0, "Too many arguments");
	if (!name && call->count == 1)
		name = call->arguments[0];
	return snapshot_restore(&call->container, command->which, name, err);
}

/* Any beginning of ALL means it, as in LXC. */
static int destroy(struct invocation *call, const char *which, struct error *err)
{
	struct snapshot_list list;

	if (strncmp("ALL", which, strlen(which)) != 0)
		return snapshot_destroy(&call->container, which, err);
	if (snapshot_list(&call->container, call->arena, &list, err) < 0)
		return -1;
	if (list.count == 0)
		return error_set(err, 0, "it has no snapshots");
	return snapshot_destroy_all(&call->container, err);
}

static int check(const struct invocation *call, const struct snapshot_command *command, struct error *err)
{
	const struct container *container = &call->container;

	if (geteuid() != 0 && access(container->lxcpath, R_OK) < 0 && errno != ENOENT)
		return error_set(err, 0, "You lack access to %s", container->lxcpath);
	if (!container_is_defined(container)) {
		error_set(err, 0, "No container config specified");
		return error_hint(err, "there is no %s", container->config_path);
	}
	if (command->which && *command->which == '\0')
		return error_set(err, 0, "a snapshot has a name, such as snap0");
	return 0;
}

static int snapshot_run(struct invocation *call, struct error *err)
{
	const struct snapshot_command *command = call->options;
	int answer = check(call, command, err);

	if (answer == 0 && command->action == ACTION_CREATE)
		answer = snapshot_create(&call->container, command->comment, err);
	else if (answer == 0 && command->action == ACTION_LIST)
		answer = list(call, command->comments, err);
	else if (answer == 0 && command->action == ACTION_RESTORE)
		answer = restore(call, command, err);
	else if (answer == 0)
		answer = destroy(call, command->which, err);
	return answer < 0 ? -1 : EXIT_SUCCESS;
}

const struct command command_snapshot = {
	.name = "snapshot",
	.summary = "Make, list, restore and remove snapshots of a container.",
	.synopsis = "[-c FILE] | -L [-C] | -r SNAP [-N NEW] | -d SNAP",
	.options = rows,
	.options_size = sizeof(struct snapshot_command),
	.needs = NEEDS_NAME,
	.run = snapshot_run,
};
