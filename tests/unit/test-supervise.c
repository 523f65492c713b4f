/*
 * The supervisor on a plain child instead of a container: it needs none of
 * what makes a container one.
 */
#include "supervise/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/client.h"
#include "control/state.h"
#include "lib/own.h"

enum { DEADLINE_MS = 10000, SIGNAL_EXIT = 100 };

/* One supervised child: what it does is its script. */
struct scene {
	struct rundir run;
	char path[32];
	char log[64];
	int console;               /* slave, for the init */
	int ready;                 /* the init says that its handlers stand */
	struct supervise given;
	int ttys[2];
	pid_t supervisor;
};

/* ---- the init ---- */

static void exit_with_signal(int number)
{
	_exit(SIGNAL_EXIT + number);
}

/* Ends with 100 + the signal it gets, or with 3 when it reads a line from the console. */
static void init_main(const struct scene *scene)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGUSR1 };
	sigset_t none;
	char line[64];

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], exit_with_signal);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dprintf(scene->console, "hello\n");
	if (write(scene->ready, "", 1) == 1 && read(scene->console, line, sizeof line) > 0)
		_exit(3);
	_exit(4);
}

/* ---- the scene ---- */

static int open_pty(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(unlockpt(master), 0);
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*slave >= 0);
	return master;
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	const struct run_state running = { .state = STATE_RUNNING };
	owned_error err = ERROR_INIT;
	owned_fd unused = -1;

	snprintf(scene->path, sizeof scene->path, "%s", "/tmp/test-supervise-XXXXXX");
	assert_non_null(mkdtemp(scene->path));
	snprintf(scene->log, sizeof scene->log, "%s/console.log", scene->path);
	scene->run = (struct rundir){
		.fd = open(scene->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .lock = -1, .journal = -1,
		.path = strdup(scene->path),
	};
	assert_int_equal(run_state_write(&scene->run, &running, &err), 0);
	supervise_init(&scene->given);
	scene->given.name = "test";
	scene->given.lxcpath = "/nowhere";
	scene->given.run_dir = scene->run.fd;
	scene->given.control = control_listen(&scene->run, &err);
	assert_true(scene->given.control >= 0);
	scene->given.console = open_pty(&scene->console);
	scene->given.console_buffer = 4096;
	for (int i = 0; i < 2; i++) {
		scene->ttys[i] = open_pty(&unused);
		own_close_fd(&unused);
	}
	scene->given.ttys = scene->ttys;
	scene->given.tty_count = 2;
	*state = scene;
	return 0;
}

static int dial(const struct scene *scene)
{
	owned_error err = ERROR_INIT;
	int fd = -1;

	assert_int_equal(control_connect(&scene->run, &fd, &err), CONTROL_CONNECTED);
	return fd;
}

/* One call on a connection of its own; -errno for a refusal. */
static int ask(const struct scene *scene, enum control_request request, int value)
{
	owned_error err = ERROR_INIT;
	owned_fd connection = dial(scene);

	return control_call(connection, request, &value, NULL, NULL, &err) < 0 ? -err.code : value;
}

/*
 * The supervisor is a child of the test and the init a child of the
 * supervisor, as in life.  Once it answers it has its signals in hand.
 */
static void scene_start(struct scene *scene)
{
	int ready[2], status;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	scene->ready = ready[1];
	scene->supervisor = fork();
	assert_true(scene->supervisor >= 0);
	if (scene->supervisor == 0) {
		scene->given.init = fork();
		if (scene->given.init == 0)
			init_main(scene);
		close(ready[1]);
		scene->given.pidfd = (int)syscall(SYS_pidfd_open, scene->given.init, 0);
		status = supervise_run(&scene->given);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_RUNNING);
}

