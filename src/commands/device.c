/* lxs-device: gives a running container an interface or a device node of the host, or takes it back. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "container/device.h"
#include "lib/text.h"

static int run(struct invocation *call, struct error *err)
{
	struct device_request request = { 0 };

	if (geteuid() != 0) {
		error_set(err, 0, "only root can give away the host's interfaces and devices");
		return error_hint(err, "an ordinary user's container gets them by its config: lxs-usernet(5), and "
				  "lxc.mount.entry for device nodes that the user may open");
	}
	if (call->count < 2)
		return error_set(err, 0, "no command given: 'add DEVICE [NAME]' or 'del DEVICE [NAME]'");
	request.add = text_starts("add", call->arguments[0]);
	if (!request.add && !text_starts("del", call->arguments[0]))
		return error_set(err, 0, "'%s' is neither add nor del", call->arguments[0]);
	request.device = call->arguments[1];
	request.other = call->count > 2 ? call->arguments[2] : NULL;
	if (container_device(&call->container, &request, err) == 0)
		return EXIT_SUCCESS;
	return error_add(err, "Failed to %s %s %s %s", request.add ? "add" : "del", request.device,
			 request.add ? "to" : "from", call->container.name);
}

const struct command command_device = {
	.name = "device",
	.summary = "Give a running container an interface or a device node of the host, or take it back.",
	.synopsis = "-- add|del DEVICE [NAME]",
	.needs = NEEDS_NAME,
	.run = run,
};
