/*
 * Holding a container still (provision/source.h).  Apart from the verbs
 * because all that read or change a whole container begin with it.
 */
#include "provision/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "container/clean.h"
#include "container/partial.h"
#include "container/verb_lock.h"
#include "control/journal.h"
#include "launch/undo.h"
#include "lib/own.h"

void source_done(struct source *source)
{
	if (source->run.lock >= 0)
		rundir_remove(&source->run);
	rundir_done(&source->run);
	own_close_fd(&source->dir);
	own_free(&source->directory);
}

static int refuse_undefined(const struct container *container, struct error *err)
{
	if (container_is_defined(container))
		return 0;
	error_set(err, 0, "Container %s is not defined", container->name);
	return error_hint(err, "there is no %s", container->config_path);
}

static int refuse_running(const struct container *container, struct error *err)
{
	error_set(err, 0, "%s is running", container->name);
	return error_hint(err, "stop it first; a snapshot (-s) of a running container can be made with -a");
}

/*
 * For who reads: what a dead run has left is cleaned up.  Nothing keeps the
 * container from being started but the lock of its directory, which a start
 * looks at once it has the run directory; so either it sees us or we see it.
 */
static int look_stopped(struct source *source, bool running, struct error *err)
{
	enum container_state state;

	if (container_clean(source->container, err) < 0 || container_state(source->container, &state, err) < 0)
		return -1;
	source->running = state != STATE_STOPPED;
	return source->running && !running ? refuse_running(source->container, err) : 0;
}

/* For who changes: the run directory is his too, as long as he is at work. */
static int claim_stopped(struct source *source, struct error *err)
{
	const struct container *container = source->container;
	int answer = rundir_claim(container->lxcpath, container->name, &source->run, err);

	if (answer == RUNDIR_BUSY)
		return refuse_running(container, err);
	return answer < 0 ? -1 : journal_undo(&source->run, launch_undo_kinds, err);
}

static int hold(struct container *container, bool shared, bool running, struct source *ret, struct error *err)
{
	ret->container = container;
	if (asprintf(&ret->directory, "%s/%s", container->lxcpath, container->name) < 0) {
		ret->directory = NULL;
		return error_set(err, ENOMEM, "cannot name the container's directory");
	}
	if (refuse_undefined(container, err) < 0)
		return -1;
	ret->dir = open(ret->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dir < 0)
		return error_set(err, errno, "cannot open %s", ret->directory);
	if (verb_lock(ret->dir, shared, err) < 0 || partial_refuse(ret->directory, err) < 0 ||
	    (!container->settings && container_load(container, NULL, err) < 0))
		return -1;
	return shared ? look_stopped(ret, running, err) : claim_stopped(ret, err);
}

int source_hold(struct container *container, bool running, struct source *ret, struct error *err)
{
	return hold(container, true, running, ret, err);
}

int source_hold_alone(struct container *container, struct source *ret, struct error *err)
{
	return hold(container, false, false, ret, err);
}
