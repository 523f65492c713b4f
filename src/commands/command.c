/*
 * Runs one command: its command line, its container, its log, its errors.
 * What all commands do alike is here, so that a command's own file is its
 * rows and what is particular about it.  Called by lxs.c.
 */
#include "commands/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/help.h"
#include "commands/options.h"
#include "config/rootfs_source.h"
#include "config/settings.h"
#include "host/lxsconf.h"
#include "lib/log.h"
#include "lib/own.h"

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

/* The name is -n, else the first positional, which is no positional any more then. */
static int take_name(struct parsed *parsed, struct error *err)
{
	if (parsed->common.name)
		return 0;
	if (parsed->count == 0)
		return error_set(err, 0, "No container name specified");
	parsed->common.name = parsed->arguments[0];
	parsed->arguments++;
	parsed->count--;
	return 0;
}

/* `-l` without `-o`: LXC chooses a file; so does this, beside LXC's. */
static void open_chosen_log(const struct invocation *call)
{
	const char *name = call->container.name;
	const char *path;
	owned_error ignored = ERROR_INIT;

	if (!name)
		return;
	path = arena_printf(call->arena, "%s/log/lxs/%s.log", LOCALSTATEDIR, name);
	if (geteuid() != 0 || strcmp(call->lxcpath, LOCALSTATEDIR "/lib/lxs") != 0)
		path = arena_printf(call->arena, "%s/%s/%s.log", call->lxcpath, name, name);
	/* Nobody asked for this very file: a command does not fail for it. */
	log_open(path, &ignored);
}

static int open_log(struct invocation *call, const struct common_options *common, struct error *err)
{
	enum log_level level;

	log_identify(call->program, call->container.name);
	if (common->logpriority) {
		if (log_level_parse(common->logpriority, &level, err) < 0)
			return -1;
		log_set_level(level);
	}
	if (common->logfile && strcmp(common->logfile, "none") != 0) {
		call->log_chosen = true;
		return log_open(common->logfile, err);
	}
	if (common->logpriority && !common->logfile)
		open_chosen_log(call);
	return 0;
}

/* The config's wishes for the log; the command line comes first. */
static int follow_log_settings(struct invocation *call, struct error *err)
{
	const struct value *file = settings_value(call->container.settings, "lxc.log.file");
	const struct value *level = settings_value(call->container.settings, "lxc.log.level");
	const struct value *facility = settings_value(call->container.settings, "lxc.log.syslog");
	enum log_level parsed;

	if (call->log_chosen)
		return 0;
	if (level && log_level_parse(level->text, &parsed, err) < 0)
		return error_asked_by(err, level->origin);
	if (level)
		log_set_level(parsed);
	if (rootfs_refuse_inside(call->container.settings, "lxc.log.file", err) < 0)
		return -1;
	if (file && log_open(file->text, err) < 0)
		return error_asked_by(err, file->origin);
	if (facility && log_open_syslog(facility->text, err) < 0)
		return error_asked_by(err, facility->origin);
	return 0;
}

/* All findings but the first error, which the caller's err already tells. */
static void print_findings(const struct invocation *call)
{
	const struct findings *findings = &call->container.findings;
	bool told = false;

	for (size_t i = 0; i < findings->count; i++) {
		struct findings one = { .items = &findings->items[i], .count = 1 };

		if (findings->items[i].severity == FINDING_ERROR && !told)
			told = true;
		else
			findings_print(&one, stderr);
	}
}

int command_load(struct invocation *call, struct error *err)
{
	int loaded;

	if (call->rcfile && call->container.settings)
		return 0;
	loaded = container_load(&call->container, call->rcfile, err);
	if (loaded == 0 && !call->quiet)
		print_findings(call);
	if (loaded < 0)
		return call->rcfile ? error_add(err, "Failed to load rcfile") : -1;
	return follow_log_settings(call, err);
}

/* -P, else lxc.lxcpath of lxs.conf. */
static int choose_lxcpath(struct invocation *call, const char *given, struct error *err)
{
	owned_str configured = NULL;

	if (!given && lxsconf_get("lxc.lxcpath", &configured, err) < 0)
		return -1;
	call->lxcpath = given ? given : arena_strdup(call->arena, configured);
	return 0;
}

