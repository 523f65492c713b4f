/*
 * Option rows: what argv becomes, which lines are refused, and that the table
 * of commands keeps its promises (help, usage, unique options, links).
 */
#include "commands/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/help.h"
#include "lib/own.h"

struct sample {
	bool flag, other;
	const char *text, *maybe;
	struct strings many;
	int number;
	char custom;
};

static int parse_custom(void *options, const char *argument, struct error *err)
{
	if (strcmp(argument, "good") != 0)
		return error_set(err, 0, "not good: %s", argument);
	((struct sample *)options)->custom = 'g';
	return 0;
}

static const struct option_row rows[] = {
	{ 'b', "background", NULL, "the first\nand the second line", OPTION_FLAG, offsetof(struct sample, flag), NULL },
	{ 'F', "foreground", NULL, "", OPTION_FLAG_OFF, offsetof(struct sample, flag), NULL },
	{ 't', "text", "TEXT", "a text", OPTION_STRING, offsetof(struct sample, text), NULL },
	{ 's', "set", "KEY=VAL", "many", OPTION_STRINGS, offsetof(struct sample, many), NULL },
	{ 'i', "integer", "N", "a number", OPTION_INT, offsetof(struct sample, number), NULL },
	{ 'e', "elevate", "LIST", "maybe", OPTION_OPTIONAL, offsetof(struct sample, maybe), NULL },
	{ 0, "custom", "X", "custom", OPTION_CUSTOM, 0, parse_custom },
	{ 0 },
};

