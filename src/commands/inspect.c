/*
 * lxs-inspect: what the kernel says of a running container, beside what its
 * config says.  The text has the shape of the JSON: one walk over the tree
 * prints it, so neither tells what the other does not.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "container/inspect.h"

struct inspect {
	const char *format;
};

static const struct option_row rows[] = {
	{ 0, "format", "FORMAT", "text (default) or json", OPTION_STRING, offsetof(struct inspect, format), NULL },
	{ 0 },
};

/* ---- text ---- */

enum { STEP = 2, WIDTH = 100 };

static void print_scalar(json_t *value)
{
	const char *text = json_string_value(value);

	if (!text) {
		printf(json_is_integer(value) ? "%lld" : json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "none",
		       (long long)json_integer_value(value));
		return;
	}
	/* What a guest chose to call something is not for the terminal to obey. */
	plain_print_word(stdout, text);
}

static bool is_scalar(json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

static void print_value(const char *name, json_t *value, int indent);

/* Words that fit go on the line, the others below it. */
static void print_words(json_t *array, int indent, int column)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		int length = (int)json_string_length(item) + 1;

		if (column + length > WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		putchar(' ');
		print_scalar(item);
		column += length;
	}
	putchar('\n');
}

static bool has_blank(json_t *array)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
		if (!json_is_string(item) || strchr(json_string_value(item), ' '))
			return true;
	return false;
}

/* An object of plain values is one line. */
static void print_row(json_t *object, int indent)
{
	const char *name;
	json_t *value;
	bool first = true;

	printf("%*s", indent, "");
	json_object_foreach(object, name, value) {
		if (!is_scalar(value))
			continue;
		printf(first ? "%s=" : " %s=", name);
		print_scalar(value);
		first = false;
	}
	putchar('\n');
	json_object_foreach(object, name, value)
		if (!is_scalar(value))
			print_value(name, value, indent + STEP);
}

static void print_array(json_t *array, int indent, int column)
{
	json_t *item;
	size_t i;

	if (json_array_size(array) == 0) {
		puts(" none");
		return;
	}
	if (!has_blank(array)) {
		print_words(array, indent + STEP, column);
		return;
	}
	putchar('\n');
	json_array_foreach(array, i, item) {
		if (json_is_object(item)) {
			print_row(item, indent + STEP);
			continue;
		}
		printf("%*s", indent + STEP, "");
		print_scalar(item);
		putchar('\n');
	}
}

static void print_value(const char *name, json_t *value, int indent)
{
	int column = printf("%*s%s:", indent, "", name);
	json_t *member;

	if (json_is_array(value)) {
		print_array(value, indent, column);
		return;
	}
	if (!json_is_object(value)) {
		putchar(' ');
		print_scalar(value);
		putchar('\n');
		return;
	}
	putchar('\n');
	json_object_foreach(value, name, member)
		print_value(name, member, indent + STEP);
}

static void print_text(json_t *root)
{
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value)
		print_value(name, value, 0);
}

/* ---- filters, which read better as sentences ---- */

static void print_architecture(json_t *row)
{
	json_t *groups = json_object_get(row, "groups"), *group;
	size_t i;

	printf("  %s: %s%s\n", json_string_value(json_object_get(row, "architecture")),
	       json_string_value(json_object_get(row, "otherwise")), json_array_size(groups) > 0 ? ", except" : "");
	json_array_foreach(groups, i, group) {
		int column = printf("    %s:", json_string_value(json_object_get(group, "meets")));

		print_words(json_object_get(group, "calls"), 3 * STEP, column);
	}
}

static void print_seccomp(json_t *root)
{
	json_t *filters = json_object_get(root, "filters"), *filter, *cause = json_object_get(root, "cause"), *row;
	size_t i, n;

	print_value("profile", json_object_get(root, "config_profile"), 0);
	if (cause)
		printf("as made at the start, not as the kernel has it: %s\n", json_string_value(cause));
	if (json_array_size(filters) == 0)
		puts("filters: none");
	json_array_foreach(filters, i, filter) {
		printf("filter %zu, %lld instructions:\n", i + 1,
		       (long long)json_integer_value(json_object_get(filter, "instructions")));
		json_array_foreach(json_object_get(filter, "architectures"), n, row)
			print_architecture(row);
	}
}

/* ---- the command ---- */

static int inspect_run(struct invocation *call, struct error *err)
{
	const struct inspect *options = call->options;
	const char *what = call->count > 0 ? call->arguments[0] : NULL;
	json_t *root = NULL;
	int result;

	if (call->rcfile)
		return error_set(err, 0, "what runs is shown, whatever a config says: --rcfile has no say in it");
	if (options->format && strcmp(options->format, "json") != 0 && strcmp(options->format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", options->format);
	if (what && (strcmp(what, "seccomp") != 0 || call->count > 1))
		return error_set(err, 0, "only seccomp can be asked for by itself, not '%s'", call->arguments[call->count - 1]);
	result = what ? container_inspect_seccomp(&call->container, &root, err) : container_inspect(&call->container, &root, err);
	if (result < 0)
		return -1;
	if (options->format && strcmp(options->format, "json") == 0) {
		result = json_dumpf(root, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (what) {
		print_seccomp(root);
	} else {
		print_text(root);
	}
	json_decref(root);
	return result < 0 ? error_set(err, 0, "cannot write the JSON text") : EXIT_SUCCESS;
}

const struct command command_inspect = {
	.name = "inspect",
	.summary = "Show what the kernel says of a running container, beside what its config says.",
	.synopsis = "[--format FORMAT] [seccomp]",
	.options = rows,
	.options_size = sizeof(struct inspect),
	.needs = NEEDS_NAME,
	.run = inspect_run,
};
