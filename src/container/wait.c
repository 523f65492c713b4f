/*
 * Waits for a state.  While a supervisor runs it is asked once and answers
 * when the time has come; while none runs, inotify(7) on the run directory
 * tells of the next one.  Used by lxs-wait and by stopping.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "container/watch.h"
#include "control/client.h"
#include "lib/own.h"

enum { WITHOUT_INOTIFY_MS = 50 };

/* ---- deadlines ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

deadline_t deadline_in(int seconds)
{
	return seconds < 0 ? DEADLINE_NEVER : now_ms() + (int64_t)seconds * 1000;
}

int deadline_left(deadline_t deadline)
{
	int64_t left = deadline - now_ms();

	if (deadline == DEADLINE_NEVER)
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* ---- the state now ---- */

int container_run_state(const struct container *container, struct rundir *run, struct run_state *state,
			struct error *err)
{
	int answer = rundir_open(container->lxcpath, container->name, run, err);

	if (answer != RUNDIR_OPENED)
		return answer;
	answer = run_state_read(run, state, err);
	if (answer == RUNDIR_ABSENT) {
		*state = RUN_STATE_INIT;
		state->state = STATE_STARTING;
	}
	return answer < 0 ? -1 : RUNDIR_OPENED;
}

/* ---- by inotify ---- */

/* Watches an opened directory; one that vanished meanwhile has nothing to tell. */
static void watch_directory(int inotify, int directory)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
	inotify_add_watch(inotify, path,
			  IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR);
}

/*
 * An inotify descriptor that becomes readable when the run directory comes,
 * goes, gets a new state, or loses its owner (the lock file is closed).  To
 * be opened before the state is read.  *ret is -1 when there is none left to
 * be had; where no run directory can ever come, waiting for one is an error.
 */
static int watch_open(const struct container *container, int *ret, struct error *err)
{
	owned_fd parent = -1;
	owned_fd run = -1;
	owned_fd inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (rundir_open_parent(container->lxcpath, true, &parent, err) != RUNDIR_OPENED)
		return -1;
	if (inotify < 0)
		return 0;
	watch_directory(inotify, parent);
	/* Also one that nobody owns yet: it was made a moment ago, and is about to be locked. */
	run = openat(parent, container->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (run >= 0)
		watch_directory(inotify, run);
	*ret = steal_fd(&inotify);
	return 0;
}

/* Waits for the next event.  1 when the deadline passed first. */
static int watch_wait(int inotify, deadline_t deadline)
{
	struct pollfd wait = { .fd = inotify, .events = POLLIN };
	int left = deadline_left(deadline);

	/* A user has only so many inotify instances; without one, looking again is all that is left. */
	if (inotify < 0 && (left < 0 || left > WITHOUT_INOTIFY_MS))
		return poll(NULL, 0, WITHOUT_INOTIFY_MS) < 0;
	return poll(&wait, inotify < 0 ? 0 : 1, left) == 0;
}

/* ---- by the supervisor ---- */

/*
 * Asks the supervisor and waits.  RUNDIR_OPENED with *reached (or STATES when
 * it ended the connection: look again), RUNDIR_ABSENT when nobody listens,
 * RUNDIR_BUSY when the deadline passed, -1.
 */
static int ask_supervisor(const struct rundir *run, unsigned states, deadline_t deadline, unsigned *reached,
			  struct error *err)
{
	struct control_message message = {
		.version = CONTROL_VERSION, .request = CONTROL_WATCH, .value = (int32_t)states,
	};
	owned_fd connection = -1;
	int answer = control_connect(run, &connection, err);
	struct pollfd wait = { .fd = connection, .events = POLLIN };

	if (answer != CONTROL_CONNECTED)
		return answer == CONTROL_NOBODY ? RUNDIR_ABSENT : -1;
	*reached = STATES;
	if (control_send(connection, &message, NULL, 0) < 0)
		return RUNDIR_OPENED;
	if (poll(&wait, 1, deadline_left(deadline)) == 0)
		return RUNDIR_BUSY;
	if (control_receive(connection, &message, NULL, NULL) > 0 && message.result == 0)
		*reached = (unsigned)message.value;
	return RUNDIR_OPENED;
}

/* ---- waiting ---- */

/* One look and one wait.  0: reached; 1: the deadline passed; 2: look again; -1. */
static int wait_once(const struct container *container, unsigned states, deadline_t deadline, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	owned_fd inotify = -1;
	unsigned reached = STATES;
	int answer = container_run_state(container, &run, &state, err);

	if (answer < 0)
		return -1;
	if (states & 1u << (answer == RUNDIR_ABSENT ? STATE_STOPPED : state.state))
		return 0;
	if (deadline_left(deadline) == 0)
		return 1;
	if (answer == RUNDIR_OPENED)
		answer = ask_supervisor(&run, states, deadline, &reached, err);
	if (answer == RUNDIR_BUSY)
		return 1;
	if (answer != RUNDIR_ABSENT)
		return answer < 0 ? -1 : reached < STATES && states & 1u << reached ? 0 : 2;

	if (watch_open(container, &inotify, err) < 0)
		return -1;
	rundir_done(&run);
	run_state_done(&state);
	/* It may have changed just before the watch began. */
	answer = container_run_state(container, &run, &state, err);
	if (answer < 0)
		return -1;
	if (states & 1u << (answer == RUNDIR_ABSENT ? STATE_STOPPED : state.state))
		return 0;
	return watch_wait(inotify, deadline) && deadline_left(deadline) == 0 ? 1 : 2;
}

int container_wait_until(const struct container *container, unsigned states, deadline_t deadline, struct error *err)
{
	int answer = 2;

	while (answer == 2)
		answer = wait_once(container, states, deadline, err);
	return answer;
}

int container_wait(const struct container *container, unsigned states, int timeout, struct error *err)
{
	return container_wait_until(container, states, deadline_in(timeout), err);
}

int container_wait_next(const struct container *container, const struct run_state *previous, deadline_t deadline,
			enum container_state *ret, struct error *err)
{
	for (;;) {
		owned_fd inotify = -1;
		owned_rundir run = RUNDIR_INIT;
		owned_run_state state = RUN_STATE_INIT;
		int answer = watch_open(container, &inotify, err) < 0 ? -1 : container_run_state(container, &run, &state, err);

		if (answer < 0)
			return -1;
		*ret = answer == RUNDIR_ABSENT ? STATE_STOPPED : state.state;
		if (*ret == STATE_STOPPED)
			return 0;
		if (*ret == STATE_RUNNING &&
		    (state.init != previous->init || state.init_start != previous->init_start))
			return 0;
		if (watch_wait(inotify, deadline) && deadline_left(deadline) == 0)
			return 1;
	}
}