static int scene_end(struct scene *scene)
{
	int status;

	assert_int_equal(waitpid(scene->supervisor, &status, 0), scene->supervisor);
	scene->supervisor = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int scene_teardown(void **state)
{
	struct scene *scene = *state;

	if (scene->supervisor > 0) {
		kill(scene->supervisor, SIGKILL);
		waitpid(scene->supervisor, NULL, 0);
	}
	close(scene->given.control);
	close(scene->given.console);
	close(scene->console);
	close(scene->ttys[0]);
	close(scene->ttys[1]);
	rundir_remove(&scene->run);
	free(scene);
	return 0;
}

/* Waits until the text has arrived, however it is cut. */
static void expect_text(int fd, const char *text)
{
	char seen[1024] = "";
	size_t length = 0;
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	while (!strstr(seen, text)) {
		ssize_t got;

		assert_true(length < sizeof seen - 1);
		if (poll(&wait, 1, DEADLINE_MS) <= 0)
			fail_msg("'%s' did not come, only '%s'", text, seen);
		got = read(fd, seen + length, sizeof seen - 1 - length);
		assert_true(got > 0);
		length += (size_t)got;
		seen[length] = '\0';
	}
}

/* ---- life and death ---- */

static void expect_signal(struct scene *scene, int sent, int received)
{
	scene_start(scene);
	assert_int_equal(kill(scene->supervisor, sent), 0);
	assert_int_equal(scene_end(scene), SIGNAL_EXIT + received);
}

static void test_sigterm_is_passed_on(void **state)
{
	expect_signal(*state, SIGTERM, SIGTERM);
}

static void test_sighup_becomes_sigterm(void **state)
{
	expect_signal(*state, SIGHUP, SIGTERM);
}

static void test_sigusr1_is_passed_on(void **state)
{
	expect_signal(*state, SIGUSR1, SIGUSR1);
}

static void test_state_at_the_end(void **state)
{
	struct scene *scene = *state;
	owned_run_state left = RUN_STATE_INIT;
	owned_error err = ERROR_INIT;

	scene_start(scene);
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
	assert_int_equal(run_state_read(&scene->run, &left, &err), RUNDIR_OPENED);
	assert_int_equal(left.state, STATE_STOPPING);
}

/* ---- watching ---- */

static int watch(const struct scene *scene, unsigned states)
{
	struct control_message message = {
		.version = CONTROL_VERSION, .request = CONTROL_WATCH, .value = (int32_t)states,
	};
	int fd = dial(scene);

	assert_int_equal(control_send(fd, &message, NULL, 0), 0);
	return fd;
}

/* The state that was announced, or -1 for the end of the connection. */
static int announced(int fd)
{
	struct control_message message;
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&wait, 1, DEADLINE_MS), 1);
	return control_receive(fd, &message, NULL, NULL) > 0 ? message.value : -1;
}

static void test_watch(void **state)
{
	struct scene *scene = *state;
	/* Before the supervisor serves: the kernel keeps it until then. */
	owned_fd early = watch(scene, 1u << STATE_RUNNING);
	owned_fd frozen = -1;
	owned_fd thawed = -1;
	owned_fd stopping = -1;
	owned_fd stopped = -1;

	scene_start(scene);
	assert_int_equal(announced(early), STATE_RUNNING);
	frozen = watch(scene, 1u << STATE_FROZEN | 1u << STATE_ABORTING);
	thawed = watch(scene, 1u << STATE_THAWED);
	stopping = watch(scene, 1u << STATE_STOPPING);
	stopped = watch(scene, 1u << STATE_STOPPED);
	assert_int_equal(ask(scene, CONTROL_FROZEN, STATE_FROZEN), STATE_FROZEN);
	assert_int_equal(announced(frozen), STATE_FROZEN);
	assert_int_equal(announced(frozen), -1);
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_FROZEN);
	assert_int_equal(ask(scene, CONTROL_FROZEN, STATE_THAWED), STATE_THAWED);
	assert_int_equal(announced(thawed), STATE_THAWED);
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_RUNNING);
	assert_int_equal(ask(scene, CONTROL_FROZEN, STATE_STOPPED), -EINVAL);
	kill(scene->supervisor, SIGTERM);
	assert_int_equal(announced(stopping), STATE_STOPPING);
	/* Being stopped is not the supervisor's to tell: it hangs up. */
	assert_int_equal(announced(stopped), -1);
	scene_end(scene);
}

