/*
 * The program behind all lxs-* names: a small one, static where the machine
 * can build such, that runs the commands which work from run state alone, and
 * becomes the full program (src/lxs.c) for all others.  Half of the time of a
 * short command is the loading of libraries it does not use: lxs-info asks no
 * library anything, and lxs-attach is to start at once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "commands/commands.h"
#include "container/container.h"
#include "front/handover.h"
#include "provision/provision.h"

/* The commands that are done here; the full program has them too. */
const struct command *const commands[] = {
	&command_attach,
	&command_console,
	&command_copy,
	&command_execute,
	&command_freeze,
	&command_info,
	&command_ls,
	&command_start,
	&command_stop,
	&command_unfreeze,
	&command_wait,
};
const size_t command_count = sizeof commands / sizeof commands[0];

/* `lxs ended NAME LXCPATH STATUS ...` (supervise/handover.h) of what this program started, but for a reboot. */
static bool is_end(int argc, char **argv)
{
	int status = argc > 4 && strcmp(argv[1], "ended") == 0 ? (int)strtol(argv[4], NULL, 10) : -1;

	return status >= 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *called = slash ? slash + 1 : argv[0];
	const struct command *command = NULL;
	owned_error err = ERROR_INIT;
	char program[64];

	if (argc < 1)
		return EXIT_FAILURE;
	if (strncmp(called, "lxs-", 4) == 0 || strncmp(called, "lxc-", 4) == 0)
		command = command_find(called + 4);
	if (!command && is_end(argc, argv))
		return container_ended(argc - 2, argv + 2, container_remove);
	if (!command) {
		front_handover(&err);
		error_print(&err, stderr, "lxs", NULL);
		return EXIT_FAILURE;
	}
	/* What messages show as the program's name, whatever the path was. */
	snprintf(program, sizeof program, "%s", called);
	argv[0] = program;
	return command_main(command, argc, argv);
}
