/*
 * Stops or reboots a container from its run state alone: the signals stand in
 * the file `state`, init is held by a pidfd, and neither the config nor the
 * supervisor's help is needed.  Called by lxs-stop and before destroying.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/clean.h"
#include "container/freeze.h"
#include "container/watch.h"
#include "lib/own.h"

enum { KILL_SECONDS = 60, ENDING = 1u << STATE_STOPPED };

/* systemd and its like block SIGRTMIN+3 to read it from a signalfd: whoever does so wants it as request to halt. */
static bool init_blocks(pid_t init, int signal)
{
	char path[64], line[128];
	unsigned long long blocked = 0;
	owned_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", (int)init);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
			break;
	}
	return blocked >> (signal - 1) & 1;
}

static int halt_signal(const struct run_state *state, const struct stop_options *options)
{
	if (options->halt_signal)
		return options->halt_signal;
	if (state->halt_signal)
		return state->halt_signal;
	return init_blocks(state->init, SIGRTMIN + 3) ? SIGRTMIN + 3 : SIGPWR;
}

static int send_signal(int pidfd, int number, struct error *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) == 0 || errno == ESRCH)
		return 0;
	return error_set(err, errno, "cannot signal init");
}

/* A frozen process does not act on a signal, and on cgroup v1 not even on SIGKILL. */
static int thaw(const struct rundir *run, const struct run_state *state, struct error *err)
{
	owned_error ignored = ERROR_INIT;

	if (state->state != STATE_FROZEN && state->state != STATE_FREEZING && !freezer_is_frozen(state->cgroup_payload))
		return 0;
	if (freezer_set(state, false, err) < 0)
		return -1;
	/* The supervisor learns of the end by itself, if it cannot be told of this. */
	freezer_tell(run, false, &ignored);
	return 0;
}

static int kill_init(const struct container *container, const struct rundir *run, const struct run_state *state,
		     int pidfd, struct error *err)
{
	int answer;

	if (send_signal(pidfd, state->stop_signal ? state->stop_signal : SIGKILL, err) < 0 ||
	    thaw(run, state, err) < 0)
		return -1;
	answer = container_wait_until(container, ENDING, deadline_in(KILL_SECONDS), err);
	return answer > 0 ? error_set(err, 0, "is still there %d seconds after it was killed", KILL_SECONDS) : answer;
}

static int reboot(const struct container *container, const struct run_state *state, int pidfd,
		  const struct stop_options *options, struct error *err)
{
	int signal = options->reboot_signal ? options->reboot_signal : state->reboot_signal;
	enum container_state reached;
	int answer;

	if (send_signal(pidfd, signal ? signal : SIGINT, err) < 0)
		return -1;
	if (options->timeout == 0)
		return STOP_DONE;
	answer = container_wait_next(container, state, deadline_in(options->timeout), &reached, err);
	if (answer > 0)
		return error_set(err, 0, "did not reboot within %d seconds", options->timeout);
	if (answer == 0 && reached == STATE_STOPPED)
		return error_set(err, 0, "stopped instead of rebooting");
	return answer;
}

static int shut_down(const struct container *container, const struct rundir *run, const struct run_state *state,
		     int pidfd, const struct stop_options *options, struct error *err)
{
	int answer;

	if (send_signal(pidfd, halt_signal(state, options), err) < 0 || thaw(run, state, err) < 0)
		return -1;
	if (options->timeout == 0)
		return STOP_DONE;
	answer = container_wait_until(container, ENDING, deadline_in(options->timeout), err);
	if (answer <= 0)
		return answer;
	if (options->no_kill)
		return error_set(err, 0, "did not stop within %d seconds", options->timeout);
	return kill_init(container, run, state, pidfd, err);
}

/* One that is just starting can be signalled once it runs; one that is ending needs no signal. */
static int await_running(const struct container *container, struct rundir *run, struct run_state *state, int timeout,
			 struct error *err)
{
	const unsigned settled = 1u << STATE_RUNNING | 1u << STATE_FROZEN | 1u << STATE_STOPPED;
	int answer = container_wait(container, settled, timeout > 0 ? timeout : KILL_SECONDS, err);

	if (answer > 0)
		return error_set(err, 0, "is still %s", container_state_names[state->state]);
	if (answer < 0)
		return -1;
	rundir_done(run);
	run_state_done(state);
	return container_run_state(container, run, state, err);
}

int container_stop(const struct container *container, const struct stop_options *options, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	owned_fd pidfd = -1;
	int answer = container_run_state(container, &run, &state, err);

	if (answer == RUNDIR_OPENED && state.state != STATE_RUNNING && state.state != STATE_FROZEN &&
	    state.state != STATE_FREEZING) {
		answer = await_running(container, &run, &state, options->timeout, err);
		if (answer == RUNDIR_ABSENT)
			return STOP_DONE;
	}
	if (answer == RUNDIR_ABSENT)
		return container_clean(container, err) < 0 ? -1 : STOP_NOT_RUNNING;
	if (answer < 0)
		return -1;
	pidfd = run_state_pidfd(&state, err);
	if (pidfd < 0 && err->code == ESRCH) {
		error_done(err);
		return container_wait(container, ENDING, KILL_SECONDS, err) == 0 ? STOP_DONE : -1;
	}
	if (pidfd < 0)
		return -1;
	if (options->kill)
		return kill_init(container, &run, &state, pidfd, err);
	if (options->reboot)
		return reboot(container, &state, pidfd, options, err);
	return shut_down(container, &run, &state, pidfd, options, err);
}
