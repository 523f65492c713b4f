/* lxs-wait: returns when a container is in one of some states, by container_wait(). */
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "lib/own.h"

struct wait {
	unsigned states;
	int timeout;
};

static int states_parse(void *options, const char *argument, struct error *err)
{
	struct wait *wait = options;
	owned_str copy = strdup(argument);
	char *next = copy;

	wait->states = 0;
	for (char *word; (word = strsep(&next, "|"));) {
		int state = container_state_parse(word);

		if (state < 0) {
			error_set(err, 0, "invalid state '%s'", word);
			return error_hint(err, "states are STOPPED, STARTING, RUNNING, STOPPING, ABORTING, FREEZING, "
					       "FROZEN and THAWED, joined by '|'");
		}
		wait->states |= 1u << state;
	}
	return 0;
}

static const struct option_row rows[] = {
	{ 's', "state", "STATE[|STATE...]",
	  "wait for STOPPED, STARTING, RUNNING, STOPPING, ABORTING, FREEZING, FROZEN or THAWED", OPTION_CUSTOM, 0,
	  states_parse },
	{ 't', "timeout", "SECONDS", "wait at most so long (default: -1, for ever; 0: look once)", OPTION_INT,
	  offsetof(struct wait, timeout), NULL },
	{ 0 },
};

static void wait_prepare(void *options)
{
	struct wait *wait = options;

	wait->timeout = -1;
}

static int wait_run(struct invocation *call, struct error *err)
{
	const struct wait *wait = call->options;

	if (!wait->states)
		return error_set(err, 0, "missing -s: the states to wait for");
	return container_wait(&call->container, wait->states, wait->timeout, err);
}

const struct command command_wait = {
	.name = "wait",
	.summary = "Wait until a container is in one of some states.",
	.synopsis = "-s STATE[|STATE...] [-t SECONDS]",
	.options = rows,
	.options_size = sizeof(struct wait),
	.needs = NEEDS_NAME,
	.prepare = wait_prepare,
	.run = wait_run,
};
