/* lxs-cgroup: reads or writes a cgroup file of a running container. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "container/cgroup.h"
#include "lib/own.h"

static int answer_judge(const struct container *container, int answer, struct error *err)
{
	if (answer == CGROUP_NOT_RUNNING)
		return error_set(err, 0, "'%s:%s' is not running", container->lxcpath, container->name);
	return answer < 0 ? -1 : EXIT_SUCCESS;
}

static int cgroup_show(const struct container *container, const char *file, struct error *err)
{
	owned_str text = NULL;
	int answer = container_cgroup_get(container, file, &text, err);

	if (answer < 0)
		return error_add(err, "Failed to retrieve value of '%s' for '%s:%s'", file, container->lxcpath,
				 container->name);
	if (answer == CGROUP_DONE)
		printf("%s\n", text);
	return answer_judge(container, answer, err);
}

static int run(struct invocation *call, struct error *err)
{
	const struct container *container = &call->container;
	int answer;

	if (call->count < 1)
		return error_set(err, 0, "Missing state object");
	if (call->count < 2)
		return cgroup_show(container, call->arguments[0], err);
	answer = container_cgroup_set(container, call->arguments[0], call->arguments[1], err);
	if (answer < 0)
		return error_add(err, "Failed to assign '%s' value to '%s' for '%s'", call->arguments[1],
				 call->arguments[0], container->name);
	return answer_judge(container, answer, err);
}

const struct command command_cgroup = {
	.name = "cgroup",
	.summary = "Read or write a cgroup file of a running container.",
	.synopsis = "STATE-OBJECT [VALUE]",
	.needs = NEEDS_NAME,
	.run = run,
};
