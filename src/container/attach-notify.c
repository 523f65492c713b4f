/*
 * Seccomp notifications of an attached command: it is under the container's
 * filter, which with the action notify has a listener of its own, so that it
 * is judged by the same proxy as init and all that init has started.  With
 * lxs.clock = owner it is under that filter, and asks the same helper.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "config/types.h"
#include "launch/clock.h"
#include "launch/notify.h"
#include "launch/sync.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/text.h"

enum { PATIENCE = 5 }; /* seconds */

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

static int clock_find(struct attachment *attachment, struct error *err)
{
	static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CLOCK_ATTACHED };
	static const struct timeval patience = { .tv_sec = PATIENCE };

	attachment->clock_filter = openat(attachment->run, CLOCK_FILTER, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	attachment->clock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (attachment->clock_filter < 0 || attachment->clock < 0 ||
	    setsockopt(attachment->clock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
	    connect(attachment->clock, (const struct sockaddr *)&address, sizeof address) < 0)
		return error_set(err, errno, "its helper does not answer");
	return 0;
}

void attachment_find_clock(struct attachment *attachment)
{
	owned_error err = ERROR_INIT;

	/* A command that stays in the caller's own user namespace has the caller's own right. */
	if (settings_number(attachment->settings, "lxs.clock") != CLOCK_OWNER || !(attachment->namespaces & CLONE_NEWUSER) ||
	    clock_find(attachment, &err) == 0)
		return;
	own_close_fd(&attachment->clock_filter);
	log_warn("attach", "%s: the command will not set the clock: %s", attachment->container->name, err.message);
}

/* The filter of the profile has no listener then: a process has one. */
static int clock_give(const struct attachment *attachment, int listener, struct error *err)
{
	static const struct sync_message message = { .type = CLOCK_LISTENER };
	int code = sync_send(attachment->clock, &message, listener);

	return code < 0 ? error_set(err, -code, "the helper of the clock does not answer") : 0;
}

void attachment_answer(const struct attachment *attachment, int listener)
{
	owned_error err = ERROR_INIT;
	bool clock = attachment->clock_filter >= 0;

	if ((clock ? clock_give : serve)(attachment, listener, &err) < 0)
		log_warn("attach", "%s: calls that the %s will not be made: %s", attachment->container->name,
			 clock ? "owner of the clock may make" : "seccomp profile leaves to a proxy", err.message);
}
