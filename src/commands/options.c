/*
 * From rows to values: builds the tables of getopt_long(3) out of the rows,
 * and stores what it finds where each row says.  Apart from command.c so that
 * a unit test can walk through it without running anything.
 */
#include "commands/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON(field) offsetof(struct common_options, field)

/* -h and -? differ in their exit code alone, so both have a row, as they have in --usage. */
const struct option_row common_rows[] = {
	{ 'n', "name", "NAME", "the container", OPTION_STRING, COMMON(name), NULL },
	{ 'h', "help", NULL, "print this help", OPTION_FLAG, 0, NULL },
	{ '?', "help", NULL, "print this help, exit code 1", OPTION_FLAG, 0, NULL },
	{ 0, "usage", NULL, "print all options in one paragraph", OPTION_FLAG, 0, NULL },
	{ 0, "version", NULL, "print the version number", OPTION_FLAG, 0, NULL },
	{ 'q', "quiet", NULL, "print no messages", OPTION_FLAG, COMMON(quiet), NULL },
	{ 'o', "logfile", "FILE", "append the log to FILE", OPTION_STRING, COMMON(logfile), NULL },
	{ 'l', "logpriority", "LEVEL", "log messages of LEVEL and above (default: ERROR)", OPTION_STRING,
	  COMMON(logpriority), NULL },
	{ 'P', "lxcpath", "PATH", "the directory that holds the containers", OPTION_STRING, COMMON(lxcpath), NULL },
	{ 0, "rcfile", "FILE", "use FILE as the config of the container", OPTION_STRING, COMMON(rcfile), NULL },
	{ 0 },
};
const size_t common_row_count = sizeof common_rows / sizeof common_rows[0] - 1;

enum { LONG_BASE = 256 }; /* values of getopt_long for options: beyond every character */

/* What getopt_long(3) needs, and from its values back to rows. */
struct tables {
	struct option *long_options;
	char *short_options;
	const struct option_row **rows; /* by value - LONG_BASE: own rows, then the common ones */
	size_t count, own;
};

static size_t count_rows(const struct option_row *rows)
{
	size_t count = 0;

	while (rows && rows[count].long_name)
		count++;
	return count;
}

static void add_short(char **end, const struct option_row *row)
{
	if (!row->short_name)
		return;
	*(*end)++ = row->short_name;
	if (row->argument)
		*(*end)++ = ':';
	if (option_is_optional(row))
		*(*end)++ = ':';
}

static void add_long(struct option *option, const struct option_row *row, int value)
{
	option->name = row->long_name;
	option->has_arg = !row->argument ? no_argument
			: option_is_optional(row) ? optional_argument : required_argument;
	option->val = value;
}

static void tables_build(const struct command *command, struct arena *arena, struct tables *ret)
{
	size_t own = count_rows(command->options), count = own + common_row_count;
	char *end;

	ret->count = count;
	ret->own = own;
	ret->rows = arena_alloc(arena, count * sizeof *ret->rows);
	ret->long_options = arena_alloc(arena, (count + 1) * sizeof *ret->long_options);
	ret->short_options = end = arena_alloc(arena, 3 * count + 5);
	*end++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < count; i++) {
		ret->rows[i] = i < own ? &command->options[i] : &common_rows[i - own];
		add_short(&end, ret->rows[i]);
		add_long(&ret->long_options[i], ret->rows[i], LONG_BASE + (int)i);
	}
	if (command->needs & RCFILE_SHORT)
		memcpy(end, "f:", 2);
}

static const struct option_row *find_short(const struct tables *tables, int letter)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (tables->rows[i]->short_name == letter)
			return tables->rows[i];
	}
	/* No own row has taken -f, so it can only be RCFILE_SHORT. */
	return letter == 'f' ? &common_rows[common_row_count - 1] : NULL;
}

static int parse_int(const struct option_row *row, const char *text, int *ret, struct error *err)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < INT_MIN || number > INT_MAX)
		return error_set(err, 0, "--%s needs a whole number, not '%s'", row->long_name, text);
	*ret = (int)number;
	return 0;
}

static void strings_append(struct arena *arena, struct strings *list, const char *text)
{
	const char **items = arena_alloc(arena, (list->count + 2) * sizeof *items);

	if (list->count)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = text;
	list->items = items;
}

