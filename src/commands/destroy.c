/* lxs-destroy: removes a container and what it holds, by container_destroy(). */
#include <stdlib.h>

#include "commands/commands.h"
#include "provision/provision.h"

struct destroy {
	bool force, snapshots;
};

static const struct option_row rows[] = {
	{ 's', "snapshots", NULL, "destroy its snapshots too", OPTION_FLAG,
	  offsetof(struct destroy, snapshots), NULL },
	{ 'f', "force", NULL, "stop it first when it is running", OPTION_FLAG, offsetof(struct destroy, force),
	  NULL },
	{ 0 },
};

static int destroy_run(struct invocation *call, struct error *err)
{
	const struct destroy *destroy = call->options;

	if (container_destroy(&call->container, destroy->force, destroy->snapshots, err) < 0)
		return -1;
	return EXIT_SUCCESS;
}

const struct command command_destroy = {
	.name = "destroy",
	.summary = "Destroy a container: its config and its root file system.",
	.synopsis = "[-f] [-s]",
	.options = rows,
	.options_size = sizeof(struct destroy),
	.needs = NEEDS_NAME,
	.run = destroy_run,
};
