/*
 * Freezing for the time of an export (provision/standstill.h).  The thawing is
 * left to a process of its own, which waits for nothing but our end: who is
 * killed cannot thaw any more.
 */
#include "provision/standstill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/own.h"
#include "lib/proc.h"

static int thaw(const struct container *container)
{
	owned_error failure = ERROR_INIT;

	if (container_freeze(container, false, &failure) == 0)
		return EXIT_SUCCESS;
	log_error("export", "%s stays frozen: %s", container->name, failure.message ? failure.message : "");
	return EXIT_FAILURE;
}

static _Noreturn void warden_run(const struct container *container, int gone)
{
	sigset_t all;
	char byte;

	/* Of our group, but what ends us is not to end it. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	while (read(gone, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(thaw(container));
}

int standstill_begin(const struct container *container, struct standstill *ret, struct error *err)
{
	enum container_state state;
	owned_fd gone = -1;
	int ends[2];

	if (container_state(container, &state, err) < 0)
		return -1;
	if (state != STATE_RUNNING)
		return state == STATE_FROZEN ? 0 : error_set(err, EBUSY, "it is being started or stopped");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	gone = ends[0];
	ret->container = container;
	ret->alive = ends[1];
	ret->warden = fork();
	if (ret->warden < 0)
		return error_set(err, errno, "cannot fork");
	if (ret->warden == 0) {
		own_close_fd(&ret->alive);
		warden_run(container, gone);
	}
	return container_freeze(container, true, err);
}

void standstill_done(struct standstill *standstill)
{
	own_close_fd(&standstill->alive);
	/* An interrupted command ends all it has started, this one too. */
	if (standstill->warden > 0 && proc_wait(standstill->warden) != 0)
		thaw(standstill->container);
	standstill->warden = -1;
}
