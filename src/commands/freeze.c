/* lxs-freeze and lxs-unfreeze: two names of one verb, container_freeze(). */
#include <stdlib.h>

#include "commands/commands.h"

static int run(struct invocation *call, bool frozen, struct error *err)
{
	const struct container *container = &call->container;
	const char *verb = frozen ? "freeze" : "unfreeze";
	enum container_state state;

	if (container_state(container, &state, err) < 0)
		return -1;
	if (state == STATE_STOPPED && !container_is_defined(container))
		return error_set(err, 0, "Failed to %s %s:%s: no such container", verb, container->lxcpath,
				 container->name);
	if (container_freeze(container, frozen, err) < 0)
		return error_add(err, "Failed to %s %s:%s", verb, container->lxcpath, container->name);
	return EXIT_SUCCESS;
}

static int freeze_run(struct invocation *call, struct error *err)
{
	return run(call, true, err);
}

static int unfreeze_run(struct invocation *call, struct error *err)
{
	return run(call, false, err);
}

const struct command command_freeze = {
	.name = "freeze",
	.summary = "Freeze all processes of a container.",
	.synopsis = "",
	.needs = NEEDS_NAME,
	.run = freeze_run,
};

const struct command command_unfreeze = {
	.name = "unfreeze",
	.summary = "Thaw a frozen container.",
	.synopsis = "",
	.needs = NEEDS_NAME,
	.run = unfreeze_run,
};