static const struct command sample = {
	.name = "sample", .summary = "Try things.", .synopsis = "[options]", .options = rows,
	.options_size = sizeof(struct sample), .needs = NEEDS_NAME | RCFILE_SHORT,
};

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Splits at blanks; getopt(3) moves words about, so it gets a copy. */
static int parse(const char *line, struct parsed *ret, struct error *err)
{
	char **argv = arena_alloc(arena, 32 * sizeof *argv);
	char *rest = NULL;
	int argc = 0;

	argv[argc++] = arena_strdup(arena, "lxs-sample");
	for (char *word = strtok_r(arena_strdup(arena, line), " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	return options_parse(&sample, argc, argv, arena, ret, err);
}

static void test_answers(void **state)
{
	static const struct { const char *line; int answer; } cases[] = {
		{ "-n web", PARSED }, { "web -b", PARSED }, { "-h", PARSED_HELP }, { "--help", PARSED_HELP },
		{ "-?", PARSED_BAD }, { "--nonsense", PARSED_BAD }, { "-n", PARSED_BAD }, { "--usage", PARSED_USAGE },
		{ "--version", PARSED_VERSION }, { "--vers", PARSED_VERSION }, { "-P /a -P /b", -1 },
		{ "-i 15x", -1 }, { "-i 99999999999", -1 }, { "-i -1", PARSED }, { "--custom bad", -1 },
		{ "--custom good", PARSED },
		/* What stands to the right of --help is never looked at, what stands to its left is. */
		{ "--help --nonsense", PARSED_HELP }, { "--nonsense --help", PARSED_BAD },
		{ "-- --nonsense", PARSED }, { "-f file", PARSED }, { "--rcfile=file", PARSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		owned_error err = ERROR_INIT;
		struct parsed parsed;
		int answer = parse(cases[i].line, &parsed, &err);

		if (answer != cases[i].answer)
			fail_msg("%s: %d, not %d", cases[i].line, answer, cases[i].answer);
		assert_int_equal(answer < 0, err.message != NULL);
	}
}

static void test_values(void **state)
{
	owned_error err = ERROR_INIT;
	struct parsed parsed;
	struct sample *values;

	(void)state;
	assert_int_equal(parse("-b --text=x -s a=1 --set b=2 -i -7 -eCAP --custom good -o log -l debug -q "
			       "-P /path -f rc web more -- -b", &parsed, &err), PARSED);
	values = parsed.options;
	assert_true(values->flag);
	assert_string_equal(values->text, "x");
	assert_int_equal(values->many.count, 2);
	assert_string_equal(values->many.items[0], "a=1");
	assert_string_equal(values->many.items[1], "b=2");
	assert_null(values->many.items[2]);
	assert_int_equal(values->number, -7);
	assert_string_equal(values->maybe, "CAP");
	assert_int_equal(values->custom, 'g');
	assert_string_equal(parsed.common.logfile, "log");
	assert_string_equal(parsed.common.logpriority, "debug");
	assert_string_equal(parsed.common.lxcpath, "/path");
	assert_string_equal(parsed.common.rcfile, "rc");
	assert_true(parsed.common.quiet);
	assert_int_equal(parsed.count, 3);
	assert_string_equal(parsed.arguments[0], "web");
	assert_string_equal(parsed.arguments[2], "-b");
	assert_null(parsed.arguments[3]);
}

/* An optional argument must be glued; the last of a pair of flags wins. */
static void test_glue_and_order(void **state)
{
	owned_error err = ERROR_INIT;
	struct parsed parsed;

	(void)state;
	assert_int_equal(parse("-e CAP -b -F", &parsed, &err), PARSED);
	assert_string_equal(((struct sample *)parsed.options)->maybe, "");
	assert_false(((struct sample *)parsed.options)->flag);
	assert_int_equal(parsed.count, 1);
}

static char *printed(void (*print)(const struct command *, const char *, FILE *), const struct command *command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(command, "lxs-sample", out);
	fclose(out);
	return text;
}

static void test_help(void **state)
{
	owned_str help = printed(help_print, &sample);
	owned_str usage = printed(usage_print, &sample);

	(void)state;
	assert_ptr_equal(strstr(help, "Usage: lxs-sample {-n NAME | NAME} [options]\n\nTry things.\n\nOptions :\n"), help);
	assert_non_null(strstr(help, "  -b, --background      the first\n                        and the second line\n"));
	assert_non_null(strstr(help, "  -e, --elevate[=LIST]"));
	assert_non_null(strstr(help, "  -f, --rcfile=FILE"));
	assert_non_null(strstr(help, "\nCommon options :\n  -o, --logfile=FILE"));
	assert_ptr_equal(strstr(usage, "Usage: lxs-sample [-b|--background] [-F|--foreground] [-t|--text=TEXT] "
				       "[-s|--set=SET] \n\t[-i|--integer=INTEGER] [-e|--elevate[=ELEVATE]] "), usage);
	assert_non_null(strstr(usage, "[-f|--rcfile=RCFILE] "));
}

/* Every command: a sentence, no option twice, none that hides a common one. */
static void test_all_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];
		const char *summary = command->summary;

		assert_ptr_equal(command_find(command->name), command);
		assert_int_equal(summary[strlen(summary) - 1], '.');
		for (const struct option_row *row = command->options; row && row->long_name; row++) {
			assert_non_null(row->help);
			for (const struct option_row *other = row + 1; other->long_name; other++) {
				assert_string_not_equal(row->long_name, other->long_name);
				assert_true(!row->short_name || row->short_name != other->short_name);
			}
			for (size_t j = 0; j < common_row_count; j++)
				assert_string_not_equal(row->long_name, common_rows[j].long_name);
		}
		assert_true(i == 0 || strcmp(commands[i - 1]->name, command->name) < 0);
	}
}

/* The links that are installed are those of names.mk, the commands those of the table. */
static void test_links(void **state)
{
	owned_str line = NULL;
	owned_str path = NULL;
	owned_file file = NULL;
	size_t size = 0, found = 0;
	char *rest = NULL;

	(void)state;
	/* automake tells its tests where the sources are. */
	assert_true(asprintf(&path, "%s/src/commands/names.mk", getenv("srcdir") ? getenv("srcdir") : ".") > 0);
	file = fopen(path, "re");
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		if (strncmp(line, "command_names += ", 17) != 0)
			continue;
		for (char *word = strtok_r(line + 17, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
			if (!command_find(word))
				fail_msg("names.mk has %s, table.c has not", word);
			found++;
		}
	}
	assert_int_equal(found, command_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_glue_and_order, setup, teardown),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_all_commands),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
