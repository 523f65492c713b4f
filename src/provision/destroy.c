/*
 * Removing a container: checks first, then the destroy hooks, the storage and
 * the directory, under the same marker as a create, so that a killed destroy
 * is finished by the next one.  Called from commands/destroy.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "provision/provision.h"
#include "container/partial.h"
#include "provision/rdepends.h"
#include "provision/remains.h"
#include "provision/snapshot.h"
#include "provision/verb_hooks.h"
#include "container/verb_lock.h"
#include "launch/undo.h"
#include "lib/own.h"
#include "lib/tree.h"

struct destruction {
	struct container *container;
	char *directory;         /* owned; LXCPATH/NAME */
	int dir;                 /* owned */
	struct partial partial;
	struct rundir run;       /* its lock keeps the container from being started meanwhile */
	bool rubble;             /* left by a killed command: no config that means anything */
};

static void destruction_done(struct destruction *destruction)
{
	partial_done(&destruction->partial);
	if (destruction->run.lock >= 0)
		rundir_remove(&destruction->run);
	rundir_done(&destruction->run);
	own_close_fd(&destruction->dir);
	own_free(&destruction->directory);
}

static int refuse_running(struct destruction *destruction, bool force, struct error *err)
{
	const struct container *container = destruction->container;
	const struct stop_options kill = { .kill = true, .timeout = -1 };
	enum container_state state;
	int answer;

	if (container_state(container, &state, err) < 0)
		return -1;
	if (state != STATE_STOPPED && !force) {
		error_set(err, 0, "it is running");
		return error_hint(err, "stop it first, or use -f");
	}
	if (state != STATE_STOPPED && container_stop(container, &kill, err) < 0)
		return -1;
	answer = rundir_claim(container->lxcpath, container->name, &destruction->run, err);
	if (answer == RUNDIR_BUSY)
		return error_set(err, EBUSY, "it is being started or stopped");
	return answer < 0 ? -1 : journal_undo(&destruction->run, launch_undo_kinds, err);
}

static int refuse_clones(struct destruction *destruction, struct error *err)
{
	const struct place place = { destruction->container->lxcpath, destruction->container->name };
	struct arena *arena = settings_arena(destruction->container->settings);
	struct places clones;

	rdepends_read(arena, &place, true, &clones);
	if (clones.count == 0)
		return 0;
	error_set(err, 0, "it has clones that use its root file system: %s%s", clones.items[0].name,
		  clones.count > 1 ? " and others" : "");
	return error_hint(err, "they are listed in %s/lxc_snapshots; destroy them first", destruction->directory);
}

/* Copies that share its storage would break; snapshots go only when asked for. */
static int refuse_dependents(struct destruction *destruction, bool snapshots, struct error *err)
{
	struct snapshot_list list;

	if (refuse_clones(destruction, err) < 0)
		return -1;
	if (snapshot_list(destruction->container, settings_arena(destruction->container->settings), &list, err) < 0)
		return -1;
	if (snapshots)
		return snapshot_refuse_clones(destruction->container, &list, err);
	if (list.count > 0) {
		error_set(err, 0, "it has snapshots");
		return error_hint(err, "use -s to destroy them too");
	}
	return 0;
}

/* Writes down what is going to be removed: from here on the container is rubble. */
static int note(struct destruction *destruction, struct error *err)
{
	const char *path = settings_string(destruction->container->settings, "lxc.rootfs.path");

	if (path && remains_mark(&destruction->partial, path, err) < 0)
		return -1;
	destruction->partial.whole = true;
	return partial_note(&destruction->partial, !path || remains_within(path, destruction->directory), err);
}

/* The storage where the config says it is, then the directory; the config and the marker last. */
static int remove_all(struct destruction *destruction, struct error *err)
{
	if (!destruction->rubble && note(destruction, err) < 0) {
		partial_drop(&destruction->partial);
		return -1;
	}
	if (remains_clear(&destruction->partial, destruction->container, err) < 0) {
		if (!destruction->rubble && remains_untouched(&destruction->partial))
			partial_drop(&destruction->partial);
		return -1;
	}
	if (partial_end(&destruction->partial, err) < 0)
		return -1;
	/* One that is not empty is somebody's, and so is the link to one that lies elsewhere. */
	if (rmdir(destruction->directory) < 0 && errno != ENOENT && errno != ENOTEMPTY && errno != ENOTDIR)
		return error_set(err, errno, "cannot remove %s", destruction->directory);
	return 0;
}

/* Opens the directory and takes the marker. */
static int claim(struct destruction *destruction, struct error *err)
{
	int answer;

	destruction->dir = open(destruction->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (destruction->dir < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot open %s", destruction->directory);
	if (destruction->dir < 0 || (!container_is_defined(destruction->container) &&
				     faccessat(destruction->dir, "partial", F_OK, AT_SYMLINK_NOFOLLOW) < 0)) {
		error_set(err, 0, "Container is not defined");
		return error_hint(err, "there is no %s", destruction->container->config_path);
	}
	if (verb_lock(destruction->dir, false, err) < 0)
		return -1;
	answer = partial_take(destruction->dir, &destruction->partial, err);
	if (answer == PARTIAL_LOCKED)
		return error_set(err, EBUSY, "another command is at work on it");
	if (answer >= 0 && destruction->partial.resume)
		return partial_explain(destruction->partial.resume, err);
	destruction->rubble = answer == PARTIAL_STALE || !container_is_defined(destruction->container);
	return answer < 0 ? error_add(err, "%s", destruction->directory) : 0;
}

/* What the config and the hooks have to say; *leave: storage and config are not ours to remove. */
static int prepare(struct destruction *destruction, bool snapshots, bool *leave, struct error *err)
{
	struct container *container = destruction->container;

	if (destruction->rubble)
		return 0;
	if (!container->settings && container_load(container, NULL, err) < 0)
		return error_hint(err, "mend the config: it says what belongs to the container");
	*leave = !settings_flag(container->settings, "lxc.rootfs.managed");
	if (!*leave && (refuse_dependents(destruction, snapshots, err) < 0 || remains_refuse(container->settings, err) < 0))
		return -1;
	if (tree_refuse_mounts(destruction->dir, destruction->directory, err) < 0)
		return -1;
	/* One that fails keeps the container: it may have had a reason. */
	if (verb_hooks_run(container, &(struct verb_hooks){ .type = "destroy" }, err) < 0)
		return -1;
	return snapshots && !*leave ? snapshot_destroy_all(container, err) : 0;
}

int container_destroy(struct container *container, bool force, bool snapshots, struct error *err)
{
	__attribute__((cleanup(destruction_done))) struct destruction destruction = {
		.container = container, .dir = -1, .partial = PARTIAL_INIT, .run = RUNDIR_INIT,
	};
	bool leave = false;

	if (asprintf(&destruction.directory, "%s/%s", container->lxcpath, container->name) < 0) {
		destruction.directory = NULL;
		return error_set(err, ENOMEM, "cannot destroy");
	}
	/* Of a create that was killed before, or a destroy after everything else: nothing is in it, so nothing is lost. */
	if (rmdir(destruction.directory) == 0)
		return 0;
	if (claim(&destruction, err) < 0)
		return -1;
	if (refuse_running(&destruction, force, err) < 0 || prepare(&destruction, snapshots, &leave, err) < 0) {
		if (!destruction.rubble)
			partial_drop(&destruction.partial);
		return -1;
	}
	if (leave)
		return partial_end(&destruction.partial, err);
	return remove_all(&destruction, err);
}

int container_remove(struct container *container, struct error *err)
{
	return container_destroy(container, false, false, err);
}
