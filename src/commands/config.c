/*
 * lxs-config.  Without -n or -f it answers for tool-wide settings exactly as
 * lxc-config does, whose grammar knows no options but prefixes; so the command
 * line is parsed here.  With them it shows, checks and edits a container's
 * config.  The editing verbs are here, the others in config-show.c and
 * config-check.c.
 */
#include "commands/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "config/edit.h"
#include "config/lines.h"
#include "host/lxsconf.h"
#include "lib/capability.h"
#include "lib/origin.h"
#include "lib/own.h"
#include "lib/text.h"

static int edit(struct config_call *call, enum edit_kind kind, const char *key, const char *const *values,
		struct error *err)
{
	const struct edit edit = { kind, key, values };

	return edit_file(call->file, &edit, err) < 0 ? -1 : EXIT_SUCCESS;
}

/* The empty value resets, as an empty line does. */
static int config_set(struct config_call *call, struct error *err)
{
	if (call->count == 2 && !*call->arguments[1])
		return edit(call, EDIT_RESET, call->arguments[0], NULL, err);
	return edit(call, EDIT_SET, call->arguments[0], call->arguments + 1, err);
}

static int config_add(struct config_call *call, struct error *err)
{
	return edit(call, EDIT_ADD, call->arguments[0], call->arguments + 1, err);
}

/* What an include says holds again once this file's lines are out; 1: one line is enough. */
static int tell_included(const struct setting_line *line, void *program)
{
	if (line->origin)
		fprintf(stderr, "%s: %s is still set, by %s:%u\n  hint: set %s '' empties it here\n", (const char *)program,
			line->key, line->origin->file, line->origin->line, line->key);
	return 1;
}

static int config_unset(struct config_call *call, struct error *err)
{
	owned_settings settings = settings_new();
	char *program = arena_strdup(call->call->arena, call->call->program);

	for (size_t i = 0; i < call->count; i++)
		if (edit(call, EDIT_REMOVE, call->arguments[i], NULL, err) < 0)
			return -1;
	if (settings_read(settings, call->file, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < call->count; i++)
		settings_lines(settings, call->call->arena, call->arguments[i], tell_included, program);
	return EXIT_SUCCESS;
}

static bool is_granted(const struct settings *settings, const char *name)
{
	const struct values *granted = settings_values(settings, "lxs.cap.grant");
	const int number = capability_number(name);

	for (size_t i = 0; i < granted->count; i++)
		if (granted->items[i].number == number)
			return true;
	return false;
}

/* CAP_SYS_TIME and sys_time are the same to a user; what is granted already needs no further line. */
static int config_grant(struct config_call *call, struct error *err)
{
	owned_settings settings = settings_new();
	owned_buffer words = { 0 };

	if (settings_read(settings, call->file, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < call->count; i++) {
		char *word = arena_strdup(call->call->arena, call->arguments[i]);

		for (char *letter = word; *letter; letter++)
			*letter |= *letter >= 'A' && *letter <= 'Z' ? 0x20 : 0;
		word += text_starts(word, "cap_") ? strlen("cap_") : 0;
		if (!is_granted(settings, word))
			buffer_printf(&words, "%s%s", words.length > 0 ? " " : "", word);
	}
	if (words.length == 0)
		return EXIT_SUCCESS;
	return edit(call, EDIT_ADD, "lxs.cap.grant", (const char *[]){ buffer_text(&words), NULL }, err);
}

static const struct config_verb verbs[] = {
	{ "show", "[--origin] [KEY...]", "print the settings in force, as lines", 0, config_show },
	{ "get", "--all | KEY...", "print values as LXC's get_config_item() gives them", 0, config_get },
	{ "set", "KEY VALUE...", "give the key these values and no others; '': none", 2, config_set },
	{ "add", "KEY VALUE...", "append to a list", 2, config_add },
	{ "unset", "KEY...", "take the key's lines out of this file", 1, config_unset },
	{ "grant", "CAPABILITY...", "let the container keep capabilities", 1, config_grant },
	{ "check", "", "report every error and doubt; exit 1 for errors", 0, config_check },
	{ "edit", "", "call $EDITOR on the file and replace it if it loads", 0, config_edit },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static const struct config_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void print_verbs(FILE *out)
{
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-6s %-20s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].summary);
}

/* LXC's two lines, and ours below them. */
static int usage(const char *program)
{
	printf("Usage: %s -l: list all available configuration items\n", program);
	printf("       %s item: print configuration item\n", program);
	printf("       %s -n NAME|-f FILE [--format json] VERB [ARGUMENT...]\n\nVerbs:\n", program);
	print_verbs(stdout);
	return EXIT_SUCCESS;
}

static int print_item(const char *typed, const char *key, struct error *err)
{
	owned_str value = NULL;

	if (lxsconf_get(key, &value, err) < 0)
		return -1;
	if (value)
		printf("%s\n", value);
	else
		printf("%s is not set.\n", typed);
	return EXIT_SUCCESS;
}

/* Everything is matched by as much of it as was typed. */
static int lxc_grammar(const char *program, const char *typed, struct error *err)
{
	if (text_starts("-h", typed) || text_starts("--help", typed))
		return usage(program);
	for (const char *const *key = lxsconf_keys; *key; key++) {
		if (text_starts("-l", typed))
			printf("%s\n", *key);
		else if (text_starts(*key, typed))
			return print_item(typed, *key, err);
	}
	if (text_starts("-l", typed))
		return EXIT_SUCCESS;
	printf("Unknown configuration item: %s\n", typed);
	return EXIT_FAILURE;
}

static bool set_flag(struct config_call *call, const char *word)
{
	call->all |= strcmp(word, "--all") == 0;
	call->origin |= strcmp(word, "--origin") == 0;
	return strcmp(word, "--all") == 0 || strcmp(word, "--origin") == 0;
}

/* "-nX", "-n X", "--name=X", "--name X": the argument, or NULL when it is another option. */
static const char *option_argument(char **words, int *at, char letter, const char *name)
{
	const char *word = words[*at];
	size_t length = strlen(name);

	if (word[0] == '-' && word[1] == letter)
		return word[2] ? word + 2 : words[++*at];
	if (!text_starts(word, "--") || strncmp(word + 2, name, length) != 0)
		return NULL;
	if (word[2 + length] == '=')
		return word + 3 + length;
	return word[2 + length] ? NULL : words[++*at];
}

static int set_format(struct config_call *call, const char *format, struct error *err)
{
	if (strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return error_set(err, 0, "unknown format '%s': text or json", format);
	call->json = strcmp(format, "json") == 0;
	return 0;
}

/* 1: the word was an option. */
static int parse_option(struct config_call *call, char **words, int *at, struct error *err)
{
	static const struct { char letter; const char *name; } known[] = {
		{ 'n', "name" }, { 'P', "lxcpath" }, { 'f', "rcfile" }, { 'F', "format" },
	};
	const char **const places[] = { &call->name, &call->lxcpath, &call->file, NULL };
	const char *word = words[*at], *argument;

	if (set_flag(call, word))
		return 1;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		argument = option_argument(words, at, known[i].letter, known[i].name);
		if (!words[*at])
			return error_set(err, 0, "%s needs an argument", word);
		if (!argument)
			continue;
		if (!places[i])
			return set_format(call, argument, err) < 0 ? -1 : 1;
		*places[i] = argument;
		return 1;
	}
	error_set(err, 0, "unknown option %s", word);
	return error_hint(err, "see %s --help; a value that begins with '-' goes behind '--'", call->call->program);
}

/* Values may look like options ("-5"), so from the verb's first argument on only -- words are options. */
static int parse(struct config_call *call, char **words, struct error *err)
{
	bool options = true;

	for (int at = 1; words[at]; at++) {
		const char *word = words[at];

		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && word[0] == '-' && word[1] && (call->count == 0 || word[1] == '-')) {
			if (parse_option(call, words, &at, err) < 0)
				return -1;
		} else if (!call->verb) {
			call->verb = find_verb(word);
			if (!call->verb)
				return error_set(err, 0, "unknown verb '%s': see --help", word);
		} else {
			call->arguments[call->count++] = word;
		}
	}
	return 0;
}

