/*
 * The caller's side of an attached command: a relay between two terminals
 * that loses nothing (short writes, EAGAIN, output that is still under way
 * when the command ends), and the passing on of signals.  Apart from attach.c
 * because it is all that remains once the command runs.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/proc.h"

enum {
	BUFFER = 16384,
	/* The caller's descriptors are shared with others, so they stay blocking: no write may be
	 * larger than what a terminal takes after POLLOUT. */
	CHUNK = 512,
};

struct channel {
	int from, to;
	char bytes[BUFFER];
	size_t start, end;
	bool closed;       /* nothing comes any more */
};

struct terminal { int fd; struct termios saved; };

static void terminal_restore(struct terminal *terminal)
{
	/* TCSADRAIN: the last output of the command is not to be seen in the modes of the shell. */
	if (terminal->fd >= 0)
		tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
}

#define owned_terminal __attribute__((cleanup(terminal_restore))) struct terminal

static void terminal_raw(struct terminal *terminal, int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &terminal->saved) < 0)
		return;
	modes = terminal->saved;
	cfmakeraw(&modes);
	if (tcsetattr(fd, TCSADRAIN, &modes) == 0)
		terminal->fd = fd;
}

static void copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

static bool again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static size_t pending(const struct channel *channel)
{
	return channel->end - channel->start;
}

/* Reads when there is room; end of file and EIO (no slave open any more) close the channel. */
static void channel_fill(struct channel *channel)
{
	ssize_t length;

	if (channel->closed || pending(channel))
		return;
	length = read(channel->from, channel->bytes, sizeof channel->bytes);
	if (length < 0 && again())
		return;
	channel->start = 0;
	channel->end = length > 0 ? (size_t)length : 0;
	channel->closed = length <= 0;
}

/* -1: the other side is gone, what is pending is of no use to anybody. */
static int channel_drain(struct channel *channel, size_t limit)
{
	size_t size = pending(channel) < limit ? pending(channel) : limit;
	ssize_t length;

	if (!size)
		return 0;
	length = write(channel->to, channel->bytes + channel->start, size);
	if (length < 0 && again())
		return 0;
	if (length < 0) {
		channel->start = channel->end = 0;
		channel->closed = true;
		return -1;
	}
	channel->start += (size_t)length;
	return 0;
}

/* A log that cannot be written must not stop the session; what was printed is still on the screen. */
static void log_output(int log, const struct channel *output)
{
	for (size_t done = output->start; log >= 0 && done < output->end;) {
		ssize_t length = write(log, output->bytes + done, output->end - done);

		if (length <= 0)
			return;
		done += (size_t)length;
	}
}

static void take_signal(const struct attachment *attachment, int screen)
{
	struct signalfd_siginfo info;

	if (read(attachment->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo != SIGWINCH)
		proc_signal(attachment->command, (int)info.ssi_signo);
	else if (attachment->master >= 0)
		copy_size(screen, attachment->master);
}

static bool ended(const struct attachment *attachment)
{
	struct pollfd wait = { .fd = attachment->command, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

static int wait_without_terminal(const struct attachment *attachment)
{
	struct pollfd waits[2] = { { .fd = attachment->command, .events = POLLIN },
				   { .fd = attachment->signals, .events = POLLIN } };

	while (!(waits[0].revents & POLLIN)) {
		if (poll(waits, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (waits[1].revents & POLLIN)
			take_signal(attachment, -1);
	}
	return 0;
}

/* What the kernel still holds of the command's output; whoever else has the terminal open is not waited for. */
static void flush_output(struct channel *output, int log)
{
	do {
		while (pending(output)) {
			struct pollfd wait = { .fd = output->to, .events = POLLOUT };

			if (poll(&wait, 1, -1) < 0 && errno != EINTR)
				return;
			if (channel_drain(output, CHUNK) < 0)
				return;
		}
		channel_fill(output);
		log_output(log, output);
	} while (pending(output));
}

static void relay_step(struct attachment *attachment, struct channel *input, struct channel *output, int log)
{
	bool room = !pending(input) && !input->closed;
	struct pollfd waits[] = {
		{ .fd = room ? input->from : -1, .events = POLLIN },
		{ .fd = output->closed ? -1 : attachment->master,
		  .events = (short)((pending(output) ? 0 : POLLIN) | (pending(input) ? POLLOUT : 0)) },
		{ .fd = pending(output) ? output->to : -1, .events = POLLOUT },
		{ .fd = attachment->signals, .events = POLLIN },
		{ .fd = attachment->command, .events = POLLIN },
	};

	if (poll(waits, sizeof waits / sizeof waits[0], -1) < 0)
		return;
	if (waits[3].revents & POLLIN)
		take_signal(attachment, output->to);
	if (waits[2].revents)
		channel_drain(output, CHUNK);
	if (waits[0].revents)
		channel_fill(input);
	if ((waits[1].revents & POLLOUT) || pending(input))
		channel_drain(input, BUFFER);
	if ((waits[1].revents & (POLLIN | POLLHUP)) && !pending(output)) {
		channel_fill(output);
		log_output(log, output);
	}
}

/* The caller's terminal for output: the first of 1, 2 and 0 that is one. */
static int screen_of(const struct attachment *attachment)
{
	if (attachment->terminal & 1 << 1)
		return STDOUT_FILENO;
	return attachment->terminal & 1 << 2 ? STDERR_FILENO : STDIN_FILENO;
}

int attachment_relay(struct attachment *attachment, struct error *err)
{
	owned_terminal terminal = { .fd = -1 };
	owned_fd log = -1;
	bool typed = attachment->terminal & 1 << 0;
	struct channel input = { .from = typed ? STDIN_FILENO : -1, .to = attachment->master, .closed = !typed };
	struct channel output = { .from = attachment->master, .to = screen_of(attachment) };

	if (attachment->master < 0)
		return wait_without_terminal(attachment);
	if (attachment->options->pty_log) {
		log = open(attachment->options->pty_log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0640);
		if (log < 0)
			return error_set(err, errno, "cannot open %s", attachment->options->pty_log);
	}
	if (fcntl(attachment->master, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot set up the terminal");
	if (typed)
		terminal_raw(&terminal, STDIN_FILENO);
	while (!ended(attachment))
		relay_step(attachment, &input, &output, log);
	flush_output(&output, log);
	return 0;
}
