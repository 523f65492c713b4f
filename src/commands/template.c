/* Templates that are part of lxs-full (commands/template.h). */
#include "commands/template.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL(field) offsetof(struct template_call, field)

static const struct template_option common[] = {
	{ "help", 'h', NULL, "this text", CALL(help), true },
	{ "name", 'n', "NAME", NULL, CALL(name), false },
	{ "path", 'p', "PATH", NULL, CALL(path), false },
	{ "rootfs", 0, "PATH", NULL, CALL(rootfs), false },
	{ "mapped-uid", 0, "UID", NULL, CALL(mapped_uid), false },
	{ "mapped-gid", 0, "GID", NULL, CALL(mapped_gid), false },
};

enum { COMMON = sizeof common / sizeof *common, ROWS_MAX = 40, LONG_BASE = 256 };

static size_t count_of(const struct template_option *rows)
{
	size_t count = 0;

	while (rows[count].name)
		count++;
	return count;
}

/* Row `i` of the template's own, and behind them the common ones. */
static const struct template_option *row_of(const struct template *template, size_t own, size_t i)
{
	return i < own ? &template->options[i] : &common[i - own];
}

static void value_keep(const struct template_option *row, void *into)
{
	if (row->is_flag)
		*(bool *)((char *)into + row->offset) = true;
	else
		*(const char **)((char *)into + row->offset) = optarg;
}

int template_parse(const struct template *template, int argc, char **argv, void *own, struct template_call *call,
		   struct error *err)
{
	struct option options[ROWS_MAX + 1] = { 0 };
	char letters[2 * ROWS_MAX + 1], *end = letters;
	size_t owned = count_of(template->options), count = owned + COMMON;
	int found;

	for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
		const struct template_option *row = row_of(template, owned, i);

		options[i] = (struct option){ row->name, row->is_flag ? no_argument : required_argument, NULL,
					      LONG_BASE + (int)i };
		if (row->letter)
			*end++ = row->letter;
		if (row->letter && !row->is_flag)
			*end++ = ':';
	}
	*end = '\0';
	while ((found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		size_t at = (size_t)found - LONG_BASE;

		if (found == '?')
			return error_set(err, 0, "see --help");
		for (size_t i = 0; i < count && found < LONG_BASE; i++)
			at = row_of(template, owned, i)->letter == found ? i : at;
		value_keep(row_of(template, owned, at), at < owned ? own : call);
	}
	return optind < argc ? error_set(err, 0, "unexpected word '%s'; see --help", argv[optind]) : 0;
}

int template_help(const struct template *template)
{
	size_t owned = count_of(template->options);

	printf("Makes %s.\n\nusage: %s\n\n", template->makes, template->usage);
	for (size_t i = 0; i < owned + COMMON; i++) {
		const struct template_option *row = row_of(template, owned, i);
		char option[64];

		if (!row->help)
			continue;
		snprintf(option, sizeof option, "%s%s%s", row->name, row->argument ? " " : "",
			 row->argument ? row->argument : "");
		printf("  %c%c%c --%-24s %s\n", row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
		       option, row->help);
	}
	printf("\n%s\n", template->see);
	return EXIT_SUCCESS;
}

int template_check(const struct template_call *call, struct error *err)
{
	if (!call->name || !call->path || !call->rootfs)
		return error_set(err, 0, "--name, --path and --rootfs are needed; lxs-create gives them");
	return 0;
}

static int id_parse(const char *text, unsigned *ret, struct error *err)
{
	char *end;
	unsigned long id;

	errno = 0;
	id = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno != 0 || id >= 0xffffffffUL)
		return error_set(err, 0, "'%s' is no id", text);
	*ret = (unsigned)id;
	return 0;
}

int template_identity(const struct template_call *call, struct identity *ret, struct error *err)
{
	*ret = (struct identity){ .mapped = call->mapped_uid != NULL };
	if (!ret->mapped)
		return 0;
	if (id_parse(call->mapped_uid, &ret->uid, err) < 0)
		return -1;
	return id_parse(call->mapped_gid ? call->mapped_gid : call->mapped_uid, &ret->gid, err);
}

int template_main(const struct template *template, int (*run)(int argc, char **argv, struct error *err), int argc,
		  char **argv)
{
	owned_error err = ERROR_INIT;
	char name[64];

	/* What getopt shows as the program's name. */
	snprintf(name, sizeof name, "%s", template->program);
	argv[0] = name;
	if (run(argc, argv, &err) == 0 && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	if (!err.message)
		error_set(&err, errno, "cannot write the output");
	fflush(stdout);
	error_print(&err, stderr, template->program, NULL);
	return EXIT_FAILURE;
}

void template_print_refused(const char *refused)
{
	while (*refused) {
		size_t length = strcspn(refused, "\n");

		printf("Not taken from the image: ");
		for (size_t i = 0; i < length; i++)
			putchar((unsigned char)refused[i] >= ' ' && refused[i] != 0x7f ? refused[i] : '?');
		putchar('\n');
		refused += length + (refused[length] != '\0');
	}
}
