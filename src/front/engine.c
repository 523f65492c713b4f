/*
 * What the front program's own copy of the engine leaves to the full one: each
 * function stands for that of the same name in the file that needs a library.
 * run_admit() sees to it that a start which would come to one of them is
 * handed over before anything was printed or changed; what could still arrive
 * here later (somebody emptied the cache during a reboot) is refused.
 */
#include <errno.h>

#include "config/read.h"
#include "config/settings.h"
#include "container/clean.h"
#include "provision/copy_fill.h"
#include "container/run.h"
#include "front/handover.h"
#include "launch/clock.h"
#include "launch/rootfs.h"
#include "launch/seccomp.h"
#include "lib/libmount.h"
#include "lib/log.h"
#include "lib/text.h"
#include "policy/filter.h"
#include "provision/provision.h"
#include "storage/nbd_connect.h"

static int refuse(struct error *err)
{
	return error_set(err, ENOTSUP, "this needs " PKGLIBEXECDIR "/lxs-full");
}

/* Whether the steps of one side can be run without a library. */
static bool side_fits(struct launch *launch, const struct side *side)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct step *step = &side->steps[i];

		/* Who owns the clock is in lxs.conf; volumes and disk images are for programs of others. */
		if (step->kind == STEP_CLOCK || step->kind == STEP_ROOTFS_DEVICE ||
		    (step->kind == STEP_SECCOMP && !launch_seccomp_find(launch, step)))
			return false;
	}
	return true;
}

/* The log of every step prints it, which only the full program can. */
static bool run_fits(struct run *run)
{
#ifdef WITH_SANITIZERS
	/* It is the full program that is watched. */
	return false;
#endif
	return !log_wanted(LEVEL_DEBUG) && !settings_flag(run->container->settings, "lxc.ephemeral") &&
	       side_fits(&run->launch, &run->plan->host) && side_fits(&run->launch, &run->plan->container);
}

int run_admit(struct run *run, struct error *err)
{
	return run_fits(run) ? container_clean(run->container, err) : front_handover(err);
}

/* container/plan.c */
const char run_ended_program[] = BINDIR "/lxs";

int container_plan(struct container *container, const struct start_options *options, bool json, FILE *out,
		   struct error *err)
{
	(void)container, (void)options, (void)json, (void)out;
	return front_handover(err);
}

/*
 * provision/rename.c.  What is made here is what has to be quick: the clone of
 * a directory or of an overlay, without hooks.
 */
int copy_admit(const struct container *source, const struct copy_options *options, struct error *err)
{
	const char *path = settings_string(source->settings, "lxc.rootfs.path");
	bool fits = path && (*path == '/' || text_starts(path, "dir:") || text_starts(path, "overlay:"));

#ifdef WITH_SANITIZERS
	return front_handover(err);
#endif
	/* Lines are added to an ephemeral copy, which is started next. */
	if (fits && options->snapshot && !options->backend && !options->more && !copy_has_hooks(source))
		return 0;
	return front_handover(err);
}

int container_rename(struct container *container, const char *name, struct error *err)
{
	(void)container, (void)name;
	return front_handover(err);
}

/* storage/nbd_connect.c */
int nbd_connect(const char *image, unsigned partition, struct error *err)
{
	(void)image, (void)partition;
	return refuse(err);
}

/* provision/destroy.c */
int container_destroy(struct container *container, bool force, bool snapshots, struct error *err)
{
	(void)container, (void)force, (void)snapshots;
	return refuse(err);
}

int container_remove(struct container *container, struct error *err)
{
	return container_destroy(container, false, false, err);
}

/* plan/print.c */
void plan_print_step(const struct step *step, FILE *out)
{
	(void)step, (void)out;
}

/* config/findings.c: what is said of a config is said once, by the program that does the work. */
void findings_print(const struct findings *findings, FILE *out)
{
	owned_error err = ERROR_INIT;

	if (findings->count > 0)
		front_handover(&err);
	if (err.message)
		error_print(&err, out, "lxs", NULL);
}

/* lib/libmount.c, asked while a plan is made */
int libmount_word(const char *name, struct libmount_word *ret, struct error *err)
{
	(void)name, (void)ret;
	return front_handover(err);
}

char *libmount_plain(const char *field, struct error *err)
{
	(void)field;
	front_handover(err);
	return NULL;
}

/* policy/filter.c */
int filter_build(const struct filter_source *source, int fd, struct error *err)
{
	(void)source, (void)fd;
	return refuse(err);
}

const char *filter_builder(void)
{
	return "";
}

/* launch/rootfs_device.c */
int launch_rootfs_device(struct launch *launch, const struct step *step, struct error *err)
{
	(void)launch, (void)step;
	return refuse(err);
}

/* launch/clock.c */
int launch_clock(struct launch *launch, const struct step *step, struct error *err)
{
	(void)launch, (void)step;
	return refuse(err);
}

int inside_clock(struct inside *inside, const struct step *step)
{
	(void)inside, (void)step;
	return -ENOTSUP;
}
