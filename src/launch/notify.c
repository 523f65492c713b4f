/*
 * Notifications of the seccomp filter: the connection to the proxy is made
 * before the clone, where an error costs nothing, and lxs-notify is started
 * as soon as init's listener arrives, since hooks inside may ask already.
 * Called by seccomp.c and host.c.
 */
#include "launch/notify.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "launch/helper.h"
#include "lib/own.h"

enum { PATIENCE = 5 }; /* seconds */

#define NOTIFY_PROGRAM PKGLIBEXECDIR "/lxs-notify"

bool notify_is_wanted(const struct sock_filter *filter, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (BPF_CLASS(filter[i].code) == BPF_RET && BPF_RVAL(filter[i].code) == BPF_K &&
		    (filter[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

static const struct step_seccomp *step_of(const struct launch *launch)
{
	const struct side *side = &launch->plan->container;

	for (size_t i = 0; i < side->count; i++)
		if (side->steps[i].kind == STEP_SECCOMP)
			return side->steps[i].args;
	return NULL;
}

int notify_connect(const char *proxy, struct error *err)
{
	static const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	owned_fd connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	size_t length = strlen(proxy);

	if (connection < 0 || length >= sizeof address.sun_path)
		return error_set(err, connection < 0 ? errno : ENAMETOOLONG, "cannot reach the seccomp proxy %s", proxy);
	memcpy(address.sun_path, proxy, length);
	if (*proxy == '@')
		address.sun_path[0] = '\0';
	/* A proxy that accepts nobody any more would hold up for ever who connects. */
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(connection, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*proxy != '@'))) < 0) {
		error_set(err, errno, "cannot reach the seccomp proxy %s", proxy);
		return error_hint(err, "start the program that answers there (a SOCK_SEQPACKET socket) before the container");
	}
	return steal_fd(&connection);
}

int notify_expect(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_seccomp *args = step->args;

	if (launch->answerer) {
		error_set(err, 0, "the seccomp profile %s has the action notify, which does not go with lxs.clock: a process "
			  "has one listener", args->profile);
		return error_hint(err, "use another profile, or remove lxs.clock");
	}
	if (!args->proxy) {
		error_set(err, 0, "the seccomp profile %s has the action notify, and nobody would answer", args->profile);
		return error_hint(err, "name the socket of the program that does: lxc.seccomp.notify.proxy = unix:/PATH");
	}
	launch->notify_proxy = notify_connect(args->proxy, err);
	if (launch->notify_proxy < 0)
		return -1;
	launch->answerer = notify_begin;
	return 0;
}

int notify_serve(struct rundir *run, const struct notify_parties *parties, int listener, int pidfd, int connection,
		 struct error *err)
{
	static char program[] = NOTIFY_PROGRAM;
	char init[16], monitor[16];
	char *argv[] = { program, init, monitor, (char *)parties->proxy, (char *)(parties->cookie ? parties->cookie : ""), NULL };
	const int descriptors[] = { listener, pidfd, connection };

	snprintf(init, sizeof init, "%d", (int)parties->init);
	snprintf(monitor, sizeof monitor, "%d", (int)parties->monitor);
	return helper_start(run, argv, descriptors, 3, err);
}

int notify_begin(struct launch *launch, struct error *err)
{
	const struct step_seccomp *args = step_of(launch);
	const struct notify_parties parties = { args->proxy, args->cookie, launch->init, getpid() };
	int result = notify_serve(launch->run, &parties, launch->seccomp_notify, launch->pidfd, launch->notify_proxy, err);

	own_close_fd(&launch->seccomp_notify);
	own_close_fd(&launch->notify_proxy);
	return result;
}
