/*
 * The loop of the supervisor.  It waits for init, passes signals on, and
 * leaves the rest to clients.c and console.c.  Called by supervise/main.c in
 * the background and by a foreground start in its own process.
 */
#include "supervise/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/own.h"
#include "supervise/keeper.h"
#include "supervise/landlock.h"
#include "supervise/loop.h"

enum { EVENTS = 16, LAST_ROUNDS = 64 };

void supervise_init(struct supervise *supervise)
{
	*supervise = (struct supervise){
		.pidfd = -1, .control = -1, .run_dir = -1, .lock = -1, .rootfs = -1, .console = -1, .terminal = -1,
	};
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		supervise->namespaces[i] = -1;
}

/* ---- sources ---- */

int source_watch(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	if (epoll_ctl(supervisor->epoll, EPOLL_CTL_MOD, source->fd, &event) == 0)
		return 0;
	return errno == ENOENT ? epoll_ctl(supervisor->epoll, EPOLL_CTL_ADD, source->fd, &event) : -1;
}

void source_close(struct supervisor *supervisor, struct source *source)
{
	/* Others may hold the same open file, so closing alone would not end the watch. */
	if (source->fd >= 0)
		epoll_ctl(supervisor->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	own_close_fd(&source->fd);
}

/* ---- state ---- */

void supervisor_announce(struct supervisor *supervisor, enum container_state state)
{
	owned_error err = ERROR_INIT;
	/* A thawed container is a running one; THAWED is only an event. */
	enum container_state stored = state == STATE_THAWED ? STATE_RUNNING : state;

	supervisor->state = stored;
	if (supervisor->keeper >= 0)
		keeper_store(supervisor->keeper, stored);
	else
		run_state_set(&supervisor->run, stored, &err);
	clients_announce(supervisor, state);
	if (stored != state)
		clients_announce(supervisor, stored);
}

/* ---- init and signals ---- */

static void init_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	(void)events;
	supervisor->init_gone = true;
	epoll_ctl(supervisor->epoll, EPOLL_CTL_DEL, source->fd, NULL);
}

int supervise_signal_for_init(int number)
{
	if (number == SIGWINCH || number == SIGCHLD)
		return 0;
	return number == SIGHUP ? SIGTERM : number; /* to a container's init SIGHUP means something else (re-read, reboot) */
}

static void signals_ready(struct supervisor *supervisor, struct source *source, uint32_t events)
{
	struct signalfd_siginfo info;
	int number;

	(void)events;
	if (read(source->fd, &info, sizeof info) != sizeof info)
		return;
	number = supervise_signal_for_init((int)info.ssi_signo);
	if (info.ssi_signo == SIGWINCH)
		console_resize(supervisor);
	/* With a keeper it is the keeper's to pass them on. */
	else if (number && supervisor->keeper < 0)
		syscall(SYS_pidfd_send_signal, supervisor->init.fd, number, NULL, 0);
}

/*
 * All signals but those that report a fault of this very process, and those
 * that only tell of our own writing and job control.
 */
int supervise_watch_signals(sigset_t *previous)
{
	static const int left_alone[] = { SIGBUS, SIGILL, SIGSEGV, SIGFPE };
	static const int dropped[] = { SIGPIPE, SIGTTIN, SIGTTOU };
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++)
		sigdelset(&set, left_alone[i]);
	if (sigprocmask(SIG_SETMASK, &set, previous) < 0)
		return -1;
	/* Blocked, but not read: they stay pending and harm nobody. */
	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
		sigdelset(&set, dropped[i]);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_signals(struct supervisor *supervisor, sigset_t *previous)
{
	supervisor->signals = (struct source){ .fd = supervise_watch_signals(previous), .ready = signals_ready };
	if (supervisor->signals.fd < 0)
		return -1;
	return source_watch(supervisor, &supervisor->signals, EPOLLIN);
}

/* ---- the loop ---- */

/* Nothing is open yet, so that closing is right after every failure. */
static void supervisor_clear(struct supervisor *supervisor)
{
	struct console *console = &supervisor->console;

	supervisor->epoll = supervisor->init.fd = supervisor->signals.fd = supervisor->listener.fd = -1;
	console->master.fd = console->peer.fd = console->slave = console->log.fd = -1;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		supervisor->clients[i] = (struct client){ .source = { .fd = -1 }, .tty = -1 };
	for (size_t i = 0; i < SUPERVISE_TTYS_MAX; i++)
		supervisor->tty_slaves[i] = -1;
}

