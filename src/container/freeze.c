/*
 * Freezes and thaws the payload's cgroup: freezer.state where the freezer is
 * a v1 controller, cgroup.freeze of v2 else (cgroups(7)).  Works from the
 * file `state`; the supervisor is told afterwards, so that watchers hear it.
 */
#include "container/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/watch.h"
#include "control/client.h"
#include "lib/own.h"

enum { FREEZE_SECONDS = 60, V1_LOOK_MS = 10 };

/* ---- files of a cgroup ---- */

static int file_write(int directory, const char *file, const char *text)
{
	owned_fd fd = openat(directory, file, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) >= 0 ? 0 : -1;
}

/* Reads from the start of an open file: 1 when it has the word, 0 when not, -1 with errno. */
static int file_has(int fd, const char *word)
{
	char text[256];
	ssize_t length = pread(fd, text, sizeof text - 1, 0);

	if (length < 0)
		return -1;
	text[length] = '\0';
	return strstr(text, word) != NULL;
}

/* ---- the two ways ---- */

/* v1 tells nobody when it is done, so it is looked at again; writing also pushes stragglers. */
static int freeze_v1(int directory, bool frozen, deadline_t deadline)
{
	const char *word = frozen ? "FROZEN" : "THAWED";
	owned_fd fd = openat(directory, "freezer.state", O_RDONLY | O_CLOEXEC);
	int done = 0;

	if (fd < 0)
		return -1;
	while (file_write(directory, "freezer.state", word) == 0 && (done = file_has(fd, word)) == 0) {
		if (deadline_left(deadline) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		poll(NULL, 0, V1_LOOK_MS);
	}
	return done > 0 ? 0 : -1;
}

static int freeze_v2(int directory, bool frozen, deadline_t deadline)
{
	const char *word = frozen ? "frozen 1" : "frozen 0";
	owned_fd fd = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd wait = { .fd = fd, .events = POLLPRI };
	int done;

	if (fd < 0 || file_write(directory, "cgroup.freeze", frozen ? "1" : "0") < 0)
		return -1;
	while ((done = file_has(fd, word)) == 0) {
		if (deadline_left(deadline) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		poll(&wait, 1, deadline_left(deadline));
	}
	return done > 0 ? 0 : -1;
}

/* ---- the cgroup ---- */

/* The next of the directories (one a line), opened, and moves *cursor behind it; -1 at the end or when it is gone. */
static int open_next(const char **cursor)
{
	const char *start = *cursor, *end = strchrnul(start, '\n');
	owned_str path = strndup(start, (size_t)(end - start));

	*cursor = *end ? end + 1 : end;
	return path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* Opens the first of the directories that has the file; -1. */
static int open_with(const char *directories, const char *file)
{
	for (const char *cursor = directories; cursor && *cursor;) {
		owned_fd fd = open_next(&cursor);

		if (fd >= 0 && faccessat(fd, file, W_OK, 0) == 0)
			return steal_fd(&fd);
	}
	return -1;
}

static bool directory_is_frozen(int directory)
{
	static const struct { const char *file, *word; } signs[] = {
		{ "cgroup.events", "frozen 1" }, { "freezer.state", "FROZEN" }, { "freezer.state", "FREEZING" },
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		owned_fd fd = openat(directory, signs[i].file, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && file_has(fd, signs[i].word) > 0)
			return true;
	}
	return false;
}

bool freezer_is_frozen(const char *directories)
{
	for (const char *cursor = directories; cursor && *cursor;) {
		owned_fd directory = open_next(&cursor);

		if (directory >= 0 && directory_is_frozen(directory))
			return true;
	}
	return false;
}

/* The container may have frozen itself, below what we freeze: it has cgroups of its own to write to. */
static void thaw_payload(const struct run_state *state)
{
	for (const char *cursor = state->cgroup_payload; cursor && *cursor;) {
		owned_fd directory = open_next(&cursor);

		if (directory >= 0 && file_write(directory, "cgroup.freeze", "0") < 0)
			file_write(directory, "freezer.state", "THAWED");
	}
}

int freezer_set(const struct run_state *state, bool frozen, struct error *err)
{
	const char *directories = state->cgroup_limit ? state->cgroup_limit : state->cgroup_payload;
	deadline_t deadline = deadline_in(FREEZE_SECONDS);
	owned_fd v1 = open_with(directories, "freezer.state");
	owned_fd v2 = v1 < 0 ? open_with(directories, "cgroup.freeze") : -1;
	int failure;

	if (v1 < 0 && v2 < 0)
		return error_set(err, 0, "the container has no cgroup that can be frozen");
	if (!frozen)
		thaw_payload(state);
	if ((v1 >= 0 ? freeze_v1(v1, frozen, deadline) : freeze_v2(v2, frozen, deadline)) == 0)
		return 0;
	failure = errno;
	/* The thawed container ended at once, and its cgroup with it. */
	if (!frozen && (failure == ENODEV || failure == ENOENT))
		return 0;
	/* Half frozen helps nobody. */
	if (frozen && v1 >= 0)
		file_write(v1, "freezer.state", "THAWED");
	else if (frozen)
		file_write(v2, "cgroup.freeze", "0");
	return error_set(err, failure, "cannot %s the cgroup", frozen ? "freeze" : "thaw");
}

int freezer_tell(const struct rundir *run, bool frozen, struct error *err)
{
	int value = frozen ? STATE_FROZEN : STATE_THAWED;
	owned_fd connection = -1;
	int answer = control_connect(run, &connection, err);

	if (answer == CONTROL_CONNECTED)
		answer = control_call(connection, CONTROL_FROZEN, &value, NULL, NULL, err);
	/* A thawed container may end at once, and its supervisor with it: then nobody needs to know. */
	if (answer < 0 && !frozen && (err->code == ECONNRESET || err->code == EPIPE)) {
		error_done(err);
		return 0;
	}
	return answer < 0 ? -1 : 0;
}

int container_freeze(const struct container *container, bool frozen, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	int answer = container_run_state(container, &run, &state, err);

	if (answer < 0)
		return -1;
	if (answer == RUNDIR_ABSENT)
		return frozen ? error_set(err, 0, "is not running") : 0;
	if (frozen ? state.state == STATE_FROZEN : state.state == STATE_RUNNING && !freezer_is_frozen(state.cgroup_payload))
		return 0;
	if (state.state != STATE_RUNNING && state.state != STATE_FROZEN && state.state != STATE_FREEZING)
		return error_set(err, 0, "is %s", container_state_names[state.state]);
	if (freezer_set(&state, frozen, err) < 0)
		return -1;
	return freezer_tell(&run, frozen, err);
}
