/*
 * A container's run from its claim to the supervisor (container/run.h).  Apart
 * from start.c because a reboot and the clean-up in another program (`lxs
 * ended`) use it too.
 */
#include "container/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/rootfs_source.h"
#include "config/save.h"
#include "control/client.h"
#include "control/journal.h"
#include "launch/undo.h"
#include "lib/log.h"
#include "lib/own.h"
#include "lib/text.h"

void run_init(struct run *run, struct container *container, const struct start_options *options)
{
	*run = (struct run){ .container = container, .options = options, .dir = RUNDIR_INIT, .control = -1,
			      .terminal = -1 };
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		run->namespaces[i] = -1;
}

void run_forget(struct run *run)
{
	if (run->launched)
		launch_done(&run->launch);
	run->launched = false;
	plan_free(run->plan);
	run->plan = NULL;
	arena_free(run->arena);
	run->arena = NULL;
}

void run_done(struct run *run)
{
	run_forget(run);
	own_free(&run->cgroup_use);
	own_free(&run->cgroup_pattern);
	own_close_fd(&run->control);
	own_close_fd(&run->terminal);
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		own_close_fd(&run->namespaces[i]);
	rundir_done(&run->dir);
}

int run_claim(struct run *run, struct error *err)
{
	const struct container *container = run->container;
	owned_error ignored = ERROR_INIT;
	int answer = rundir_claim(container->lxcpath, container->name, &run->dir, err);

	if (answer < 0)
		return -1;
	if (answer == RUNDIR_BUSY)
		return error_set(err, 0, "Container is already running");
	if (run->dir.leftover && journal_undo(&run->dir, launch_undo_kinds, &ignored) < 0)
		log_warn("container", "what an earlier run left could not all be removed: %s", ignored.message);
	run->control = control_listen(&run->dir, err);
	if (run->control < 0)
		return -1;
	return journal_open(&run->dir, err);
}

static bool is_same_file(const char *one, const char *other)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool has_down_script(const struct settings *settings)
{
	for (size_t i = 0; i < settings_net_count(settings); i++)
		if (net_value(settings_net(settings, i), "lxc.net.N.script.down"))
			return true;
	return false;
}

/*
 * Hooks and scripts after the end are told where the container's namespaces can still be
 * reached; one that init shares with the host is not the container's.
 */
