/*
 * Seccomp notifications of an attached command: it is under the container's
 * filter, which with the action notify has a listener of its own, so that it
 * is judged by the same proxy as init and all that init has started.
 */
#include "container/attach.h"

#include <string.h>

#include "launch/notify.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/text.h"

static int serve(const struct attachment *attachment, int listener, struct error *err)
{
	const char *proxy = settings_string(attachment->settings, "lxc.seccomp.notify.proxy");
	const struct notify_parties parties = {
		proxy ? proxy + strlen("unix:") : NULL, settings_string(attachment->settings, "lxc.seccomp.notify.cookie"),
		attachment->state.init, attachment->state.supervisor,
	};
	owned_fd connection = -1;

	if (listener < 0 || !proxy)
		return error_set(err, 0, "there is nobody to ask");
	connection = notify_connect(parties.proxy, err);
	/* In no journal: it ends when the command and what that has started have ended. */
	return connection < 0 ? -1 : notify_serve(NULL, &parties, listener, attachment->pidfd, connection, err);
}

void attachment_answer(const struct attachment *attachment, int listener)
{
	owned_error err = ERROR_INIT;

	if (serve(attachment, listener, &err) < 0)
		log_warn("attach", "%s: calls that the seccomp profile leaves to a proxy will not be made: %s",
			 attachment->container->name, err.message);
}
