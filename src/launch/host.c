/*
 * The host side's loop: runs the host steps in order, meets init at the sync
 * points, and on a failure takes everything back.  Called by
 * container/start.c.
 */
#include "launch/host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch/cgroup.h"
#include "launch/mount_map.h"
#include "launch/report.h"
#include "launch/sync.h"
#include "launch/undo.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/proc.h"

void launch_init(struct launch *launch, const struct plan *plan, struct rundir *run)
{
	*launch = (struct launch){
		.plan = plan, .run = run,
		.net_ahead = -1,
		.pidfd = -1, .sync = -1, .small_init = -1, .device = -1, .tree = -1, .rootfs = -1, .console = -1,
		.seccomp_notify = -1, .notify_proxy = -1, .clock = CLOCK_CLAIM_NONE, .clock_service = -1,
	};
	for (int i = 0; i < LAUNCH_NAMESPACES; i++)
		launch->shared[i] = -1;
	for (int i = 0; i < LAUNCH_TTYS_MAX; i++)
		launch->ttys[i] = -1;
}

void launch_done(struct launch *launch)
{
	for (int i = 0; i < LAUNCH_NAMESPACES; i++)
		own_close_fd(&launch->shared[i]);
	for (int i = 0; i < LAUNCH_TTYS_MAX; i++)
		own_close_fd(&launch->ttys[i]);
	own_close_fd(&launch->net_ahead);
	launch_cgroup_done(&launch->monitor);
	launch_cgroup_done(&launch->payload);
	own_close_fd(&launch->pidfd);
	own_close_fd(&launch->sync);
	own_close_fd(&launch->small_init);
	own_close_fd(&launch->device);
	own_close_fd(&launch->tree);
	own_close_fd(&launch->rootfs);
	own_close_fd(&launch->console);
	own_close_fd(&launch->seccomp_notify);
	own_close_fd(&launch->notify_proxy);
	own_close_fd(&launch->clock_service);
	own_close_fd(&launch->clock.lock);
	own_close_fd(&launch->clock.record);
	own_close_fd(&launch->clock.attached);
	own_free(&launch->clock_filter);
	run_state_done(&launch->state);
	own_free(&launch->program.memory);
	launch->filter = NULL;
}

static int descriptor_keep(struct launch *launch, enum sync_descriptor what, int descriptor, struct error *err)
{
	if (what == SYNC_NOTIFY && launch->answerer && launch->seccomp_notify < 0) {
		launch->seccomp_notify = descriptor;
		return launch->answerer(launch, err);
	}
	if (what == SYNC_CONSOLE && launch->console < 0)
		launch->console = descriptor;
	else if (what == SYNC_TTY && launch->tty_count < LAUNCH_TTYS_MAX)
		launch->ttys[launch->tty_count++] = descriptor;
	else {
		close(descriptor);
		return error_set(err, EPROTO, "init sent a descriptor nobody asked for");
	}
	return 0;
}

/* All of them, or none: what is not kept is closed. */
static int descriptors_keep(struct launch *launch, enum sync_descriptor what, const int *descriptors, size_t count,
			    struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			result = descriptor_keep(launch, what, descriptors[i], err);
		else
			close(descriptors[i]);
	}
	return result;
}

static int failure_report(struct launch *launch, const struct sync_message *message, struct error *err)
{
	const struct side *side = &launch->plan->container;

	if (message->number >= side->count)
		return error_set(err, EPROTO, "init reported a step that does not exist");
	return launch_report(&side->steps[message->number], message->code, message->detail, err);
}

/* A filter can forbid all that init does after it is loaded, its last words included. */
static int filter_report(const struct side *side, struct error *err)
{
	for (size_t i = 0; i < side->count; i++) {
		if (side->steps[i].kind != STEP_SECCOMP)
			continue;
		error_asked_by(err, side->steps[i].origin);
		return error_hint(err, "the profile forbids a system call that init needs to come up, "
				       "such as execve, close_range or sendmsg");
	}
	return -1;
}

/* Init is gone without a word: what does its parent know? */
static int death_report(struct launch *launch, struct error *err)
{
	char text[64];
	int status = proc_wait(launch->init);

	launch->init = 0;
	if (status < 0)
		return error_set(err, -status, "init died while it was set up");
	error_set(err, 0, "init %s while it was set up", proc_status_text(status, text, sizeof text));
	return WIFEXITED(status) || WTERMSIG(status) == SIGSYS ? filter_report(&launch->plan->container, err) : -1;
}