static int store(const struct option_row *row, char *base, const char *argument, struct arena *arena,
		 struct error *err)
{
	void *field = base + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
	case OPTION_FLAG_OFF:
		*(bool *)field = row->type == OPTION_FLAG;
		return 0;
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		*(const char **)field = argument ? argument : "";
		return 0;
	case OPTION_STRINGS:
		strings_append(arena, field, argument);
		return 0;
	case OPTION_INT:
		return parse_int(row, argument, field, err);
	case OPTION_CUSTOM:
	case OPTION_OPTIONAL_CUSTOM:
		return row->parse(base, argument, err);
	}
	return 0;
}

/* The answer of the rows that end the parsing; PARSED for all others. */
static enum parse_answer ending(const struct option_row *row)
{
	static const struct { const char *name; enum parse_answer answer; } endings[] = {
		{ "help", PARSED_HELP }, { "usage", PARSED_USAGE }, { "version", PARSED_VERSION },
	};

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		if (strcmp(row->long_name, endings[i].name) == 0)
			return endings[i].answer;
	}
	return PARSED;
}

static bool is_common(const struct option_row *row)
{
	return row >= common_rows && row < common_rows + common_row_count;
}

static int take(const struct tables *tables, int value, struct arena *arena, struct parsed *ret, struct error *err)
{
	const struct option_row *row = value >= LONG_BASE ? tables->rows[value - LONG_BASE]
							   : find_short(tables, value);

	if (!row || value == '?' || value == ':') /* unknown ones arrive as '?' too */
		return PARSED_BAD;
	if (!is_common(row))
		return store(row, ret->options, optarg, arena, err);
	if (ending(row) != PARSED)
		return (int)ending(row);
	/* Two paths would mean that one is silently not looked at. */
	if (row->short_name == 'P' && ret->common.lxcpath)
		return error_set(err, 0, "This command only accepts 1 -P,--lxcpath arguments");
	return store(row, (char *)&ret->common, optarg, arena, err);
}

static bool is_ambiguous(const struct tables *tables, const char *word)
{
	size_t matches = 0;

	for (size_t i = 0; i < tables->count; i++)
		matches += strncmp(tables->rows[i]->long_name, word + 2, strlen(word + 2)) == 0;
	return matches > 1;
}

/*
 * What getopt_long(3) found wrong, in the words of GNU's own, since those of
 * other C libraries differ and scripts read them.  `value` is what it returned.
 */
static void complain(const struct tables *tables, int value, int argc, char **argv)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	bool is_long = strncmp(word, "--", 2) == 0;
	int length = (int)strcspn(word, "=");

	if (!is_long && value == ':')
		fprintf(stderr, "%s: option requires an argument -- '%c'\n", argv[0], optopt);
	else if (value == ':')
		fprintf(stderr, "%s: option '%s' requires an argument\n", argv[0], word);
	else if (is_long && optopt != 0)
		fprintf(stderr, "%s: option '%.*s' doesn't allow an argument\n", argv[0], length, word);
	else if (is_long && is_ambiguous(tables, word))
		fprintf(stderr, "%s: option '%s' is ambiguous\n", argv[0], word);
	else if (is_long)
		fprintf(stderr, "%s: unrecognized option '%s'\n", argv[0], word);
	else if (optopt != 0 && optopt != '?') /* -? is an option, not a mistake */
		fprintf(stderr, "%s: invalid option -- '%c'\n", argv[0], optopt);
}

int options_parse(const struct command *command, int argc, char **argv, struct arena *arena,
		  struct parsed *ret, struct error *err)
{
	struct tables tables;
	int value, answer;

	*ret = (struct parsed){ 0 };
	tables_build(command, arena, &tables);
	ret->options = arena_alloc(arena, command->options_size ? command->options_size : 1);
	if (command->prepare)
		command->prepare(ret->options);

	optind = 0; /* starts anew: tests parse more than once */
	opterr = 0;
	for (;;) {
		optopt = 0;
		value = getopt_long(argc, argv, tables.short_options, tables.long_options, NULL);
		if (value < 0)
			break;
		if (value == '?' || value == ':')
			complain(&tables, value, argc, argv);
		answer = take(&tables, value, arena, ret, err);
		if (answer != PARSED)
			return answer;
	}
	ret->arguments = argv + optind;
	ret->count = argc - optind;
	return PARSED;
}
