/*
 * lxs-scope: asks systemd's manager of the calling user for a delegated scope
 * around a process, or to move a process into one.  A program of its own, so
 * that nobody else loads libsystemd; started by container/scope.c, and only
 * where the kernel refuses the user a cgroup.
 *
 *   lxs-scope start CONTAINER PID
 *   lxs-scope attach UNIT CGROUP-BELOW PID
 *
 * What is wrong is one line on standard error.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "lib/own.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER "/org/freedesktop/systemd1", SYSTEMD ".Manager"

/* A manager that has to start first is given time, one that hangs is not waited for. */
enum { PATIENCE_SECONDS = 10, UNIT_ROOM = 256, NAME_ROOM = 200 };

struct ask {
	sd_bus *bus;
	char unit[UNIT_ROOM];
	const char *job;        /* of the answer */
	char result[64];        /* of that job; "" until it is done */
};

static int failed(int code, const sd_bus_error *error, const char *what)
{
	const char *why = error && error->message ? error->message : strerror(-code);

	fprintf(stderr, "%s: %.*s\n", what, (int)strcspn(why, "\n"), why);
	return -1;
}

/* One clock for all that can take time: connecting, authenticating, the answer, the job. */
static void give_up(int signal)
{
	static const char text[] = "systemd's user manager does not answer in time\n";

	(void)signal;
	_exit(write(2, text, sizeof text - 1) < 0 ? EXIT_FAILURE + 1 : EXIT_FAILURE);
}

/* ---- the way to the manager ---- */

static int open_at(struct ask *ask, const char *directory, const char *file, bool broker)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", directory, file);
	owned_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code;

	if (length >= (int)sizeof address.sun_path)
		return -ENAMETOOLONG;
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	code = sd_bus_new(&ask->bus);
	if (code >= 0)
		code = sd_bus_set_fd(ask->bus, fd, fd);
	if (code >= 0)
		steal_fd(&fd);
	if (code >= 0)
		code = sd_bus_set_bus_client(ask->bus, broker);
	return code < 0 ? code : sd_bus_start(ask->bus);
}

/* The user's bus, else the manager's own socket, which is there without a bus too. */
static int manager_open(struct ask *ask)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char usual[64];
	int code;

	snprintf(usual, sizeof usual, "/run/user/%u", geteuid());
	if (!directory || *directory != '/')
		directory = usual;
	code = open_at(ask, directory, "bus", true);
	if (code < 0)
		code = open_at(ask, directory, "systemd/private", false);
	return code < 0 ? failed(code, NULL, "systemd's user manager cannot be reached") : 0;
}

/* ---- a scope ---- */

/* Whether the process is in a unit that its user has had delegated himself: then that is the place. */
static bool has_delegated(struct ask *ask, uint32_t pid)
{
	static const char *const kinds[] = { SYSTEMD ".Scope", SYSTEMD ".Service" };
	sd_bus_message *answer = NULL;
	const char *unit = NULL;
	int delegated = 0;

	if (sd_bus_call_method(ask->bus, SYSTEMD, MANAGER, "GetUnitByPID", NULL, &answer, "u", pid) >= 0 &&
	    sd_bus_message_read(answer, "o", &unit) >= 0)
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && delegated <= 0; i++)
			if (sd_bus_get_property_trivial(ask->bus, SYSTEMD, unit, kinds[i], "Delegate", NULL, 'b', &delegated) < 0)
				delegated = 0;
	sd_bus_message_unref(answer);
	return delegated > 0;
}

/* Letters that names of units do not have are written as \xNN; a long name is cut, what follows tells it apart. */
static int unit_name(const char *container, char unit[static UNIT_ROOM])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.-";
	size_t length = (size_t)snprintf(unit, UNIT_ROOM, "lxs-");
	uint32_t number;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return failed(-errno, NULL, "cannot get a random number");
	for (; *container && length < NAME_ROOM; container++)
		length += (size_t)snprintf(unit + length, UNIT_ROOM - length, strchr(plain, *container) ? "%c" : "\\x%02x",
					   (unsigned char)*container);
	snprintf(unit + length, UNIT_ROOM - length, "-%08x.scope", number);
	return 0;
}

