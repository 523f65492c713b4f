/*
 * lxs-execute: one program in a container of its own, below a small init that
 * reaps and forwards signals; the program's exit code is the command's.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "commands/commands.h"
#include "commands/define.h"
#include "plan/words.h"
#include "provision/provision.h"

struct execute {
	bool background;
	const char *uid, *gid;
	struct strings defines;
	struct share_options shares;
};

#define FIELD(name) offsetof(struct execute, name)

static const struct option_row rows[] = {
	{ 'd', "daemon", NULL, "run in the background", OPTION_FLAG, FIELD(background), NULL },
	{ 's', "define", "KEY=VAL", "set a config key for this run; may be repeated", OPTION_STRINGS,
	  FIELD(defines), NULL },
	{ 'u', "uid", "UID", "run COMMAND with this user id", OPTION_STRING, FIELD(uid), NULL },
	{ 'g', "gid", "GID", "run COMMAND with this group id", OPTION_STRING, FIELD(gid), NULL },
	SHARE_ROWS(struct execute, shares),
	{ 0 },
};

static int apply(struct invocation *call, const struct execute *execute, struct error *err)
{
	struct settings *settings = call->container.settings;

	if (define_all(settings, &execute->defines, call->arena, err) < 0 ||
	    define_shares(settings, &execute->shares, err) < 0 ||
	    define_one(settings, "--uid", "lxc.init.uid", execute->uid, err) < 0)
		return -1;
	return define_one(settings, "--gid", "lxc.init.gid", execute->gid, err);
}

/* What to run: the arguments, else lxc.execute.cmd. */
static char *const *choose_command(const struct invocation *call, struct error *err)
{
	const struct value *value;

	if (call->count)
		return call->arguments;
	value = settings_value(call->container.settings, "lxc.execute.cmd");
	if (value)
		return words_split(call->arena, value->text);
	error_set(err, 0, "Missing command to execute!");
	error_hint(err, "give it after --, or set lxc.execute.cmd");
	return NULL;
}

static int check_defined(const struct invocation *call, struct error *err)
{
	if (call->rcfile || container_is_defined(&call->container))
		return 0;
	error_set(err, 0, "Executing a container with no configuration file may crash the host");
	return error_hint(err, "give a config with -f FILE, or create %s", call->container.config_path);
}

static int execute_run(struct invocation *call, struct error *err)
{
	const struct execute *execute = call->options;
	struct start_options options = { .foreground = !execute->background, .close_fds = execute->background,
					 .execute = true, .warn = command_warn, .warn_context = call,
					 .remove = container_remove };
	int status = 0;

	if (define_check(&execute->defines, err) < 0 || check_defined(call, err) < 0 ||
	    command_load(call, err) < 0 || apply(call, execute, err) < 0)
		return -1;
	options.command = choose_command(call, err);
	if (!options.command || container_start(&call->container, &options, &status, err) < 0)
		return -1;
	/* The small init passes on COMMAND's code as its own; when it was killed itself there is none. */
	return options.foreground && !WIFEXITED(status) ? EXIT_FAILURE : WEXITSTATUS(status);
}

const struct command command_execute = {
	.name = "execute",
	.summary = "Run one program in a container of its own, below a small init.",
	.synopsis = "[options] [-- COMMAND [ARG...]]",
	.options = rows,
	.options_size = sizeof(struct execute),
	.needs = NEEDS_NAME | RCFILE_SHORT,
	.run = execute_run,
};
