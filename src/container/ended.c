/*
 * `lxs ended`: what the supervisor executes in its own process when init is
 * gone.  Cleans up from the run directory alone, and starts the container
 * again when it asked for a reboot.  In the front program too, for containers
 * that it started; a reboot, which is a new plan, it leaves to the full one.
 */
#include "container/container.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/save.h"
#include "container/run.h"
#include "control/journal.h"
#include "launch/cgroup.h"
#include "lib/log.h"
#include "lib/own.h"

static int run_adopt(struct run *run, const struct handover *handover, struct start_options *options,
		     struct error *err)
{
	if (rundir_adopt(handover->run_dir, handover->lock, &run->dir, err) < 0)
		return -1;
	run->control = handover->control;
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		run->namespaces[i] = handover->namespaces[i];
	run->container->settings = settings_load(run->dir.fd, "settings", err);
	if (!run->container->settings)
		return -1;
	run->arena = arena_new();
	if (request_load(&run->dir, settings_arena(run->container->settings), options, err) < 0)
		return -1;
	options->pidfile = handover->pidfile;
	return 0;
}

static int run_again(struct run *run, struct error *err)
{
	struct supervise supervise;

	if (journal_open(&run->dir, err) < 0 || run_plan(run, err) < 0 || run_launch(run, err) < 0)
		return -1;
	run_hand_over(run, &supervise);
	launch_cgroup_settle(&run->launch);
	supervise_exec(&supervise, SUPERVISE_PROGRAM, run_ended_program);
	return error_set(err, errno, "cannot execute %s", SUPERVISE_PROGRAM);
}

int container_ended(int argc, char **argv, int (*remove)(struct container *container, struct error *err))
{
	owned_error err = ERROR_INIT;
	owned_container container = { 0 };
	struct start_options options = { 0 };
	struct handover handover;
	struct run run;
	bool reboot = false;

	run_init(&run, &container, &options);
	if (handover_parse(argc, argv, &handover, &err) < 0) {
		error_print(&err, stderr, "lxs", NULL);
		return EXIT_FAILURE;
	}
	if (container_init(handover.lxcpath, handover.name, &container, &err) < 0 ||
	    run_adopt(&run, &handover, &options, &err) < 0) {
		log_error("ended", "%s", err.message);
		return EXIT_FAILURE;
	}
	options.remove = remove;
	run_end(&run, handover.wait_status, handover.pidfile, &reboot, &err);
	if (reboot && run_again(&run, &err) < 0) {
		log_error("ended", "cannot start again: %s", err.message);
		rundir_remove(&run.dir);
	}
	return EXIT_SUCCESS;
}