static int resolve_file(struct config_call *call, struct container *container, struct error *err)
{
	owned_str lxcpath = NULL;

	if (call->name && call->file)
		return error_set(err, 0, "-n and -f exclude each other");
	if (call->file)
		return 0;
	if (!call->name)
		return error_set(err, 0, "name a container by -n, or a file by -f");
	if (!call->lxcpath && lxsconf_get("lxc.lxcpath", &lxcpath, err) < 0)
		return -1;
	if (container_init(call->lxcpath ? call->lxcpath : lxcpath, call->name, container, err) < 0)
		return -1;
	if (!container_is_defined(container))
		return error_set(err, 0, "no such container: there is no %s", container->config_path);
	call->file = container->config_path;
	return 0;
}

/* Ours begin with an option of ours or name a verb that cannot be an item. */
static bool is_ours(char **words)
{
	for (int at = 1; words[at]; at++)
		if ((text_starts(words[at], "-n") || text_starts(words[at], "--n")) || text_starts(words[at], "-f") ||
		    text_starts(words[at], "--rcfile") || text_starts(words[at], "-P") || text_starts(words[at], "--format"))
			return true;
	return words[1] && find_verb(words[1]);
}

static int config_run(struct invocation *call, struct error *err)
{
	owned_container container = { 0 };
	struct config_call config = { .call = call };

	if (!call->arguments[0] || !call->arguments[1])
		return usage(call->program);
	if (!is_ours(call->arguments))
		return lxc_grammar(call->program, call->arguments[1], err);
	config.arguments = arena_alloc(call->arena, ((size_t)call->count + 1) * sizeof *config.arguments);
	if (parse(&config, call->arguments, err) < 0)
		return -1;
	if (!config.verb)
		return error_set(err, 0, "no verb: see --help");
	if (config.count < config.verb->least)
		return error_set(err, 0, "usage: %s %s", config.verb->name, config.verb->arguments);
	if (config.count > 0 && !*config.verb->arguments)
		return error_set(err, 0, "%s takes no argument", config.verb->name);
	if (resolve_file(&config, &container, err) < 0)
		return -1;
	return config.verb->run(&config, err);
}

const struct command command_config = {
	.name = "config",
	.summary = "Show, check and edit configs; print tool-wide settings.",
	.synopsis = "-l | ITEM | {-n NAME | -f FILE} VERB [ARGUMENT...]",
	.needs = OWN_PARSER,
	.run = config_run,
};