static int supervisor_open(struct supervisor *supervisor, const struct supervise *given, sigset_t *previous)
{
	supervisor->given = given;
	supervisor->state = STATE_RUNNING;
	supervisor->run = (struct rundir){ .fd = given->run_dir, .lock = given->lock, .journal = -1, .path = (char *)"" };
	supervisor->init = (struct source){ .fd = given->pidfd, .ready = init_ready };
	supervisor->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (supervisor->epoll < 0 || clients_open(supervisor) < 0 || open_signals(supervisor, previous) < 0)
		return -1;
	if (console_open(supervisor) < 0)
		return -1;
	for (size_t i = 0; i < given->tty_count && i < SUPERVISE_TTYS_MAX; i++)
		supervisor->tty_slaves[i] = ioctl(given->ttys[i], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return source_watch(supervisor, &supervisor->init, EPOLLIN);
}

/* Handles one batch of events; the number of them. */
static int turn(struct supervisor *supervisor, int timeout)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(supervisor->epoll, events, EVENTS, timeout);

	for (int i = 0; i < count; i++) {
		struct source *source = events[i].data.ptr;

		/* An earlier event of this batch may have closed it. */
		if (source->fd >= 0)
			source->ready(supervisor, source, events[i].events);
	}
	return count;
}

int supervise_reap(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? status : 0;
}

/* Closes everything but what the clean-up needs. */
static void supervisor_close(struct supervisor *supervisor)
{
	console_close(supervisor);
	clients_close(supervisor);
	for (size_t i = 0; i < SUPERVISE_TTYS_MAX; i++)
		own_close_fd(&supervisor->tty_slaves[i]);
	for (size_t i = 0; i < supervisor->given->tty_count; i++)
		close(supervisor->given->ttys[i]);
	if (supervisor->given->rootfs >= 0)
		close(supervisor->given->rootfs);
	source_close(supervisor, &supervisor->signals);
	source_close(supervisor, &supervisor->init);
	own_close_fd(&supervisor->epoll);
}

/* Until init is gone and everybody knows. */
static void supervisor_loop(struct supervisor *supervisor)
{
	while (!supervisor->init_gone)
		turn(supervisor, -1);
	/* Clients that came while the container lived are answered, however short its life was. */
	for (int rounds = 0; rounds < LAST_ROUNDS && turn(supervisor, 0) > 0; rounds++)
		;
	supervisor_announce(supervisor, STATE_STOPPING);
}

/* Mapped, not allocated: pages of the queues are only taken when they are used. */
static struct supervisor *supervisor_new(int keeper)
{
	struct supervisor *supervisor = mmap(NULL, sizeof *supervisor, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (supervisor == MAP_FAILED)
		return NULL;
	supervisor_clear(supervisor);
	supervisor->keeper = keeper;
	return supervisor;
}

int supervise_run(const struct supervise *supervise)
{
	struct supervisor *supervisor = supervisor_new(-1);
	sigset_t previous;
	int status = -1, failure = 0;

	if (!supervisor)
		return -1;
	sigprocmask(SIG_SETMASK, NULL, &previous);
	if (supervisor_open(supervisor, supervise, &previous) == 0) {
		supervisor_loop(supervisor);
		status = supervise_reap(supervise->init);
	} else {
		failure = errno;
		/* Without a supervisor there shall be no container. */
		syscall(SYS_pidfd_send_signal, supervise->pidfd, SIGKILL, NULL, 0);
		supervise_reap(supervise->init);
	}
	supervisor_close(supervisor);
	sigprocmask(SIG_SETMASK, &previous, NULL);
	munmap(supervisor, sizeof *supervisor);
	errno = failure;
	return status;
}

int supervise_serve(const struct supervise *supervise, int keeper)
{
	struct supervisor *supervisor = supervisor_new(keeper);
	sigset_t previous;

	if (!supervisor || supervisor_open(supervisor, supervise, &previous) < 0 || landlock_confine() < 0)
		return -1;
	supervisor_loop(supervisor);
	supervisor_close(supervisor);
	return 0;
}
