/*
 * Listens on and connects to the control socket of a run directory, and asks
 * one question.  The socket is reached through /proc/self/fd, so that the
 * 108 bytes of a socket address do not limit names and paths.
 */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/own.h"

enum { BACKLOG = 128, ANSWER_MS = 10000 };

static struct sockaddr_un address_of(const struct rundir *run)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control", run->fd);
	return address;
}

int control_listen(const struct rundir *run, struct error *err)
{
	struct sockaddr_un address = address_of(run);
	owned_fd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_set(err, errno, "cannot make the control socket");
	if (unlinkat(run->fd, "control", 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot replace %s/control", run->path);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0)
		return error_set(err, errno, "cannot listen on %s/control", run->path);
	return steal_fd(&fd);
}

int control_connect(const struct rundir *run, int *ret, struct error *err)
{
	struct sockaddr_un address = address_of(run);
	owned_fd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	const struct timeval limit = { .tv_sec = ANSWER_MS / 1000 };

	if (fd < 0)
		return error_set(err, errno, "cannot make a socket");
	/* Also limits connect(2) when the queue of a hung supervisor is full. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		if (errno == ECONNREFUSED || errno == ENOENT)
			return CONTROL_NOBODY;
		return error_set(err, errno, "cannot reach the supervisor at %s/control", run->path);
	}
	*ret = steal_fd(&fd);
	return CONTROL_CONNECTED;
}

int control_call(int socket, enum control_request request, int *value, int *fds, size_t *count, struct error *err)
{
	struct control_message message = { .version = CONTROL_VERSION, .request = request, .value = *value };
	struct pollfd wait = { .fd = socket, .events = POLLIN };
	int got;

	if (control_send(socket, &message, NULL, 0) < 0)
		return error_set(err, errno, "cannot ask the supervisor");
	if (poll(&wait, 1, ANSWER_MS) <= 0)
		return error_set(err, ETIMEDOUT, "the supervisor does not answer");
	got = control_receive(socket, &message, fds, count);
	if (got <= 0)
		return error_set(err, got < 0 ? errno : ECONNRESET, "the supervisor does not answer");
	if (message.result < 0)
		return error_set(err, -message.result, "the supervisor refuses");
	*value = message.value;
	return 0;
}