/* ---- hostile clients ---- */

static void test_malformed_messages(void **state)
{
	struct scene *scene = *state;
	struct control_message good = { .version = CONTROL_VERSION, .request = CONTROL_STATE };
	struct control_message answer;
	char longer[sizeof good + 1] = { CONTROL_VERSION };
	const int fds[] = { 0 };

	scene_start(scene);
	for (int i = 0; i < 6; i++) {
		owned_fd fd = dial(scene);

		if (i == 0)
			assert_int_equal(send(fd, &good, 3, 0), 3);
		else if (i == 1)
			assert_int_equal(send(fd, longer, sizeof longer, 0), sizeof longer);
		else if (i == 2)
			assert_int_equal(send(fd, "", 0, 0), 0);
		else if (i == 3)
			assert_int_equal(control_send(fd, &good, fds, 1), 0);
		else if (i == 4)
			good.version = CONTROL_VERSION + 1;
		if (i == 4)
			assert_int_equal(control_send(fd, &good, NULL, 0), 0);
		if (i == 5)
			assert_int_equal(shutdown(fd, SHUT_WR), 0);
		assert_int_equal(announced(fd), -1);
	}
	good = (struct control_message){ .version = CONTROL_VERSION, .request = 0xffffffff };
	{
		owned_fd fd = dial(scene);

		assert_int_equal(control_send(fd, &good, NULL, 0), 0);
		assert_int_equal(control_receive(fd, &answer, NULL, NULL), 1);
		assert_int_equal(answer.result, -ENOSYS);
	}
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_RUNNING);
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
}

/* More clients than there are places: the late ones wait, and are served when others leave. */
static void test_many_clients(void **state)
{
	enum { MANY = 100 };
	struct scene *scene = *state;
	int fds[MANY];

	scene_start(scene);
	for (int i = 0; i < MANY; i++)
		fds[i] = watch(scene, 1u << STATE_STOPPED);
	for (int i = 0; i < MANY - 1; i++)
		close(fds[i]);
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_RUNNING);
	close(fds[MANY - 1]);
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
}

/* ---- console and ttys ---- */

static int take_tty(const struct scene *scene, int number, int fds[CONTROL_FDS], int *connection)
{
	owned_error err = ERROR_INIT;
	size_t count = 0;

	*connection = dial(scene);
	if (control_call(*connection, CONTROL_TTY, &number, fds, &count, &err) < 0) {
		own_close_fd(connection);
		return -err.code;
	}
	assert_int_equal(count, 2);
	return number;
}

static void close_three(int *connection, int fds[CONTROL_FDS])
{
	own_close_fd(connection);
	own_close_fd(&fds[0]);
	own_close_fd(&fds[1]);
}

static void test_ttys(void **state)
{
	struct scene *scene = *state;
	int connections[3], fds[3][CONTROL_FDS];

	scene_start(scene);
	assert_int_equal(take_tty(scene, -1, fds[0], &connections[0]), 1);
	assert_int_equal(take_tty(scene, -1, fds[1], &connections[1]), 2);
	assert_int_equal(take_tty(scene, -1, fds[2], &connections[2]), -EBUSY);
	assert_int_equal(take_tty(scene, 1, fds[2], &connections[2]), -EBUSY);
	assert_int_equal(take_tty(scene, 3, fds[2], &connections[2]), -ENXIO);
	assert_int_equal(take_tty(scene, -2, fds[2], &connections[2]), -ENXIO);
	close_three(&connections[0], fds[0]);
	/* The place is free as soon as the supervisor has seen the hang-up. */
	assert_int_equal(ask(scene, CONTROL_STATE, 0), STATE_RUNNING);
	assert_int_equal(take_tty(scene, 1, fds[0], &connections[0]), 1);
	close_three(&connections[0], fds[0]);
	close_three(&connections[1], fds[1]);
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
}

