/*
 * Root's service for containers of ordinary users that own the clock: their
 * launcher has the listener of its container's filter, and only root can set
 * the clock.  One claim at a time, which is all there can be.  Protocol and
 * claim are in launch/clock.h.  Called by commands/clock.c.
 */
#include "container/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/clockconf.h"
#include "launch/clock.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/unotify.h"

/* Seconds for the rest of a launch, hooks included, once the clock is claimed. */
enum { PATIENCE = 60 };

static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CLOCK_SOCKET };

static int answer(int client, int result, const struct error *err)
{
	struct sync_message message = { .type = CLOCK_ANSWER, .code = result };

	if (result < 0)
		snprintf(message.detail, sizeof message.detail, "%s%s%s", err->message, err->hint ? "; " : "",
			 err->hint ? err->hint : "");
	sync_send(client, &message, -1);
	return result;
}

static int descriptor_take(int client, enum clock_message type, int *ret, struct error *err)
{
	struct sync_message message = { 0 };
	owned_fd taken = -1;
	int got = sync_receive(client, &message, &taken);

	if (got <= 0 || message.type != type || taken < 0)
		return error_set(err, got < 0 ? -got : EPROTO, "the launcher did not send what was expected");
	*ret = steal_fd(&taken);
	return 0;
}

/* Init must live in a user namespace that the user made: it is who may ask that is told by it. */
static int init_check(int init, uid_t user, struct error *err)
{
	owned_fd namespace = -1;
	owned_str text = NULL;
	const char *found;
	char path[64];
	size_t length;
	uid_t owner;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", init);
	if (file_read(path, &text, &length, err) < 0)
		return -1;
	found = strstr(text, "\nPid:");
	if (!found || strtol(found + strlen("\nPid:"), NULL, 10) <= 0)
		return error_set(err, EINVAL, "what the launcher sent is no process");
	snprintf(path, sizeof path, "/proc/%ld/ns/user", strtol(found + strlen("\nPid:"), NULL, 10));
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || ioctl(namespace, NS_GET_OWNER_UID, &owner) < 0)
		return error_set(err, errno, "cannot look at the container's user namespace");
	return owner == user ? 0 : error_set(err, EPERM, "the container's user namespace is not the user's own");
}

static int listener_check(int listener, struct error *err)
{
	return unotify_is_listener(listener) ? 0 : error_set(err, EINVAL, "what the launcher sent is no listener of seccomp");
}

/* From the listener on the helper works by itself. */
static int container_take(int client, const struct clock_claim *claim, const char *name, uid_t user, struct error *err)
{
	owned_fd listener = -1, init = -1;

	if (descriptor_take(client, CLOCK_LISTENER, &listener, err) < 0 || listener_check(listener, err) < 0 ||
	    descriptor_take(client, CLOCK_INIT, &init, err) < 0 || init_check(init, user, err) < 0)
		return -1;
	return clock_serve(NULL, claim, name, listener, init, err);
}

static int claim_take(int client, uid_t user, struct error *err)
{
	struct clock_claim claim = CLOCK_CLAIM_NONE;
	struct sync_message message = { 0 };
	owned_fd none = -1;
	int got = sync_receive(client, &message, &none), result;

	if (got <= 0 || message.type != CLOCK_CLAIM)
		return error_set(err, EPROTO, "the claim cannot be understood");
	if (answer(client, clock_claim(message.detail, user, &claim, err), err) < 0)
		return -1;
	result = answer(client, container_take(client, &claim, message.detail, user, err), err);
	clock_claim_done(&claim);
	if (result == 0)
		log_info("clock", "%s of user %u owns the clock", message.detail, user);
	return result;
}

/* Whoever is not the user of the grant is not even listened to: waiting for him would hold up who is. */
static int user_check(uid_t user, struct error *err)
{
	owned_arena arena = arena_new();
	struct clock_grant grant;
	int granted = clock_grant_read(arena, &grant, err);

	if (granted < 0)
		return -1;
	if (granted == CLOCK_GRANTED && grant.user == user)
		return 0;
	error_set(err, 0, "the clock of this host is not for containers of this user");
	return error_hint(err, "the administrator names both in lxs.conf: clock { owner = \"NAME\" user = \"USER\" }");
}

static void client_serve(int client)
{
	const struct timeval limit = { .tv_sec = PATIENCE };
	owned_error err = ERROR_INIT;
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ||
	    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
	    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
		return;
	/* Whoever is not allowed shall not fill the log either. */
	if (user_check(peer.uid, &err) < 0) {
		answer(client, -1, &err);
		log_debug("clock", "user %u: %s", peer.uid, err.message ? err.message : "refused");
		return;
	}
	claim_take(client, peer.uid, &err);
	if (err.message)
		log_warn("clock", "user %u: %s", peer.uid, err.message);
}

/* What passes: the peer gave up, or there is no room for one more descriptor at the moment. */
static bool is_passing(int code)
{
	return code == EINTR || code == ECONNABORTED || code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

/* A socket that nobody answers was left by a service that was killed, and is replaced. */
static int address_free(struct error *err)
{
	owned_fd probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (probe < 0)
		return error_set(err, errno, "cannot make a socket");
	if (connect(probe, (const struct sockaddr *)&address, sizeof address) == 0)
		return error_set(err, 0, "another lxs-clock serves " CLOCK_SOCKET " already");
	return 0;
}

/* It gets its name when whoever finds it there can be answered.  Anybody may ask; who may claim is in lxs.conf. */
static int address_take(int listener, struct error *err)
{
	struct sockaddr_un unready = { .sun_family = AF_UNIX, .sun_path = CLOCK_SOCKET ".new" };

	unlink(unready.sun_path);
	if (bind(listener, (const struct sockaddr *)&unready, sizeof unready) < 0 || chmod(unready.sun_path, 0666) < 0 ||
	    listen(listener, 16) < 0 || rename(unready.sun_path, CLOCK_SOCKET) < 0)
		return error_set(err, errno, "cannot listen on " CLOCK_SOCKET);
	return 0;
}

int clock_service(struct error *err)
{
	owned_fd listener = -1;

	if (geteuid() != 0) {
		error_set(err, EPERM, "the clock can only be served by root");
		return error_hint(err, "containers of root need no lxs-clock: their lxs-start serves them");
	}
	if (address_free(err) < 0)
		return -1;
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return error_set(err, errno, "cannot make a socket");
	if (address_take(listener, err) < 0)
		return -1;
	for (;;) {
		owned_fd client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			client_serve(client);
		else if (!is_passing(errno))
			return error_set(err, errno, "cannot listen on " CLOCK_SOCKET);
	}
}
