/*
 * Starting a container, in the foreground (this process supervises) or in the
 * background (a forked launcher becomes the supervisor and reports through a
 * pipe until init runs).
 */
#include "container/container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/handback.h"
#include "container/partial.h"
#include "container/run.h"
#include "container/verb_lock.h"
#include "launch/cgroup.h"
#include "launch/net_ahead.h"
#include "lib/log.h"
#include "lib/file.h"
#include "lib/own.h"

static int start_check(const struct container *container, struct error *err)
{
	owned_str directory = NULL;

	if (asprintf(&directory, "%s/%s", container->lxcpath, container->name) < 0)
		return error_set(err, ENOMEM, "cannot name the container's directory");
	return partial_refuse(directory, err);
}

/* The first descriptor that was not passed on by socket activation: those stay. */
static unsigned inherited_first(void)
{
	const char *listen = getenv("LISTEN_FDS");
	long count = listen ? strtol(listen, NULL, 10) : 0;

	return 3 + (count > 0 && count < 1024 ? (unsigned)count : 0);
}

/*
 * Descriptors of a caller that forgot to close them.  They are closed by the
 * next exec: ours among them (the log) are needed until then.
 */
static void inherited_close(void)
{
	syscall(SYS_close_range, inherited_first(), ~0U, CLOSE_RANGE_CLOEXEC);
}

/* A signal in the middle of a launch would leave half a container: they wait for the supervisor. */
static void signals_hold(sigset_t *previous)
{
	static const int held[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, previous);
}

/* After the claim: who takes the lock of the directory from now on sees that the container is being started. */
static int refuse_at_work(const struct container *container, struct error *err)
{
	owned_str directory = NULL;

	if (asprintf(&directory, "%s/%s", container->lxcpath, container->name) < 0) {
		directory = NULL;
		return error_set(err, ENOMEM, "cannot name the container's directory");
	}
	return verb_refuse(directory, err);
}

/* Claims and launches what is planned. */
static int run_begin(struct run *run, struct error *err)
{
	if (run_claim(run, err) < 0)
		return -1;
	if (refuse_at_work(run->container, err) == 0 && run_launch(run, err) == 0)
		return 0;
	rundir_remove(&run->dir);
	return -1;
}

static int foreground(struct run *run, int *wait_status, struct error *err)
{
	bool reboot;
	sigset_t previous;
	int result;

	/* This process stays, and has opened nothing but the log yet. */
	if (run->options->close_fds)
		log_close_others(inherited_first());
	signals_hold(&previous);
	result = run_begin(run, err);
	while (result == 0) {
		owned_error ignored = ERROR_INIT;
		struct supervise supervise;

		run_hand_over(run, &supervise);
		launch_cgroup_settle(&run->launch);
		*wait_status = supervise_run(&supervise);
		if (*wait_status < 0)
			*wait_status = SIGKILL;
		run_end(run, *wait_status, run->options->pidfile, &reboot, &ignored);
		if (!reboot)
			break;
		if (run_plan(run, err) < 0 || run_launch(run, err) < 0) {
			rundir_remove(&run->dir);
			result = -1;
		}
	}
	sigprocmask(SIG_SETMASK, &previous, NULL);
	return result;
}

/* Away from the caller's terminal, directory and descriptors. */
static int launcher_detach(struct error *err)
{
	owned_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return error_set(err, errno, "cannot open /dev/null");
	if (setsid() < 0 || chdir("/") < 0)
		return error_set(err, errno, "cannot leave the caller's session");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return error_set(err, errno, "cannot redirect to /dev/null");
	inherited_close();
	return 0;
}

/* The launcher's life: launch, report, become the supervisor. */
static _Noreturn void launcher_main(struct run *run, int pipe)
{
	owned_error err = ERROR_INIT;
	struct supervise supervise;
	sigset_t previous;
	bool reboot;

	signals_hold(&previous);
	if (launcher_detach(&err) < 0 || run_begin(run, &err) < 0) {
		handback_send(pipe, &err);
		_exit(EXIT_FAILURE);
	}
	run_hand_over(run, &supervise);
	handback_send(pipe, NULL);
	launch_cgroup_settle(&run->launch);
	supervise_exec(&supervise, SUPERVISE_PROGRAM, run_ended_program);
	/* Without the small program this process serves as well, at the cost of its size. */
	log_error("container", "cannot execute " SUPERVISE_PROGRAM);
	run_end(run, supervise_run(&supervise), run->options->pidfile, &reboot, &err);
	_exit(EXIT_FAILURE);
}

static int background(struct run *run, struct error *err)
{
	owned_fd ours = -1, theirs = -1, maker = -1;
	int ends[2];
	pid_t pid;

	if (run->options->parting && net_ahead_fits(run->plan) &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0) {
		run->launch.net_ahead = ends[0];
		maker = ends[1];
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe to the launcher");
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork the launcher");
	if (pid == 0) {
		own_close_fd(&ours);
		own_close_fd(&maker);
		launcher_main(run, steal_fd(&theirs));
	}
	own_close_fd(&theirs);
	own_close_fd(&run->launch.net_ahead);
	if (maker >= 0)
		net_ahead_make(steal_fd(&maker));
	if (handback_receive(ours, "the launcher died before init was executed", err) == 0)
		return 0;
	waitpid(pid, NULL, 0);
	return -1;
}

int container_start(struct container *container, const struct start_options *options, int *wait_status,
		    struct error *err)
{
	struct start_options absolute = *options;
	owned_str pidfile = NULL;
	owned_run run = { 0 };

	run_init(&run, container, &absolute);
	if (start_check(container, err) < 0)
		return -1;
	if (options->pidfile) {
		pidfile = path_absolute(options->pidfile);
		if (!pidfile)
			return error_set(err, errno, "cannot name %s", options->pidfile);
		absolute.pidfile = pidfile;
	}
	*wait_status = 0;
	if (run_plan(&run, err) < 0 || run_admit(&run, err) < 0)
		return -1;
	run_warn(&run);
	return options->foreground ? foreground(&run, wait_status, err) : background(&run, err);
}
