/*
 * The console: everything the container prints goes to the log, the ring
 * buffer and the peer.  The peer is the terminal of a foreground start, which
 * may slow the container down (nothing is lost), or the pty of an lxs-console
 * client, which may not (what it cannot take in time is dropped).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/own.h"
#include "supervise/loop.h"

enum { CHUNK = 4096, DRAIN_MS = 2000 };

/* ---- queues ---- */

static void queue_add(struct queue *queue, const unsigned char *bytes, size_t count)
{
	size_t room;

	if (queue->start + queue->length + count > QUEUE_SIZE) {
		memmove(queue->bytes, queue->bytes + queue->start, queue->length);
		queue->start = 0;
	}
	room = QUEUE_SIZE - queue->length;
	if (count > room)
		count = room;
	memcpy(queue->bytes + queue->start + queue->length, bytes, count);
	queue->length += count;
}

/* False when the other side is gone. */
static bool queue_flush(struct queue *queue, int fd)
{
	while (queue->length > 0) {
		ssize_t done = write(fd, queue->bytes + queue->start, queue->length);

		if (done < 0)
			return errno == EAGAIN || errno == EINTR;
		queue->start += (size_t)done;
		queue->length -= (size_t)done;
	}
	queue->start = 0;
	return true;
}

/* ---- the relay ---- */

/* Each side is read only when what it sends has somewhere to go. */
static void watch_both(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;
	bool full = console->terminal && console->out.length > 0;

	if (console->master.fd >= 0)
		source_watch(supervisor, &console->master,
			     (full ? 0 : EPOLLIN) | (console->in.length > 0 ? EPOLLOUT : 0));
	if (console->peer.fd >= 0)
		source_watch(supervisor, &console->peer,
			     (console->in.length > 0 ? 0 : EPOLLIN) | (console->out.length > 0 ? EPOLLOUT : 0));
}

static void peer_close(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;

	if (console->raw)
		tcsetattr(console->peer.fd, TCSADRAIN, &console->saved);
	console->raw = false;
	source_close(supervisor, &console->peer);
	console->terminal = false;
	console->out.start = console->out.length = 0;
	if (console->client)
		console->client->tty = -1;
	console->client = NULL;
}

/* What the container printed, to everybody who wants it.  False when nothing was there. */
static bool console_read(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;
	unsigned char bytes[CHUNK];
	ssize_t got = read(console->master.fd, bytes, sizeof bytes);

	if (got <= 0)
		return false;
	console_log_write(&console->log, bytes, (size_t)got);
	ring_write(&console->ring, bytes, (size_t)got);
	if (console->peer.fd < 0)
		return true;
	queue_add(&console->out, bytes, (size_t)got);
	if (!queue_flush(&console->out, console->peer.fd))
		peer_close(supervisor);
	return true;
}

static void master_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct console *console = &supervisor->console;

	if (events & EPOLLOUT)
		queue_flush(&console->in, source->fd);
	if (events & EPOLLIN)
		console_read(supervisor);
	else if (events & (EPOLLHUP | EPOLLERR))
		source_close(supervisor, source);
	watch_both(supervisor);
}

static void peer_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct console *console = &supervisor->console;
	unsigned char bytes[CHUNK];
	ssize_t got = -1;
	bool alive = true;

	if (events & EPOLLOUT)
		alive = queue_flush(&console->out, source->fd);
	if (events & EPOLLIN) {
		got = read(source->fd, bytes, sizeof bytes);
		alive = got > 0 || (got < 0 && errno == EAGAIN);
	} else if (events & (EPOLLHUP | EPOLLERR)) {
		alive = false;
	}
	if (got > 0) {
		queue_add(&console->in, bytes, (size_t)got);
		queue_flush(&console->in, console->master.fd);
	}
	if (!alive)
		peer_close(supervisor);
	watch_both(supervisor);
}

/* ---- the two kinds of peers ---- */

static int make_raw(int fd, struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(fd, saved) < 0)
		return -1;
	raw = *saved;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSADRAIN, &raw);
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/*
 * The terminal is opened anew: non-blocking mode belongs to the open file,
 * which for descriptor 0 we share with the user's shell.
 */
static int open_terminal(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", supervisor->given->terminal);
	console->peer.fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (console->peer.fd < 0)
		return -1;
	console->terminal = true;
	console->raw = make_raw(console->peer.fd, &console->saved) == 0;
	console_resize(supervisor);
	return 0;
}

/* A pty for a client: it gets the master, we keep the slave, raw on both sides. */
static int open_client_pty(int *client_end, int *our_end)
{
	owned_fd master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	owned_fd slave = -1;
	struct termios ignored;

	if (master < 0 || unlockpt(master) < 0)
		return -1;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || make_raw(slave, &ignored) < 0 || set_nonblocking(slave) < 0)
		return -1;
	*client_end = steal_fd(&master);
	*our_end = steal_fd(&slave);
	return 0;
}

int console_attach(struct supervisor *supervisor, struct client *client, int fds[2])
{
	struct console *console = &supervisor->console;

	if (console->master.fd < 0)
		return -ENODEV;
	if (console->peer.fd >= 0)
		return -EBUSY;
	if (open_client_pty(&fds[0], &console->peer.fd) < 0)
		return -errno;
	console->client = client;
	fds[1] = console->master.fd;
	watch_both(supervisor);
	return 0;
}

void console_detach(struct supervisor *supervisor)
{
	peer_close(supervisor);
	watch_both(supervisor);
}

void console_resize(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;
	struct winsize size;

	if (console->terminal && ioctl(console->peer.fd, TIOCGWINSZ, &size) == 0)
		ioctl(console->master.fd, TIOCSWINSZ, &size);
}

/* ---- begin and end ---- */

int console_open(struct supervisor *supervisor)
{
	const struct supervise *given = supervisor->given;
	struct console *console = &supervisor->console;

	console->master = (struct source){ .fd = given->console, .ready = master_ready };
	console->peer.ready = peer_ready;
	if (given->console < 0)
		return 0;
	if (ring_init(&console->ring, given->console_buffer) < 0 ||
	    console_log_open(&console->log, given->console_log, given->console_log_size, given->console_rotate) < 0)
		return -1;
	console->log.keeper = supervisor->keeper;
	if (set_nonblocking(given->console) < 0)
		return -1;
	console->slave = ioctl(given->console, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (given->terminal >= 0 && isatty(given->terminal) && open_terminal(supervisor) < 0)
		return -1;
	watch_both(supervisor);
	return 0;
}

void console_close(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;
	struct pollfd wait = { .fd = console->peer.fd, .events = POLLOUT };

	/* Reading a pty master flushes what the line discipline still holds, so EAGAIN is the end. */
	while (console->master.fd >= 0) {
		if (console->terminal && console->out.length > 0) {
			if (poll(&wait, 1, DRAIN_MS) <= 0 || !queue_flush(&console->out, console->peer.fd))
				peer_close(supervisor);
			continue;
		}
		if (!console_read(supervisor))
			break;
	}
	peer_close(supervisor);
	own_close_fd(&console->slave);
	source_close(supervisor, &console->master);
	console_log_close(&console->log);
	ring_done(&console->ring);
}