static void test_console_client(void **state)
{
	struct scene *scene = *state;
	struct winsize size = { .ws_row = 7, .ws_col = 77 };
	int connection, other, fds[CONTROL_FDS], more[CONTROL_FDS];

	scene_start(scene);
	assert_int_equal(take_tty(scene, 0, fds, &connection), 0);
	assert_int_equal(take_tty(scene, 0, more, &other), -EBUSY);
	assert_int_equal(ioctl(fds[1], TIOCSWINSZ, &size), 0);
	size = (struct winsize){ 0 };
	assert_int_equal(ioctl(scene->console, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_col, 77);
	dprintf(scene->console, "to the client\n");
	expect_text(fds[0], "to the client\r\n");
	assert_int_equal(write(fds[0], "go\r", 3), 3);
	assert_int_equal(scene_end(scene), 3);
	close_three(&connection, fds);
}

static void test_ring(void **state)
{
	struct scene *scene = *state;
	owned_error err = ERROR_INIT;
	int fds[CONTROL_FDS] = { -1, -1 }, value = 1;
	size_t count = 0;
	char text[64] = "";

	scene_start(scene);
	for (int i = 0; !strstr(text, "hello") && i < 1000; i++) {
		owned_fd connection = dial(scene);

		value = 0;
		own_close_fd(&fds[0]);
		assert_int_equal(control_call(connection, CONTROL_CONSOLE_LOG, &value, fds, &count, &err), 0);
		assert_int_equal(count, 1);
		assert_true(read(fds[0], text, sizeof text - 1) >= 0);
	}
	assert_string_equal(text, "hello\r\n");
	own_close_fd(&fds[0]);
	assert_int_equal(ask(scene, CONTROL_CONSOLE_LOG, 2), 2);
	{
		owned_fd connection = dial(scene);

		value = 1;
		assert_int_equal(control_call(connection, CONTROL_CONSOLE_LOG, &value, fds, &count, &err), 0);
		assert_int_equal(read(fds[0], text, sizeof text), 0);
		own_close_fd(&fds[0]);
	}
	assert_int_equal(ask(scene, CONTROL_CONSOLE_LOG, 9), -EINVAL);
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
}

static size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* The last output is in the log, although nobody read it before the end. */
static void test_log_is_complete(void **state)
{
	struct scene *scene = *state;

	scene->given.console_log = scene->log;
	scene_start(scene);
	dprintf(scene->console, "last words\n");
	kill(scene->supervisor, SIGTERM);
	scene_end(scene);
	assert_int_equal(file_size(scene->log), strlen("hello\r\nlast words\r\n"));
}

/* What a foreground start's terminal is too slow to take slows the container; nothing is lost. */
static void test_terminal(void **state)
{
	enum { LINES = 4000 };
	struct scene *scene = *state;
	owned_fd user = open_pty(&scene->given.terminal);
	char bytes[4096];
	pid_t printer;

	scene_start(scene);
	expect_text(user, "hello\r\n");
	printer = fork();
	if (printer == 0) {
		for (int i = 0; i < LINES; i++)
			dprintf(scene->console, "line %d of many\n", i);
		_exit(0);
	}
	for (int lines = 0; lines < LINES;) {
		struct pollfd wait = { .fd = user, .events = POLLIN };
		ssize_t got = poll(&wait, 1, DEADLINE_MS) == 1 ? read(user, bytes, sizeof bytes) : 0;

		assert_true(got > 0);
		for (ssize_t i = 0; i < got; i++)
			lines += bytes[i] == '\n';
	}
	assert_int_equal(waitpid(printer, NULL, 0), printer);
	assert_int_equal(write(user, "go\r", 3), 3);
	assert_int_equal(scene_end(scene), 3);
	own_close_fd(&scene->given.terminal);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
		IN_SCENE(test_sigterm_is_passed_on), IN_SCENE(test_sighup_becomes_sigterm),
		IN_SCENE(test_sigusr1_is_passed_on),
		IN_SCENE(test_state_at_the_end),     IN_SCENE(test_watch),
		IN_SCENE(test_malformed_messages),   IN_SCENE(test_many_clients),
		IN_SCENE(test_ttys),                 IN_SCENE(test_console_client),
		IN_SCENE(test_ring),                 IN_SCENE(test_log_is_complete),
		IN_SCENE(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
