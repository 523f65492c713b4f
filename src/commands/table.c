/*
 * The one table of commands.  Apart from lxs.c so that tests and the
 * generator of the manual can walk it.  A new command is a row here, one in
 * commands.h, its file in local.mk, and its name in names.mk (for the links).
 */
#include "commands/commands.h"

const struct command *const commands[] = {
	&command_attach,
	&command_cgdelegate,
	&command_cgroup,
	&command_clock,
	&command_config,
	&command_console,
	&command_copy,
	&command_create,
	&command_destroy,
	&command_device,
	&command_execute,
	&command_export,
	&command_freeze,
	&command_image,
	&command_import,
	&command_info,
	&command_inspect,
	&command_ls,
	&command_net,
	&command_snapshot,
	&command_start,
	&command_stop,
	&command_unfreeze,
	&command_unshare,
	&command_usernsexec,
	&command_wait,
};
const size_t command_count = sizeof commands / sizeof commands[0];