static int prepare(struct invocation *call, struct parsed *parsed, struct error *err)
{
	const struct command *command = call->command;

	call->quiet = parsed->common.quiet;
	call->rcfile = parsed->common.rcfile;
	call->name = parsed->common.name;
	call->options = parsed->options;
	if (choose_lxcpath(call, parsed->common.lxcpath, err) < 0)
		return -1;
	if (command->needs & NEEDS_NAME) {
		if (take_name(parsed, err) < 0 ||
		    container_init(call->lxcpath, parsed->common.name, &call->container, err) < 0)
			return -1;
		call->lxcpath = call->container.lxcpath;
	}
	call->arguments = parsed->arguments;
	call->count = parsed->count;
	if (open_log(call, &parsed->common, err) < 0)
		return -1;
	if ((command->needs & NEEDS_DEFINED) && !call->rcfile && !container_is_defined(&call->container))
		return error_set(err, 0, "Container is not defined");
	if ((command->needs & NEEDS_CONFIG) ||
	    (call->rcfile && (command->needs & NEEDS_NAME) && !(command->needs & RCFILE_IGNORED)))
		return command_load(call, err);
	return 0;
}

/* An answer of the parser that ends the command at once, as an exit code. */
static int finish(struct invocation *call, enum parse_answer answer, struct error *err)
{
	if (answer == PARSED_VERSION)
		printf("%s\n", PACKAGE_VERSION);
	else if (answer == PARSED_USAGE)
		usage_print(call->command, call->program, stderr);
	else
		help_print(call->command, call->program, stderr);
	if (answer == PARSED_BAD)
		return EXIT_FAILURE;
	return answer == PARSED_HELP && call->command->more_help ? call->command->more_help(call, err) : EXIT_SUCCESS;
}

void command_warn(const struct error *warning, void *context)
{
	const struct invocation *call = context;

	log_warn(call->command->name, "%s", warning->message);
	if (!call->quiet)
		error_print(warning, stderr, call->program, call->container.name);
}

/* Whether the error is the first of a config, which the others belong to: verbs load configs as well. */
static bool is_of_config(const struct findings *findings, const struct error *err)
{
	const struct finding *first = findings->items;

	if (findings->errors == 0 || !err->file)
		return false;
	while (first->severity != FINDING_ERROR)
		first++;
	return strcmp(first->origin->file, err->file) == 0 && first->origin->line == err->line;
}

static int fail(const struct invocation *call, const struct error *err)
{
	if (!call->quiet && is_of_config(&call->container.findings, err))
		print_findings(call);
	log_error(call->command->name, "%s", err->message ? err->message : "failed");
	if (!call->quiet)
		error_print(err, stderr, call->program, call->container.name);
	return EXIT_FAILURE;
}

static int run(struct invocation *call, int argc, char **argv, struct error *err)
{
	struct parsed parsed = { .options = NULL };
	int answer;

	if (call->command->needs & OWN_PARSER) {
		call->arguments = argv;
		call->count = argc;
		return call->command->run(call, err);
	}
	answer = options_parse(call->command, argc, argv, call->arena, &parsed, err);
	call->quiet = parsed.common.quiet;
	call->options = parsed.options;
	if (answer < 0)
		return -1;
	if (answer != PARSED)
		return finish(call, (enum parse_answer)answer, err);
	if (prepare(call, &parsed, err) < 0)
		return -1;
	return call->command->run(call, err);
}

/* What was printed must have arrived: a full disk behind a redirection is a failure. */
static int flush_output(int code, const char *program)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: cannot write the output: %s\n", program, strerror(errno));
	return code == 0 ? EXIT_FAILURE : code;
}

int command_main(const struct command *command, int argc, char **argv)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct invocation call = { .command = command, .program = argv[0], .arena = arena };
	int code = run(&call, argc, argv, &err);

	if (code < 0)
		code = fail(&call, &err);
	code = flush_output(code, call.program);
	log_identify(argv[0], NULL);
	container_done(&call.container);
	return code;
}