static int take_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *job, *unit, *result;
	struct ask *ask = data;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0 && ask->job && strcmp(job, ask->job) == 0)
		snprintf(ask->result, sizeof ask->result, "%s", result);
	return 0;
}

static int job_await(struct ask *ask)
{
	while (!*ask->result) {
		int code = sd_bus_process(ask->bus, NULL);

		if (code == 0)
			code = sd_bus_wait(ask->bus, UINT64_MAX);
		if (code < 0 && code != -EINTR)
			return failed(code, NULL, "systemd's user manager went away");
	}
	if (strcmp(ask->result, "done") == 0)
		return 0;
	fprintf(stderr, "systemd's user manager could not start %s (%s): see journalctl --user -u %s\n", ask->unit,
		ask->result, ask->unit);
	return -1;
}

/* An unfinished or failed one is forgotten as soon as it is empty: nothing is to be left of it. */
static int scope_describe(sd_bus_message *message, const char *unit, const char *container, uint32_t pid)
{
	char description[UNIT_ROOM];
	int code;

	snprintf(description, sizeof description, "Container %s", container);
	code = sd_bus_message_append(message, "ss", unit, "fail");
	if (code >= 0)
		code = sd_bus_message_append(message, "a(sv)", 4,
					     "Description", "s", description,
					     "Delegate", "b", 1,
					     "CollectMode", "s", "inactive-or-failed",
					     "PIDs", "au", 1, pid);
	return code < 0 ? code : sd_bus_message_append(message, "a(sa(sv))", 0);
}

static int scope_start(struct ask *ask, const char *container, uint32_t pid)
{
	sd_bus_message *message = NULL, *answer = NULL;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int code;

	if (has_delegated(ask, pid))
		return 0;
	if (unit_name(container, ask->unit) < 0)
		return -1;
	code = sd_bus_match_signal(ask->bus, NULL, NULL, MANAGER, "JobRemoved", take_removed, ask);
	if (code >= 0)
		code = sd_bus_message_new_method_call(ask->bus, &message, SYSTEMD, MANAGER, "StartTransientUnit");
	if (code >= 0)
		code = scope_describe(message, ask->unit, container, pid);
	if (code >= 0)
		code = sd_bus_call(ask->bus, message, 0, &error, &answer);
	if (code >= 0)
		code = sd_bus_message_read(answer, "o", &ask->job);
	if (code < 0)
		code = failed(code, &error, "systemd's user manager gives no scope");
	else
		code = job_await(ask);
	sd_bus_message_unref(message);
	sd_bus_message_unref(answer);
	sd_bus_error_free(&error);
	return code;
}

static int process_attach(struct ask *ask, const char *unit, const char *below, uint32_t pid)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int code = sd_bus_call_method(ask->bus, SYSTEMD, MANAGER, "AttachProcessesToUnit", &error, NULL, "ssau", unit, below,
				      1, pid);

	if (code < 0)
		code = failed(code, &error, "systemd's user manager does not move the process");
	sd_bus_error_free(&error);
	return code;
}

int main(int argc, char **argv)
{
	struct ask ask = { .bus = NULL };
	bool start = argc == 4 && strcmp(argv[1], "start") == 0, attach = argc == 5 && strcmp(argv[1], "attach") == 0;
	uint32_t pid;
	int code;

	if (!start && !attach) {
		fputs("usage: lxs-scope start CONTAINER PID\n       lxs-scope attach UNIT CGROUP-BELOW PID\n", stderr);
		return EXIT_FAILURE;
	}
	signal(SIGALRM, give_up);
	alarm(PATIENCE_SECONDS);
	pid = (uint32_t)strtoul(argv[argc - 1], NULL, 10);
	if (manager_open(&ask) < 0)
		return EXIT_FAILURE;
	code = start ? scope_start(&ask, argv[2], pid) : process_attach(&ask, argv[2], argv[3], pid);
	sd_bus_close(ask.bus);
	sd_bus_unref(ask.bus);
	return code < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
