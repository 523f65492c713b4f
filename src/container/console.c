/*
 * Connects the user's terminal to a tty of a running container.  The
 * supervisor hands out a descriptor; bytes then pass without it (ttys) or
 * through it (the console, which it also logs).  Called by lxs-console.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "container/watch.h"
#include "control/client.h"
#include "lib/own.h"

enum { CHUNK = 4096 };

/* ---- taking a tty ---- */

static int explain(const struct run_state *state, int number, struct error *err)
{
	switch (err->code) {
	case ENXIO:
		error_set(err, 0, number < 0 || state->tty_max == 0 ? "has no ttys" : "has no tty %d", number);
		return error_hint(err, "lxc.tty.max = %u; tty 0 is the console", state->tty_max);
	case EBUSY:
		return number < 0 ? error_set(err, 0, "all ttys are in use") :
				    error_set(err, 0, "tty %d is in use", number);
	case ENODEV:
		return error_set(err, 0, "has no console (lxc.console.path = none)");
	default:
		return error_add(err, "cannot take a tty");
	}
}

/* Asks the supervisor of a running container; the connection is left open where the caller wants it. */
static int call(const struct container *container, enum control_request request, int *value, int *fds, size_t *count,
		struct run_state *state, int *connection, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	int answer = container_run_state(container, &run, state, err);

	if (answer == RUNDIR_OPENED)
		answer = control_connect(&run, connection, err);
	if (answer < 0)
		return -1;
	if (*connection < 0)
		return error_set(err, 0, "is not running");
	return control_call(*connection, request, value, fds, count, err);
}

int container_console_open(const struct container *container, int number, struct console_session *ret,
			   struct error *err)
{
	owned_run_state state = RUN_STATE_INIT;
	owned_fd connection = -1;
	int fds[CONTROL_FDS] = { -1, -1 }, answer = number;
	size_t count = 0;

	if (call(container, CONTROL_TTY, &answer, fds, &count, &state, &connection, err) < 0)
		return connection < 0 ? -1 : explain(&state, number, err);
	if (count != CONTROL_FDS) {
		own_close_fd(&fds[0]);
		return error_set(err, EPROTO, "the supervisor gave no tty");
	}
	*ret = (struct console_session){
		.connection = steal_fd(&connection), .data = fds[0], .window = fds[1], .number = answer,
	};
	return 0;
}

int container_console_log(const struct container *container, bool show, bool clear, int *ret, struct error *err)
{
	owned_run_state state = RUN_STATE_INIT;
	owned_fd connection = -1, contents = -1;
	int fds[CONTROL_FDS] = { -1, -1 };
	int value = !clear ? CONSOLE_LOG_READ : show ? CONSOLE_LOG_TAKE : CONSOLE_LOG_CLEAR;
	size_t count = 0;

	*ret = -1;
	if (call(container, CONTROL_CONSOLE_LOG, &value, fds, &count, &state, &connection, err) < 0) {
		if (err->code != ENODATA)
			return -1;
		error_set(err, 0, "what the console showed is not kept");
		return error_hint(err, "lxc.console.buffer.size = auto keeps the last 128 KiB of it from the next start on; "
				       "lxc.console.logfile names a file for all");
	}
	contents = fds[0];
	if (count != (show ? 1 : 0)) {
		own_close_fd(&fds[1]);
		return error_set(err, EPROTO, "the supervisor gave no console log");
	}
	*ret = steal_fd(&contents);
	return 0;
}

void console_session_done(struct console_session *session)
{
	own_close_fd(&session->data);
	own_close_fd(&session->window);
	own_close_fd(&session->connection);
}

/* ---- the relay ---- */

struct relay {
	const struct console_session *session;
	char escape;
	bool escaped;      /* the last byte typed was the escape */
	bool left;         /* escape q was typed */
	int signals;
};

static int write_all(int fd, const char *bytes, size_t count)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	while (count > 0) {
		ssize_t done = write(fd, bytes, count);

		if (done < 0 && errno == EAGAIN && poll(&wait, 1, -1) > 0)
			continue;
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		count -= (size_t)done;
	}
	return 0;
}

/* Copies what is to be sent, without the escapes; returns how much. */
static size_t filter(struct relay *relay, const char *typed, size_t count, char *out)
{
	size_t length = 0;

	for (size_t i = 0; i < count && !relay->left; i++) {
		bool is_escape = typed[i] == relay->escape;

		if (relay->escaped && typed[i] == 'q') {
			relay->left = true;
		} else if (is_escape && !relay->escaped) {
			relay->escaped = true;
			continue;
		} else {
			/* The escape twice is the escape once; before anything else it is sent after all. */
			if (relay->escaped && !is_escape)
				out[length++] = relay->escape;
			out[length++] = typed[i];
		}
		relay->escaped = false;
	}
	return length;
}

/* Both return false when the relay is over. */
static bool from_user(struct relay *relay)
{
	char typed[CHUNK], out[2 * CHUNK];
	ssize_t got = read(STDIN_FILENO, typed, sizeof typed);
	size_t length;

	if (got <= 0)
		return got < 0 && errno == EINTR;
	length = filter(relay, typed, (size_t)got, out);
	return write_all(relay->session->data, out, length) == 0 && !relay->left;
}

static bool from_container(struct relay *relay)
{
	char bytes[CHUNK];
	ssize_t got = read(relay->session->data, bytes, sizeof bytes);

	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	return write_all(STDOUT_FILENO, bytes, (size_t)got) == 0;
}

static void copy_window(const struct relay *relay)
{
	struct signalfd_siginfo info;
	struct winsize size;

	while (relay->signals >= 0 && read(relay->signals, &info, sizeof info) > 0)
		;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(relay->session->window, TIOCSWINSZ, &size);
}

static void relay_run(struct relay *relay)
{
	struct pollfd wait[] = {
		{ .fd = relay->session->data, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = relay->signals, .events = POLLIN },
		{ .fd = relay->session->connection }, /* hangs up with the supervisor */
	};
	bool going = true;

	copy_window(relay);
	while (going && (poll(wait, 4, -1) >= 0 || errno == EINTR)) {
		if (wait[2].revents)
			copy_window(relay);
		if (wait[0].revents)
			going = from_container(relay);
		else if (wait[3].revents)
			going = false;
		if (going && wait[1].revents)
			going = from_user(relay);
	}
}

int console_session_relay(const struct console_session *session, char escape, struct error *err)
{
	struct relay relay = { .session = session, .escape = escape, .signals = -1 };
	struct termios saved, raw;
	sigset_t set, previous;
	bool is_terminal = tcgetattr(STDIN_FILENO, &saved) == 0;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, &previous) < 0)
		return error_set(err, errno, "cannot block signals");
	relay.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (is_terminal) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	}
	relay_run(&relay);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
	own_close_fd(&relay.signals);
	sigprocmask(SIG_SETMASK, &previous, NULL);
	return 0;
}
