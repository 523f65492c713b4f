/*
 * The two ends of a network namespace that is made ahead.  Nobody waits for
 * it: what has not come when init is to be born is made by clone3 as ever.
 * Called by container/start.c and launch/clone.c.
 */
#include "launch/net_ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launch/clone.h"
#include "launch/net.h"
#include "launch/sync.h"
#include "lib/own.h"

bool net_ahead_fits(const struct plan *plan)
{
	const struct side *host = &plan->host;

	for (size_t i = 0; i < host->count; i++) {
		const struct step_clone *args = host->steps[i].args;

		if (host->steps[i].kind == STEP_SHARE)
			return false; /* which user namespace it would belong to is decided by what is joined */
		if (host->steps[i].kind == STEP_HOST_HOOK)
			return false; /* it may change what a new namespace takes over from the host's */
		if (host->steps[i].kind == STEP_CLONE)
			return (args->namespaces & (CLONE_NEWNET | CLONE_NEWUSER)) == CLONE_NEWNET;
	}
	return false;
}

/* A forked process starts where its parent runs, and waits while that does: so the parent moves over. */
static void make_way(void)
{
	cpu_set_t before, others;
	int here = sched_getcpu();

	if (here < 0 || sched_getaffinity(0, sizeof before, &before) < 0)
		return;
	others = before;
	CPU_CLR(here, &others);
	/* Elsewhere at once, and from then on free to be anywhere. */
	if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0)
		sched_setaffinity(0, sizeof before, &before);
}

void net_ahead_make(int socket)
{
	const struct sync_message message = { .type = SYNC_DESCRIPTOR };
	owned_fd made = -1, maker = socket;

	make_way();
	if (unshare(CLONE_NEWNET) < 0)
		return;
	made = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	/* The first step of init's own that needs it, and as slow as many others; init finds it done. */
	loopback_up();
	if (made >= 0)
		sync_send(maker, &message, made);
}

/* Into the namespace that has come; *own is the way back.  -1: there is none. */
static int enter(struct launch *launch, int *own)
{
	struct sync_message message;
	owned_fd ahead = steal_fd(&launch->net_ahead), made = -1;

	if (ahead < 0 || sync_receive(ahead, &message, &made) <= 0 || made < 0)
		return -1;
	*own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return *own >= 0 && setns(made, CLONE_NEWNET) == 0 ? 0 : -1;
}

pid_t net_ahead_clone(struct launch *launch, const struct step_clone *args)
{
	struct step_clone rest = *args;
	owned_fd own = -1;
	int code;
	pid_t pid;

	if (enter(launch, &own) < 0)
		return launch_clone_init(launch, args, 0);
	rest.namespaces &= ~(uint64_t)CLONE_NEWNET;
	pid = launch_clone_init(launch, &rest, 0);
	code = errno;
	/* Nothing may go on in the wrong network. */
	if (pid != 0 && setns(own, CLONE_NEWNET) < 0)
		_exit(EXIT_FAILURE);
	errno = code;
	return pid;
}
