/*
 * The keeper half (keeper.h): a loop over init, the server, the server's
 * requests and signals.  It reads nothing that a container or a client wrote:
 * a request is one of two numbers.
 */
#include "supervise/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"
#include "supervise/console_log.h"
#include "supervise/loop.h"

enum { ASK_STORE, ASK_RENEW_LOG };

struct request { int32_t what, value; };

struct keeper {
	const struct supervise *given;
	pid_t server;
	int init, process, channel, signals; /* pidfds of init and of the server */
};

/* ---- the server's side ---- */

/* Waits for the answer, so that what was asked for is done; *descriptor is what came with it, or -1. */
static void ask(int keeper, int what, int value, int *descriptor)
{
	struct request request = { what, value };
	struct iovec data = { &request, sizeof request };
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room;
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *part = NULL;

	*descriptor = -1;
	if (send(keeper, &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
		return;
	header.msg_control = room.bytes;
	header.msg_controllen = sizeof room.bytes;
	if (recvmsg(keeper, &header, MSG_CMSG_CLOEXEC) == sizeof request)
		part = CMSG_FIRSTHDR(&header);
	if (part && part->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(part), sizeof(int));
}

void keeper_store(int keeper, enum container_state state)
{
	int none;

	ask(keeper, ASK_STORE, (int)state, &none);
}

int keeper_renew_log(int keeper)
{
	int descriptor;

	ask(keeper, ASK_RENEW_LOG, 0, &descriptor);
	return descriptor;
}

/* What only the keeper needs: the clean-up trusts the run directory, and the lock says that somebody is in charge. */
static void server_let_go(const struct supervise *given)
{
	const int others[] = { given->run_dir, given->lock, given->rootfs };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i] >= 0)
			close(others[i]);
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		if (given->namespaces[i] >= 0)
			close(given->namespaces[i]);
}

static _Noreturn void server_main(const struct supervise *given, int channel, pid_t keeper)
{
	struct supervise own = *given;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != keeper)
		_exit(1);
	prctl(PR_SET_NAME, "lxs-serve");
	server_let_go(given);
	own.run_dir = own.lock = own.rootfs = -1;
	_exit(supervise_serve(&own, channel) < 0 ? 1 : 0);
}

/* ---- the keeper's side ---- */

static bool has_ended(int process)
{
	struct pollfd wait = { .fd = process, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

/* Only what the file `state` may say at that time, whoever asks. */
static void store(const struct keeper *keeper, int state)
{
	const struct rundir run = { .fd = keeper->given->run_dir, .lock = -1, .journal = -1, .path = (char *)"" };
	owned_error err = ERROR_INIT;
	bool ended = has_ended(keeper->init);

	if (ended ? state == STATE_STOPPING : state == STATE_RUNNING || state == STATE_FREEZING || state == STATE_FROZEN)
		run_state_set(&run, (enum container_state)state, &err);
}

static void answer(int channel, const struct request *request, int descriptor)
{
	struct iovec data = { (void *)request, sizeof *request };
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		struct cmsghdr *part = &room.align;

		header.msg_control = &room;
		header.msg_controllen = sizeof room;
		*part = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)),
		};
		memcpy(CMSG_DATA(part), &descriptor, sizeof(int));
	}
	/* A server that does not listen has ended, which is noticed elsewhere. */
	(void)!sendmsg(channel, &header, MSG_NOSIGNAL);
}

/* False when nothing comes any more, or what comes is no request. */
static bool channel_ready(const struct keeper *keeper)
{
	struct request request;
	owned_fd descriptor = -1;

	if (recv(keeper->channel, &request, sizeof request, MSG_DONTWAIT | MSG_TRUNC) != sizeof request)
		return false;
	if (request.what == ASK_STORE)
		store(keeper, request.value);
	else if (request.what == ASK_RENEW_LOG && keeper->given->console_log && keeper->given->console_rotate)
		descriptor = console_log_renew(keeper->given->console_log);
	answer(keeper->channel, &request, descriptor);
	return true;
}

static void signals_ready(const struct keeper *keeper)
{
	struct signalfd_siginfo info;
	int number;

	if (read(keeper->signals, &info, sizeof info) != sizeof info || info.ssi_signo == SIGCHLD)
		return;
	number = supervise_signal_for_init((int)info.ssi_signo);
	syscall(SYS_pidfd_send_signal, number ? keeper->init : keeper->process, number ? number : SIGWINCH, NULL, 0);
}

/* Until the server has ended, which it does after init; a server that ends before takes the container with it. */
static void keep(const struct keeper *keeper)
{
	struct pollfd wait[] = {
		{ .fd = keeper->process, .events = POLLIN },
		{ .fd = keeper->channel, .events = POLLIN },
		{ .fd = keeper->signals, .events = POLLIN },
	};

	while (poll(wait, 3, -1) >= 0 || errno == EINTR) {
		if (wait[2].revents & POLLIN)
			signals_ready(keeper);
		/* What was asked for before the end is still done. */
		if (wait[1].revents && channel_ready(keeper))
			continue;
		if (wait[1].revents)
			wait[1].fd = -1;
		if (wait[0].revents)
			break;
	}
	syscall(SYS_pidfd_send_signal, keeper->init, SIGKILL, NULL, 0);
}

/* What only the server needs; terminals must hang up when it closes them. */
static void keeper_let_go(const struct supervise *given)
{
	if (given->console >= 0)
		close(given->console);
	if (given->terminal >= 0)
		close(given->terminal);
	for (size_t i = 0; i < given->tty_count; i++)
		close(given->ttys[i]);
}

/* The two processes and what is between them; 0, or -1 when there is no room for it. */
static int keeper_open(struct keeper *keeper, sigset_t *previous)
{
	pid_t self = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	keeper->channel = ends[0];
	keeper->signals = supervise_watch_signals(previous);
	/* The place of the server's pidfd is taken before it is born: one that cannot be watched must not serve. */
	keeper->process = keeper->signals < 0 ? -1 : (int)syscall(SYS_pidfd_open, self, 0);
	keeper->server = keeper->process < 0 ? -1 : fork();
	if (keeper->server == 0) {
		close(keeper->signals);
		close(keeper->process);
		close(ends[0]);
		server_main(keeper->given, ends[1], self);
	}
	close(ends[1]);
	own_close_fd(&keeper->process);
	if (keeper->server > 0)
		keeper->process = (int)syscall(SYS_pidfd_open, keeper->server, 0);
	return keeper->process < 0 ? -1 : 0;
}

static void keeper_close(struct keeper *keeper)
{
	own_close_fd(&keeper->channel);
	own_close_fd(&keeper->process);
	own_close_fd(&keeper->signals);
}

int keeper_run(const struct supervise *supervise)
{
	struct keeper keeper = {
		.given = supervise, .server = -1, .init = supervise->pidfd, .process = -1, .channel = -1, .signals = -1,
	};
	sigset_t previous;
	int status;

	sigprocmask(SIG_SETMASK, NULL, &previous);
	if (keeper_open(&keeper, &previous) < 0) {
		/* Without its channel a server ends by itself.  One process serves as well. */
		keeper_close(&keeper);
		sigprocmask(SIG_SETMASK, &previous, NULL);
		return supervise_run(supervise);
	}
	keeper_let_go(supervise);
	keep(&keeper);
	supervise_reap(keeper.server);
	status = supervise_reap(supervise->init);
	keeper_close(&keeper);
	if (supervise->rootfs >= 0)
		close(supervise->rootfs);
	close(supervise->pidfd);
	sigprocmask(SIG_SETMASK, &previous, NULL);
	return status;
}
