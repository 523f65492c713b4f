/*
 * lxs-attach: runs a command in a running container, from its run state
 * alone.  This process stays outside all the time: it starts lxs-enter, puts
 * it into the container's cgroups, lets it go, and then relays and waits.
 * Called by commands/attach.c.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/save.h"
#include "enter/enter.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/program.h"

enum { HIGH_FD = 16 };

static const char enter_program[] = PKGLIBEXECDIR "/lxs-enter";

/* Descriptors of lxs-enter are low ones, so ours are moved out of their way first. */
static int move_high(int *fd)
{
	int moved;

	if (*fd < 0)
		return 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (moved < 0)
		return -1;
	close(*fd);
	*fd = moved;
	return 0;
}

static pid_t spawn_enter(struct attachment *attachment, int theirs, struct error *err)
{
	char **words = attachment_words(attachment, err), **environment = attachment_environment(attachment);
	const int filters[] = { attachment->seccomp, attachment->clock_filter };
	int next = ENTER_FILTERS;
	owned_fd program = program_hold(enter_program);
	posix_spawn_file_actions_t actions;
	char path[32];
	pid_t pid = -1;
	int code;

	if (program < 0)
		return error_set(err, -program, "cannot open %s", enter_program);
	if (move_high(&program) < 0)
		return error_set(err, errno, "cannot arrange descriptors");
	snprintf(path, sizeof path, "/proc/self/fd/%d", program);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, theirs, ENTER_SOCKET);
	posix_spawn_file_actions_adddup2(&actions, attachment->pidfd, ENTER_PIDFD);
	posix_spawn_file_actions_adddup2(&actions, attachment->proc, ENTER_PROC);
	for (size_t i = 0; i < 2; i++)
		if (filters[i] >= 0)
			posix_spawn_file_actions_adddup2(&actions, filters[i], next++);
	code = posix_spawn(&pid, path, &actions, NULL, words, environment);
	posix_spawn_file_actions_destroy(&actions);
	return code ? error_set(err, code, "cannot run %s", enter_program) : pid;
}

/* Blocked from before the start, so that none is lost between it and the relay. */
static int watch_signals(struct attachment *attachment, struct error *err)
{
	static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
		sigaddset(&set, passed_on[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	attachment->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return attachment->signals < 0 ? error_set(err, errno, "cannot watch signals") : 0;
}

static int run(struct attachment *attachment, struct error *err)
{
	owned_fd theirs = -1;
	int pair[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "cannot make a socket");
	attachment->socket = pair[0];
	theirs = pair[1];
	if (move_high(&theirs) < 0 || move_high(&attachment->pidfd) < 0 || move_high(&attachment->proc) < 0 ||
	    move_high(&attachment->seccomp) < 0 || move_high(&attachment->clock_filter) < 0)
		return error_set(err, errno, "cannot arrange descriptors");
	if (watch_signals(attachment, err) < 0)
		return -1;
	pid = spawn_enter(attachment, theirs, err);
	if (pid < 0)
		return -1;
	own_close_fd(&theirs);
	log_debug("attach", "lxs-enter is process %d", pid);
	status = attachment_place(attachment, pid, err);
	/* One byte means go; it may be gone already, and what it had to say is still in the socket. */
	if (status == 0 && send(attachment->socket, "", 1, MSG_NOSIGNAL) < 0)
		log_debug("attach", "lxs-enter does not listen");
	if (status == 0)
		status = attachment_await(attachment, err);
	attachment_dismiss(attachment, pid);
	return status;
}

static int open_init(struct attachment *attachment, struct error *err)
{
	char path[32];

	attachment->pidfd = run_state_pidfd(&attachment->state, err);
	if (attachment->pidfd < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%d", attachment->state.init);
	attachment->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* The pidfd was opened first: when init still lives now, the directory is its own. */
	if (attachment->proc < 0 || proc_signal(attachment->pidfd, 0) < 0)
		return error_set(err, 0, "init of the container is gone");
	return 0;
}

static int open_container(struct attachment *attachment, struct rundir *run_directory, struct error *err)
{
	const struct container *container = attachment->container;
	enum container_state state;
	int answer = rundir_open(container->lxcpath, container->name, run_directory, err);

	if (answer == RUNDIR_OPENED)
		answer = run_state_read(run_directory, &attachment->state, err);
	if (answer < 0)
		return -1;
	if (answer == RUNDIR_ABSENT || attachment->state.init <= 0) {
		error_set(err, 0, "the container is not running");
		return error_hint(err, "start it with lxs-start -n %s", container->name);
	}
	if (container_state(container, &state, err) < 0)
		return -1;
	if (state == STATE_FROZEN || state == STATE_FREEZING) {
		error_set(err, 0, "the container is frozen, so a command in it would not run");
		return error_hint(err, "thaw it with lxs-unfreeze -n %s", container->name);
	}
	attachment->run = run_directory->fd;
	return open_init(attachment, err);
}

/* Settings in force: a config given for this call, else what the container was started with. */
static int find_settings(struct attachment *attachment, struct settings **owned, struct error *err)
{
	attachment->settings = attachment->container->settings;
	if (attachment->settings)
		return 0;
	*owned = settings_load(attachment->run, "settings", err);
	attachment->settings = *owned;
	return *owned ? 0 : -1;
}

static void attachment_done(struct attachment *attachment)
{
	int *const descriptors[] = { &attachment->pidfd, &attachment->proc, &attachment->seccomp, &attachment->clock_filter,
				     &attachment->clock, &attachment->socket, &attachment->command, &attachment->master,
				     &attachment->signals };

	for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++)
		own_close_fd(descriptors[i]);
	run_state_done(&attachment->state);
}

int container_attach(const struct container *container, const struct attach_options *options, struct error *err)
{
	owned_arena arena = arena_new();
	owned_rundir run_directory = RUNDIR_INIT;
	owned_settings saved = NULL;
	__attribute__((cleanup(attachment_done))) struct attachment attachment = {
		.container = container, .options = options, .arena = arena,
		.state = RUN_STATE_INIT, .pidfd = -1, .proc = -1, .seccomp = -1, .clock_filter = -1, .clock = -1,
		.socket = -1, .command = -1, .master = -1, .signals = -1, .placed = "",
	};

	if (open_container(&attachment, &run_directory, err) < 0 ||
	    find_settings(&attachment, &saved, err) < 0 || attachment_prepare(&attachment, err) < 0)
		return -1;
	if (run(&attachment, err) < 0 || attachment_relay(&attachment, err) < 0)
		return -1;
	return attachment_collect(&attachment, err);
}
