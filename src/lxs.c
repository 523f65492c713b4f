/*
 * The multi-call main.  Called as lxs-NAME (or lxc-NAME) it is that command;
 * called as lxs, its first argument says which.  `lxs ended` is what the
 * supervisor becomes when a container is gone, `lxs download` (`local`, `oci`) the
 * template of that name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "commands/docs.h"
#include "commands/download.h"
#include "commands/local.h"
#include "commands/oci.h"
#include "lib/error.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void list_commands(FILE *out)
{
	fprintf(out, "Usage: lxs COMMAND [ARGUMENT...], or lxs-COMMAND [ARGUMENT...]\n\nKnown commands:\n");
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
}

/* The exit code of LXC's multi-call binary when it was not told what to do. */
static int explain(const char *unknown)
{
	if (unknown)
		fprintf(stderr, "Unsupported command '%s'\n", unknown);
	list_commands(stderr);
	return EXIT_FAILURE;
}

/* argv[0] becomes the program name that messages show, whatever the path was. */
static int run_named(const struct command *command, const char *program, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof name, "%s", program);
	argv[0] = name;
	return command_main(command, argc, argv);
}

/* For make: manual pages and completions out of their templates. */
static int dump_docs(const char *template)
{
	owned_error err = ERROR_INIT;

	if (docs_fill(template, stdout, &err) == 0)
		return EXIT_SUCCESS;
	error_print(&err, stderr, "lxs", NULL);
	return EXIT_FAILURE;
}

static int run_first_argument(int argc, char **argv)
{
	const struct command *command;
	char program[64];

	if (argc < 2)
		return explain(NULL);
	if (strcmp(argv[1], "--version") == 0)
		return puts(PACKAGE_VERSION) < 0;
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		list_commands(stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(argv[1], "--dump-docs") == 0 && argc == 3)
		return dump_docs(argv[2]);
	if (strcmp(argv[1], "download") == 0)
		return download_main(argc - 1, argv + 1);
	if (strcmp(argv[1], "local") == 0)
		return local_main(argc - 1, argv + 1);
	if (strcmp(argv[1], "oci") == 0)
		return oci_main(argc - 1, argv + 1);
	if (strcmp(argv[1], "ended") == 0)
		return ended_main(argc - 2, argv + 2);
	command = command_find(argv[1]);
	if (!command)
		return explain(argv[1]);
	snprintf(program, sizeof program, "lxs-%s", command->name);
	return run_named(command, program, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	const char *called = argc > 0 ? base_name(argv[0]) : "lxs";
	const struct command *command = NULL;

	if (strncmp(called, "lxs-", 4) == 0 || strncmp(called, "lxc-", 4) == 0)
		command = command_find(called + 4);
	if (command)
		return run_named(command, called, argc, argv);
	return run_first_argument(argc, argv);
}
