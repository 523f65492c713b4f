/*
 * lxs-start: the config and what the command line changes of it, handed to
 * container_start(); or the plan of it, printed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/define.h"
#include "container/verb_lock.h"
#include "lib/file.h"
#include "lib/own.h"
#include "provision/provision.h"

struct start {
	bool foreground, close_fds, plan;
	const char *pidfile, *console, *console_log, *format;
	struct strings defines;
	struct share_options shares;
};

#define FIELD(name) offsetof(struct start, name)

static const struct option_row rows[] = {
	{ 'd', "daemon", NULL, "run in the background (default)", OPTION_FLAG_OFF, FIELD(foreground), NULL },
	{ 'F', "foreground", NULL, "make this terminal the console, wait for the end", OPTION_FLAG,
	  FIELD(foreground), NULL },
	{ 'p', "pidfile", "FILE", "write the supervisor's pid to FILE", OPTION_STRING, FIELD(pidfile), NULL },
	{ 'c', "console", "FILE", "use FILE as the console", OPTION_STRING, FIELD(console), NULL },
	{ 'L', "console-log", "FILE", "log the output of the console to FILE", OPTION_STRING,
	  FIELD(console_log), NULL },
	{ 'C', "close-all-fds", NULL, "close inherited descriptors; --daemon does so anyway", OPTION_FLAG,
	  FIELD(close_fds), NULL },
	{ 's', "define", "KEY=VAL", "set a config key for this run; may be repeated", OPTION_STRINGS,
	  FIELD(defines), NULL },
	SHARE_ROWS(struct start, shares),
	{ 0, "plan", NULL, "print what would be done, and do nothing", OPTION_FLAG, FIELD(plan), NULL },
	{ 0, "format", "FORMAT", "of the plan: text (default) or json", OPTION_STRING, FIELD(format), NULL },
	{ 0 },
};

/* A background start leaves the directory that a path on the command line is meant from. */
static int define_path(struct settings *settings, const char *option, const char *key, const char *path, struct error *err)
{
	owned_str absolute = path && strcmp(path, "none") != 0 ? path_absolute(path) : NULL;

	return define_one(settings, option, key, absolute ? absolute : path, err);
}

static int apply(struct invocation *call, const struct start *start, struct error *err)
{
	struct settings *settings = call->container.settings;

	if (define_all(settings, &start->defines, call->arena, err) < 0 ||
	    define_shares(settings, &start->shares, err) < 0 ||
	    define_path(settings, "--console", "lxc.console.path", start->console, err) < 0)
		return -1;
	return define_path(settings, "--console-log", "lxc.console.logfile", start->console_log, err);
}

static int check_defined(const struct invocation *call, struct error *err)
{
	const struct container *container = &call->container;

	if (call->rcfile)
		return 0;
	if (access(container->lxcpath, R_OK) < 0 && errno != ENOENT) {
		error_set(err, 0, "You lack access to %s", container->lxcpath);
		return error_hint(err, "the directory of the containers is chosen by -P or lxc.lxcpath");
	}
	if (container_is_defined(container))
		return 0;
	error_set(err, errno, "No container config specified: %s", container->config_path);
	return error_hint(err, "create the container with lxs-create, or give a config with -f%s",
			  geteuid() != 0 ? "; one of root's is started by root" : "");
}

static int print_plan(struct invocation *call, const struct start *start, const struct start_options *options,
		      struct error *err)
{
	bool json = start->format && strcmp(start->format, "json") == 0;

	if (start->format && !json && strcmp(start->format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", start->format);
	return container_plan(&call->container, options, json, stdout, err);
}

static int start_run(struct invocation *call, struct error *err)
{
	const struct start *start = call->options;
	const struct start_options options = {
		.foreground = start->foreground,
		.close_fds = start->close_fds || !start->foreground,
		.parting = true,
		.pidfile = start->pidfile,
		.command = call->count ? call->arguments : NULL,
		.warn = command_warn,
		.warn_context = call,
		.remove = container_remove,
	};
	enum container_state state = STATE_STOPPED;
	int status = 0;

	if (define_check(&start->defines, err) < 0)
		return -1;
	if (!start->plan && container_state(&call->container, &state, err) < 0)
		return -1;
	/* A verb that holds the container still looks like a start. */
	if (state == STATE_STARTING &&
	    verb_refuse(arena_printf(call->arena, "%s/%s", call->container.lxcpath, call->container.name), err) < 0)
		return -1;
	if (state != STATE_STOPPED) {
		if (!call->quiet)
			fprintf(stderr, "%s: %s: Container is already running\n", call->program,
				call->container.name);
		return EXIT_SUCCESS;
	}
	if (check_defined(call, err) < 0 || command_load(call, err) < 0 || apply(call, start, err) < 0)
		return -1;
	if (start->plan)
		return print_plan(call, start, &options, err);
	/* In the foreground too, an orderly end is a success whatever init's own exit code was. */
	return container_start(&call->container, &options, &status, err);
}

const struct command command_start = {
	.name = "start",
	.summary = "Start a container: its init, or COMMAND in place of it.",
	.synopsis = "[options] [-- COMMAND [ARG...]]",
	.options = rows,
	.options_size = sizeof(struct start),
	.needs = NEEDS_NAME | RCFILE_SHORT,
	.run = start_run,
};