/* Takes one message.  1: taken; 0: the socket was closed; -1. */
static int message_take(struct launch *launch, struct error *err)
{
	struct sync_message message;
	int descriptors[LAUNCH_TTYS_MAX];
	size_t count;
	int got = sync_receive_many(launch->sync, &message, descriptors, &count);

	if (got < 0)
		return error_set(err, -got, "cannot hear from init");
	if (got == 0)
		return 0;
	if (message.type == SYNC_FAILED)
		return failure_report(launch, &message, err);
	if (message.type == SYNC_DESCRIPTOR && count > 0)
		return descriptors_keep(launch, message.number, descriptors, count, err) < 0 ? -1 : 1;
	if (message.type == SYNC_MAP && count == 1) {
		owned_fd mount = descriptors[0];

		return launch_mount_map(launch, message.number, mount, err) < 0 ? -1 : 1;
	}
	while (count > 0)
		close(descriptors[--count]);
	if (message.type != SYNC_REACHED || message.number >= SYNC_POINTS)
		return error_set(err, EPROTO, "init sent what cannot be understood");
	launch->reached |= 1U << message.number;
	return 1;
}

int launch_await(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_sync *args = step->args;

	/* The first long wait: init mounts, and after it is on its last steps. */
	if (args->point >= SYNC_MADE && launch->meanwhile) {
		int (*meanwhile)(void *, struct error *) = launch->meanwhile;

		launch->meanwhile = NULL;
		if (meanwhile(launch->context, err) < 0)
			return -1;
	}
	while (!(launch->reached & 1U << args->point)) {
		int got = message_take(launch, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return death_report(launch, err);
	}
	return 0;
}

int launch_release(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_sync *args = step->args;
	struct sync_message message = { .type = SYNC_GO, .number = args->point };
	int code = sync_send(launch->sync, &message, args->point == SYNC_PLACED ? launch->tree : -1);

	/* EPIPE: init failed before it came here; what it had to say is in the socket. */
	if (code == -EPIPE)
		return launch_await(launch, step, err);
	if (code < 0)
		return launch_report(step, -code, "", err);
	return 0;
}

/* The socket closes when init is executed, and with a report before when it cannot be. */
static int exec_wait(struct launch *launch, struct error *err)
{
	int got;

	do
		got = message_take(launch, err);
	while (got > 0);
	own_close_fd(&launch->sync);
	return got;
}

/* One line of the plan in the log; the container side allocates nothing, so its steps are logged beforehand. */
static void step_log(const struct step *step)
{
	owned_str text = NULL;
	size_t size = 0;
	FILE *out = log_wanted(LEVEL_DEBUG) ? open_memstream(&text, &size) : NULL;

	if (!out)
		return;
	plan_print_step(step, out);
	fclose(out);
	text[strcspn(text, "\n")] = '\0';
	log_debug("launch", "%s", text);
}

static int steps_prepare(struct launch *launch, struct error *err)
{
	const struct side *side = &launch->plan->container;

	for (size_t i = 0; i < side->count; i++) {
		const struct launch_row *row = &launch_table[side->steps[i].kind];

		if (!row->inside)
			return error_set(err, ENOSYS, "internal error: step %s cannot be run",
					 step_kinds[side->steps[i].kind].name);
		if (row->prepare && row->prepare(launch, &side->steps[i], err) < 0)
			return error_asked_by(err, side->steps[i].origin);
		step_log(&side->steps[i]);
	}
	return 0;
}

/* When init failed meanwhile, a step on it fails because of that: what init had to say counts. */
static void init_word_prefer(struct launch *launch, struct error *failure)
{
	struct pollfd heard = { .fd = launch->sync, .events = POLLIN };

	while (launch->sync >= 0 && poll(&heard, 1, 0) == 1) {
		owned_error told = ERROR_INIT;
		int got = message_take(launch, &told);

		if (got < 0)
			error_move(failure, &told);
		if (got <= 0)
			return;
	}
}

static int steps_run(struct launch *launch, struct error *err)
{
	const struct side *side = &launch->plan->host;

	for (size_t i = 0; i < side->count; i++) {
		const struct step *step = &side->steps[i];
		const struct launch_row *row = &launch_table[step->kind];
		owned_error failure = ERROR_INIT;

		if (!row->host)
			return error_set(err, ENOSYS, "internal error: step %s cannot be run",
					 step_kinds[step->kind].name);
		step_log(step);
		if (row->host(launch, step, &failure) == 0)
			continue;
		if (!step->optional) {
			error_asked_by(&failure, step->origin);
			init_word_prefer(launch, &failure);
			return error_move(err, &failure);
		}
		log_warn("launch", "%s", failure.message ? failure.message : "an optional step failed");
	}
	if (launch->released && launch->released(launch->context, err) < 0)
		return -1;
	return exec_wait(launch, err);
}

void launch_abort(struct launch *launch)
{
	owned_error ignored = ERROR_INIT;

	if (launch->init > 0) {
		proc_signal(launch->pidfd, SIGKILL);
		proc_wait(launch->init);
		launch->init = 0;
	}
	if (launch->run && launch->run->journal >= 0)
		journal_undo(launch->run, launch_undo_kinds, &ignored);
}

int launch_run(struct launch *launch, struct error *err)
{
	if (steps_prepare(launch, err) < 0 || steps_run(launch, err) < 0) {
		launch_abort(launch);
		return -1;
	}
	return 0;
}