static void namespaces_keep(struct run *run)
{
	char path[64], own[64];

	if (settings_values(run->container->settings, "lxc.hook.stop")->count == 0 &&
	    !has_down_script(run->container->settings))
		return;
	for (int i = 0; i < HANDOVER_NAMESPACES; i++) {
		snprintf(path, sizeof path, "/proc/%d/ns/%s", run->launch.init, handover_namespace_names[i]);
		snprintf(own, sizeof own, "/proc/self/ns/%s", handover_namespace_names[i]);
		own_close_fd(&run->namespaces[i]);
		if (!is_same_file(path, own))
			run->namespaces[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
}

/* One a line, allocated; NULL when there are none. */
static char *groups_text(const struct values *groups)
{
	owned_buffer text = { 0 };

	for (size_t i = 0; i < groups->count; i++)
		buffer_printf(&text, "%s%s", i > 0 ? "\n" : "", groups->items[i].text);
	return groups->count > 0 ? strdup(buffer_text(&text)) : NULL;
}

/* All is known now but whether init can be executed. */
static int state_prepare(void *context, struct error *err)
{
	struct run *run = context;
	const struct settings *settings = run->container->settings;
	const struct value *own = settings_value(settings, "lxs.seccomp.profile");
	const struct value *profile = own ? own : settings_value(settings, "lxc.seccomp.profile");
	struct run_state *state = &run->launch.state;
	const struct side *host = &run->plan->host;

	state->state = STATE_RUNNING;
	state->init = run->launch.init;
	state->supervisor = getpid();
	state->init_start = process_start_time(state->init);
	state->halt_signal = (int)settings_number(settings, "lxc.signal.halt");
	state->reboot_signal = (int)settings_number(settings, "lxc.signal.reboot");
	state->stop_signal = (int)settings_number(settings, "lxc.signal.stop");
	state->tty_max = (unsigned)run->launch.tty_count;
	state->no_new_privs = settings_flag(settings, "lxc.no_new_privs");
	state->personality_32bit = settings_value(settings, "lxc.arch") &&
				   settings_number(settings, "lxc.arch") == PER_LINUX32;
	state->seccomp_profile = run->launch.filter && profile ? strdup(profile->text) : NULL;
	state->bounding = settings_capabilities(settings, run->host.last_capability);
	state->start_auto = settings_number(settings, "lxc.start.auto") != 0;
	state->unprivileged = settings_values(settings, "lxc.idmap")->count > 0;
	state->groups = groups_text(settings_values(settings, "lxc.group"));
	for (size_t i = 0; i < host->count; i++)
		if (host->steps[i].kind == STEP_CLONE)
			state->has_cgroup_namespace = run->host.cgroup_namespaces;
	return run_state_prepare(&run->dir, state, err);
}

static int pidfile_write(const char *path, struct error *err)
{
	owned_fd file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file < 0 || dprintf(file, "%d", getpid()) < 0)
		return error_set(err, errno, "cannot write the pid file %s", path);
	return 0;
}

static int launch_failed(struct run *run, struct error *err)
{
	owned_error ignored = ERROR_INIT;
	bool reboot = false;

	run_state_set(&run->dir, STATE_ABORTING, &ignored);
	/* Hooks that clean up after a container run if there was one, as in LXC. */
	if (run->launch.pidfd >= 0)
		run_end(run, SIGKILL, run->options->pidfile, &reboot, &ignored);
	else if (run->options->pidfile)
		unlink(run->options->pidfile);
	return err ? -1 : 0;
}

/* What a reboot and lxs-attach read later. */
static int request_keep(void *context, struct error *err)
{
	struct run *run = context;

	if (settings_save(run->container->settings, run->dir.fd, "settings", err) < 0)
		return -1;
	return request_save(&run->dir, run->options, err);
}

/* The terminal whose other end is the container's console; without a console it is that of init's output. */
static int terminal_open(struct run *run, struct error *err)
{
	const struct value *path = settings_value(run->container->settings, "lxc.console.path");
	owned_fd fd = -1;

	own_close_fd(&run->terminal);
	if (path && strcmp(path->text, "none") == 0)
		path = NULL;
	if (path)
		fd = open(path->text, O_RDWR | O_NOCTTY | O_CLOEXEC);
	else if (run->options->foreground)
		fd = isatty(0) ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (path && (fd < 0 || !isatty(fd))) {
		error_set(err, fd < 0 ? errno : ENOTTY, "cannot use %s as the console", path->text);
		error_asked_by(err, path->origin);
		return error_hint(err, "lxc.console.path names a terminal of the host, or is none");
	}
	if (fd >= 0 && isatty(fd))
		run->terminal = steal_fd(&fd);
	return 0;
}

/* The supervisor opens it; what it could not is told while there is somebody to tell. */
static int log_check(const struct run *run, struct error *err)
{
	const struct value *path = settings_value(run->container->settings, "lxc.console.logfile");
	owned_fd file = -1;

	if (rootfs_refuse_inside(run->container->settings, "lxc.console.logfile", err) < 0)
		return -1;
	if (path)
		file = open(path->text, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0640);
	if (!path || file >= 0 || errno == ENXIO) /* a pipe that nobody reads yet */
		return 0;
	error_set(err, errno, "cannot write the console's log %s", path->text);
	return error_asked_by(err, path->origin);
}

int run_launch(struct run *run, struct error *err)
{
	const struct run_state starting = { .state = STATE_STARTING, .supervisor = getpid() };

	if (run_state_write(&run->dir, &starting, err) < 0)
		return -1;
	if (terminal_open(run, err) < 0 || log_check(run, err) < 0)
		return -1;
	/* Of the life before a reboot: that container's rules and nodes are gone. */
	unlinkat(run->dir.fd, "devices", 0);
	unlinkat(run->dir.fd, "nodes", 0);
	if (run->options->pidfile && pidfile_write(run->options->pidfile, err) < 0)
		return -1;
	run->launch.meanwhile = request_keep;
	run->launch.released = state_prepare;
	run->launch.context = run;
	if (launch_run(&run->launch, err) < 0)
		return launch_failed(run, err);
	namespaces_keep(run);
	if (run_state_commit(&run->dir, err) < 0) {
		launch_abort(&run->launch);
		return launch_failed(run, err);
	}
	return 0;
}

static uint64_t size_of(const struct settings *settings, const char *key)
{
	const struct value *value = settings_value(settings, key);

	return value ? value->size : 0;
}

void run_hand_over(struct run *run, struct supervise *supervise)
{
	const struct settings *settings = run->container->settings;
	struct launch *launch = &run->launch;

	supervise_init(supervise);
	supervise->name = run->container->name;
	supervise->lxcpath = run->container->lxcpath;
	supervise->init = launch->init;
	supervise->pidfd = steal_fd(&launch->pidfd);
	supervise->terminal = launch->console < 0 ? -1 : steal_fd(&run->terminal);
	supervise->rootfs = steal_fd(&launch->rootfs);
	supervise->console = steal_fd(&launch->console);
	for (size_t i = 0; i < launch->tty_count; i++)
		run->ttys[i] = steal_fd(&launch->ttys[i]);
	supervise->ttys = run->ttys;
	supervise->tty_count = launch->tty_count;
	launch->tty_count = 0;
	supervise->control = run->control;
	supervise->run_dir = run->dir.fd;
	supervise->lock = run->dir.lock;
	supervise->console_log = settings_string(settings, "lxc.console.logfile");
	supervise->console_log_size = size_of(settings, "lxc.console.size");
	supervise->console_rotate = settings_flag(settings, "lxc.console.rotate");
	supervise->console_buffer = size_of(settings, "lxc.console.buffer.size");
	supervise->pidfile = run->options->pidfile;
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		supervise->namespaces[i] = run->namespaces[i];
}
