/*
 * --help and --usage in LXC's layout, out of the option rows.  Apart from
 * options.c because it reads the same rows for another reader: a person.
 */
#include "commands/help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"
#include "lib/own.h"

enum { COLUMN_MAX = 30, PER_LINE = 4 };

void synopsis_print(const struct command *command, FILE *out)
{
	fprintf(out, "%s%s", command->needs & NEEDS_NAME ? "{-n NAME | NAME} " : "", command->synopsis);
}

/* "  -p, --pidfile=FILE"; -f when --rcfile may be shortened to it. */
static char *option_label(const struct option_row *row, char short_name)
{
	const char *open = "", *close = "", *equals = row->argument ? "=" : "";
	char dash[5] = "    ";
	char *label = NULL;

	if (short_name)
		memcpy(dash, (char[]){ '-', short_name, ',', ' ' }, 4);
	if (option_is_optional(row)) {
		open = "[";
		close = "]";
	}
	if (asprintf(&label, "  %s--%s%s%s%s%s", dash, row->long_name, open, equals,
		     row->argument ? row->argument : "", close) < 0)
		return NULL;
	return label;
}

/* Help texts may have several lines; the second and all others begin below the first. */
static void print_row(const struct option_row *row, char short_name, size_t column, FILE *out)
{
	owned_str label = option_label(row, short_name);
	const char *text = row->help, *end;

	if (!label)
		return;
	if (strlen(label) > column)
		fprintf(out, "%s\n%*s", label, (int)column, "");
	else
		fprintf(out, "%-*s", (int)column, label);
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		fprintf(out, "%*s%.*s\n", text == row->help ? 2 : (int)column + 2, "", (int)(end - text), text);
	}
}

static size_t widest(const struct option_row *rows)
{
	size_t column = 0;

	for (; rows && rows->long_name; rows++) {
		owned_str label = option_label(rows, rows->short_name);

		if (label && strlen(label) > column && strlen(label) <= COLUMN_MAX)
			column = strlen(label);
	}
	return column;
}

static const struct option_row *common_row(const char *name)
{
	for (size_t i = 0; i < common_row_count; i++) {
		if (strcmp(common_rows[i].long_name, name) == 0)
			return &common_rows[i];
	}
	return NULL;
}

void help_print(const struct command *command, const char *program, FILE *out)
{
	static const struct { const char *name; char letter; } shared[] = {
		{ "logfile", 'o' }, { "logpriority", 'l' }, { "quiet", 'q' }, { "lxcpath", 'P' },
		{ "help", '?' }, { "usage", 0 }, { "version", 0 },
	};
	const struct option_row *row = command->options;
	size_t column = widest(row), common = widest(common_rows);

	if (column < strlen("  -f, --rcfile=FILE"))
		column = strlen("  -f, --rcfile=FILE");
	fprintf(out, "Usage: %s ", program);
	synopsis_print(command, out);
	fprintf(out, "\n\n%s\n\nOptions :\n", command->summary);
	if (command->needs & NEEDS_NAME)
		print_row(common_row("name"), 'n', column, out);
	for (; row && row->long_name; row++)
		print_row(row, row->short_name, column, out);
	if ((command->needs & NEEDS_NAME) && !(command->needs & RCFILE_IGNORED))
		print_row(common_row("rcfile"), command->needs & RCFILE_SHORT ? 'f' : 0, column, out);

	fprintf(out, "\nCommon options :\n");
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		print_row(common_row(shared[i].name), shared[i].letter, common, out);
	fprintf(out, "\nWhat is said of an argument of a long option holds for its short form as well.\n"
		     "More: the manual page lxs-%s(1).\n", command->name);
}

/* "[-p|--pidfile=PIDFILE] " */
static void print_usage_word(const struct option_row *row, char short_name, FILE *out)
{
	fprintf(out, "[");
	if (short_name && isprint((unsigned char)short_name))
		fprintf(out, "-%c|", short_name);
	fprintf(out, "--%s", row->long_name);
	if (row->argument) {
		fprintf(out, "%s", option_is_optional(row) ? "[=" : "=");
		for (const char *c = row->long_name; *c; c++)
			fputc(toupper((unsigned char)*c), out);
		fprintf(out, "%s", option_is_optional(row) ? "]" : "");
	}
	fprintf(out, "] ");
}

void usage_print(const struct command *command, const char *program, FILE *out)
{
	const struct option_row *row;
	unsigned printed = 0;

	fprintf(out, "Usage: %s ", program);
	for (row = command->options; row && row->long_name; row++) {
		print_usage_word(row, row->short_name, out);
		if (++printed % PER_LINE == 0)
			fprintf(out, "\n\t");
	}
	for (row = common_rows; row->long_name; row++) {
		bool shortened = strcmp(row->long_name, "rcfile") == 0 && (command->needs & RCFILE_SHORT);

		print_usage_word(row, shortened ? 'f' : row->short_name, out);
		if (++printed % PER_LINE == 0)
			fprintf(out, "\n\t");
	}
	fprintf(out, "\n");
}
