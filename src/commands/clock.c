/* lxs-clock: serves the host's clock to the container of an ordinary user that lxs.conf names. */
#include "commands/commands.h"
#include "container/clock.h"

static int clock_run(struct invocation *call, struct error *err)
{
	(void)call;
	return clock_service(err);
}

const struct command command_clock = {
	.name = "clock",
	.summary = "Serve the host's clock to the container of a user that owns it.",
	.synopsis = "",
	.run = clock_run,
};
