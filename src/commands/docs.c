/*
 * The manual out of the tables.  Prose stands in the .in files of man/; what a table knows
 * (synopsis, options, keys, commands) is put into it here, so it cannot be
 * forgotten or go stale.  Apart from help.c because the reader is roff(7).
 */
#include "commands/docs.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "commands/help.h"
#include "commands/options.h"
#include "lib/own.h"

void docs_text(FILE *out, const char *text)
{
	bool bold = false, begin = true;

	for (const char *c = text; *c; c++) {
		if (begin && (*c == '.' || *c == '\''))
			fputs("\\&", out);
		if (*c == '\\')
			fputs("\\e", out);
		else if (*c == '-')
			fputs("\\-", out);
		else if (*c == '`')
			fputs((bold = !bold) ? "\\fB" : "\\fP", out);
		else
			fputc(*c, out);
		begin = *c == '\n';
	}
}

static const struct command *command_named(const char *name, struct error *err)
{
	const struct command *command = command_find(name);

	if (!command)
		error_set(err, 0, "there is no command '%s'", name);
	return command;
}

static int fill_name(const char *argument, FILE *out, struct error *err)
{
	const struct command *command = command_named(argument, err);

	if (!command)
		return -1;
	fprintf(out, ".TH LXS-");
	for (const char *c = argument; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(out, " 1 \"\" \"lxs %s\" \"lxs\"\n.SH NAME\nlxs-%s \\- ", PACKAGE_VERSION, argument);
	docs_text(out, command->summary);
	fputc('\n', out);
	return 0;
}

static int fill_synopsis(const char *argument, FILE *out, struct error *err)
{
	const struct command *command = command_named(argument, err);
	owned_str text = NULL;
	size_t size = 0;
	FILE *memory;

	if (!command)
		return -1;
	memory = open_memstream(&text, &size);
	if (!memory)
		return error_set(err, errno, "cannot collect the synopsis");
	synopsis_print(command, memory);
	fclose(memory);
	fprintf(out, ".SH SYNOPSIS\n.B lxs\\-%s\n", argument);
	docs_text(out, text);
	fputc('\n', out);
	return 0;
}

static void fill_row(FILE *out, const struct option_row *row, char letter)
{
	bool maybe = option_is_optional(row);

	fputs(".TP\n", out);
	if (letter)
		fprintf(out, "\\fB\\-%c\\fP, ", letter);
	fputs("\\fB\\-\\-", out);
	docs_text(out, row->long_name);
	fputs("\\fP", out);
	if (row->argument)
		fprintf(out, "%s=\\fI%s\\fP%s", maybe ? "[" : "", row->argument, maybe ? "]" : "");
	fputc('\n', out);
	docs_text(out, row->help);
	fputc('\n', out);
}

static int fill_options(const char *argument, FILE *out, struct error *err)
{
	static const struct option_row ignored = { 0, "rcfile", "FILE", "accepted for LXC's sake, without effect",
						   OPTION_STRING, 0, NULL };
	const struct command *command = command_named(argument, err);

	if (!command)
		return -1;
	if (!(command->needs & OWN_PARSER))
		fputs(".SH OPTIONS\n", out);
	for (const struct option_row *row = command->options; row && row->long_name; row++)
		fill_row(out, row, row->short_name);
	for (size_t i = 0; !(command->needs & OWN_PARSER) && i < common_row_count; i++) {
		bool is_rcfile = strcmp(common_rows[i].long_name, "rcfile") == 0;
		bool shortened = is_rcfile && (command->needs & RCFILE_SHORT);

		if (is_rcfile && (command->needs & RCFILE_IGNORED)) {
			fill_row(out, &ignored, 0);
			continue;
		}
		fill_row(out, &common_rows[i], shortened ? 'f' : common_rows[i].short_name);
	}
	return 0;
}

static int fill_commands(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	for (size_t i = 0; i < command_count; i++) {
		fprintf(out, ".TP\n.BR lxs\\-%s (1)\n", commands[i]->name);
		docs_text(out, commands[i]->summary);
		fputc('\n', out);
	}
	return 0;
}

static int fill_keys(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	docs_keys(out);
	return 0;
}

static int fill_former_keys(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	docs_former_keys(out);
	return 0;
}

/* For the completion: `NAME) words="--long ..." ;;`, an arm a command. */
static int fill_completion(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	for (size_t i = 0; i < command_count; i++) {
		fprintf(out, "\t%s) words=\"", commands[i]->name);
		for (const struct option_row *row = commands[i]->options; row && row->long_name; row++)
			fprintf(out, "--%s%s ", row->long_name, row->argument && !option_is_optional(row) ? "=" : "");
		for (size_t j = 0; !(commands[i]->needs & OWN_PARSER) && j < common_row_count; j++)
			fprintf(out, "--%s%s ", common_rows[j].long_name, common_rows[j].argument ? "=" : "");
		fputs("\" ;;\n", out);
	}
	return 0;
}

static int fill_command_names(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "\t%s\n", commands[i]->name);
	return 0;
}

static int fill_key_names(const char *argument, FILE *out, struct error *err)
{
	(void)argument;
	(void)err;
	docs_key_names(out);
	return 0;
}

static int fill(const char *what, const char *argument, FILE *out, struct error *err)
{
	static const struct { const char *what; int (*fill)(const char *argument, FILE *out, struct error *err); } rows[] = {
		{ "name", fill_name }, { "synopsis", fill_synopsis }, { "options", fill_options },
		{ "commands", fill_commands }, { "keys", fill_keys }, { "former-keys", fill_former_keys },
		{ "completion", fill_completion }, { "command-names", fill_command_names },
		{ "key-names", fill_key_names },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].what, what) == 0)
			return rows[i].fill(argument, out, err);
	}
	return error_set(err, 0, "nothing is known of '%s'", what);
}

int docs_fill(const char *template, FILE *out, struct error *err)
{
	owned_file in = fopen(template, "re");
	owned_str line = NULL;
	size_t size = 0;

	if (!in)
		return error_set(err, errno, "cannot open %s", template);
	while (getline(&line, &size, in) > 0) {
		char *argument;

		if (strncmp(line, "@@", 2) != 0) {
			fputs(line, out);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		argument = line + 2 + strcspn(line + 2, " ");
		if (*argument)
			*argument++ = '\0';
		if (fill(line + 2, argument, out, err) < 0)
			return error_add(err, "%s", template);
	}
	if (ferror(in) || fflush(out) != 0)
		return error_set(err, errno, "cannot copy %s", template);
	return 0;
}
