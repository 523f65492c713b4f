/*
 * Serves the control socket.  A client is one connection with at most one
 * request under way; whatever does not follow control/protocol.h to the
 * letter ends its connection, and no client can make the supervisor wait.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/protocol.h"
#include "lib/own.h"
#include "supervise/loop.h"

static void client_close(struct supervisor *supervisor, struct client *client)
{
	if (client->source.fd < 0)
		return;
	if (client->tty == 0)
		console_detach(supervisor);
	source_close(supervisor, &client->source);
	*client = (struct client){ .source = { .fd = -1 }, .tty = -1 };
	/* A place is free again. */
	source_watch(supervisor, &supervisor->listener, EPOLLIN);
}

/* The supervisor never waits for a client: an answer that does not fit ends the connection. */
static void answer(struct supervisor *supervisor, struct client *client, struct control_message *message,
		   const int *fds, size_t count)
{
	if (control_send(client->source.fd, message, fds, count) < 0)
		client_close(supervisor, client);
}

/* ---- requests ---- */

static void request_state(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	message->value = (int32_t)supervisor->state;
	answer(supervisor, client, message, NULL, 0);
}

static void request_watch(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	client->watched = (unsigned)message->value;
	if (client->watched & 1u << supervisor->state)
		clients_announce(supervisor, supervisor->state);
}

static bool tty_is_held(const struct supervisor *supervisor, int tty)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (supervisor->clients[i].source.fd >= 0 && supervisor->clients[i].tty == tty)
			return true;
	}
	return false;
}

/* The number of a tty that may be given away, or a negative errno value. */
static int choose_tty(const struct supervisor *supervisor, int wanted)
{
	int count = (int)supervisor->given->tty_count;

	if (wanted > count || wanted < -1)
		return -ENXIO;
	if (wanted >= 0)
		return tty_is_held(supervisor, wanted) ? -EBUSY : wanted;
	for (int tty = 1; tty <= count; tty++) {
		if (!tty_is_held(supervisor, tty))
			return tty;
	}
	return count > 0 ? -EBUSY : -ENXIO;
}

static void request_tty(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	int tty = client->tty < 0 ? choose_tty(supervisor, message->value) : -EALREADY;
	int fds[CONTROL_FDS] = { -1, -1 };

	message->result = tty < 0 ? tty : 0;
	if (tty == 0) {
		message->result = console_attach(supervisor, client, fds);
	} else if (tty > 0) {
		fds[0] = fds[1] = supervisor->given->ttys[tty - 1];
	}
	message->value = tty;
	if (message->result == 0)
		client->tty = tty;
	answer(supervisor, client, message, fds, message->result == 0 ? CONTROL_FDS : 0);
	if (tty == 0 && fds[0] >= 0)
		close(fds[0]);
}

static void request_console_log(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	struct ring *ring = &supervisor->console.ring;
	owned_fd fd = -1;

	if (!ring->bytes)
		message->result = -ENODATA;
	else if (message->value < 0 || message->value >= CONSOLE_LOG_REQUESTS)
		message->result = -EINVAL;
	else if (message->value != CONSOLE_LOG_CLEAR && (fd = ring_snapshot(ring)) < 0)
		message->result = -errno;
	if (message->result == 0 && message->value != CONSOLE_LOG_READ)
		ring_clear(ring);
	answer(supervisor, client, message, &fd, fd >= 0 ? 1 : 0);
}

static void request_frozen(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	enum container_state state = (enum container_state)message->value;

	if (state != STATE_FREEZING && state != STATE_FROZEN && state != STATE_THAWED)
		message->result = -EINVAL;
	else if (!supervisor->init_gone)
		supervisor_announce(supervisor, state);
	answer(supervisor, client, message, NULL, 0);
}

static void request_init(struct supervisor *supervisor, struct client *client, struct control_message *message)
{
	message->value = supervisor->given->init;
	answer(supervisor, client, message, &supervisor->init.fd, 1);
}

static void (*const requests[CONTROL_REQUESTS])(struct supervisor *, struct client *, struct control_message *) = {
	[CONTROL_STATE] = request_state,
	[CONTROL_WATCH] = request_watch,
	[CONTROL_TTY] = request_tty,
	[CONTROL_CONSOLE_LOG] = request_console_log,
	[CONTROL_FROZEN] = request_frozen,
	[CONTROL_INIT] = request_init,
};

/* ---- connections ---- */

static void client_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct client *client = (struct client *)source;
	struct control_message message;
	int got = control_receive(source->fd, &message, NULL, NULL);

	(void)events;
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		client_close(supervisor, client);
		return;
	}
	message.result = 0;
	if (message.request < CONTROL_REQUESTS) {
		requests[message.request](supervisor, client, &message);
		return;
	}
	message.result = -ENOSYS;
	answer(supervisor, client, &message, NULL, 0);
}

static bool peer_is_trusted(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static struct client *free_client(struct supervisor *supervisor)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (supervisor->clients[i].source.fd < 0)
			return &supervisor->clients[i];
	}
	return NULL;
}

static void listener_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct client *client = free_client(supervisor);
	owned_fd fd = -1;

	(void)events;
	if (!client) {
		source_watch(supervisor, source, 0); /* until a place is free; newcomers queue in the kernel */
		return;
	}
	fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0 || !peer_is_trusted(fd))
		return;
	*client = (struct client){ .source = { .fd = fd, .ready = client_ready }, .tty = -1 };
	if (source_watch(supervisor, &client->source, EPOLLIN) == 0)
		steal_fd(&fd);
	else
		client->source.fd = -1;
}

int clients_open(struct supervisor *supervisor)
{
	supervisor->listener = (struct source){ .fd = supervisor->given->control, .ready = listener_ready };
	return source_watch(supervisor, &supervisor->listener, EPOLLIN);
}

void clients_announce(struct supervisor *supervisor, enum container_state state)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &supervisor->clients[i];
		struct control_message message = {
			.version = CONTROL_VERSION, .request = CONTROL_WATCH, .value = (int32_t)state,
		};

		if (client->source.fd < 0 || !(client->watched & 1u << state))
			continue;
		control_send(client->source.fd, &message, NULL, 0);
		client_close(supervisor, client);
	}
}

void clients_close(struct supervisor *supervisor)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		client_close(supervisor, &supervisor->clients[i]);
}
