/*
 * The root file system: where it lies, how it is mounted, and the change into
 * it.
 */
#include <sched.h>
#include <string.h>

#include "config/rootfs_source.h"
#include "lib/mount.h"
#include "plan/domains.h"
#include "plan/mount_options.h"

/* Ordinary users mount directories and overlays; what is on a block device only the host's root can. */
static int refuse_user(const struct planner *planner, const struct rootfs_source *source, struct error *err)
{
	static const char *const blocks[] = { "loop", "lvm", "nbd", "rbd", "zfs" };

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		if (planner->host->uid == 0 || planner->request->preview || strcmp(source->type, blocks[i]) != 0)
			continue;
		error_set(err, 0, "only root can mount storage of type %s", source->type);
		return error_hint(err, "an ordinary user's container has its files in a directory, an overlay or a btrfs "
				  "subvolume");
	}
	return 0;
}

static int find_source(const struct planner *planner, const struct value *value, struct rootfs_source *ret,
		       struct error *err)
{
	const struct value *tmpfs = settings_value(planner->settings, "lxs.rootfs.tmpfs");

	if (rootfs_source_parse(planner->plan->arena, value->text, ret, err) < 0 || refuse_user(planner, ret, err) < 0)
		return error_asked_by(err, value->origin);
	ret->tmpfs = tmpfs && tmpfs->flag;
	if (ret->tmpfs && !ret->lowers) {
		error_set(err, 0, "lxs.rootfs.tmpfs puts the upper layer of an overlay into memory, and the rootfs is none");
		return error_asked_by(err, tmpfs->origin);
	}
	return 0;
}

/* An option of the file system needs one that is mounted; whether PATH is a directory shows only then. */
static bool takes_data(const struct rootfs_source *source)
{
	return strcmp(source->type, "dir") != 0 && strcmp(source->type, "btrfs") != 0;
}

static int take_options(struct planner *planner, struct step_rootfs *step, const char **idmap, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.rootfs.options");
	struct mount_options options;

	if (!value)
		return 0;
	if (mount_options_parse(planner->plan->arena, value->text, &options, err) < 0)
		return error_asked_by(err, value->origin);
	/* idmap=container means the container's own user namespace: without one there is nothing to map. */
	if (options.idmap && strcmp(options.idmap, "container") == 0 && !planner->ids.mapped)
		options.idmap = NULL;
	if (options.idmap && idmap_refuse(planner, options.idmap, err) < 0)
		return error_asked_by(err, value->origin);
	if (options.idmap && strcmp(options.idmap, "container") != 0 && step->source.lowers)
		error_set(err, 0, "layers can have the ids of the container's own user namespace only: idmap=container");
	else if (options.data && !takes_data(&step->source))
		error_set(err, 0, "the mount option %s means nothing for a rootfs that is a directory", options.data);
	else if (options.optional || options.relative || options.create)
		error_set(err, 0, "create=, optional and relative are no options of a rootfs");
	if (err->message)
		return error_asked_by(err, value->origin);
	step->source.data = options.data;
	step->source.readonly = options.attr_set & MOUNT_ATTR_RDONLY && takes_data(&step->source) && !step->source.lowers;
	step->attr_set = options.attr_set;
	step->attr_clear = options.attr_clear;
	step->propagation = options.propagation;
	*idmap = options.idmap;
	return 0;
}

int plan_propagation(struct planner *planner, struct error *err)
{
	struct step_propagation *step = plan_add(planner->plan, STEP_PROPAGATION, NULL);

	(void)err;
	step->flags = MS_SLAVE | MS_REC;
	return 0;
}

/* Others are there as long as they exist. */
int plan_rootfs_device(struct planner *planner, struct error *err)
{
	static const char *const kinds[] = { "lvm", "nbd", "rbd" };
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	struct step_rootfs_device *step;
	struct rootfs_source source;

	if (!path)
		return 0;
	if (find_source(planner, path, &source, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(source.type, kinds[i]) == 0) {
			step = plan_add(planner->plan, STEP_ROOTFS_DEVICE, path->origin);
			step->source = source;
		}
	return 0;
}

/* Only of a directory: another file system is the container's alone. */
static int pin_plan(struct planner *planner, struct error *err)
{
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	struct rootfs_source source;
	struct step_pin *step;

	if (!path)
		return 0;
	if (find_source(planner, path, &source, err) < 0)
		return -1;
	if (*source.type && strcmp(source.type, "dir") != 0 && strcmp(source.type, "btrfs") != 0)
		return 0;
	step = plan_add(planner->plan, STEP_PIN, path->origin);
	step->path = source.path;
	return 0;
}

/* A start hook is a program of the guest's, which must find it held; without one the host takes its time. */
static bool guest_comes_early(const struct planner *planner)
{
	return settings_values(planner->settings, "lxc.hook.start")->count > 0;
}

int plan_pin_early(struct planner *planner, struct error *err)
{
	return guest_comes_early(planner) ? pin_plan(planner, err) : 0;
}

int plan_pin(struct planner *planner, struct error *err)
{
	return guest_comes_early(planner) ? 0 : pin_plan(planner, err);
}

int plan_rootfs_step(struct planner *planner, struct step_rootfs *step, const char **idmap, struct error *err)
{
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	const char *mountpoint = settings_string(planner->settings, "lxc.rootfs.mount");

	*idmap = NULL;
	step->source = (struct rootfs_source){ .type = "", .path = "/" };
	if (!path)
		return 0;
	if (find_source(planner, path, &step->source, err) < 0)
		return -1;
	step->mountpoint = mountpoint ? mountpoint : PKGLIBDIR "/rootfs";
	return take_options(planner, step, idmap, err);
}

int plan_rootfs(struct planner *planner, struct error *err)
{
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	struct step_rootfs *step = plan_add(planner->plan, STEP_ROOTFS, path ? path->origin : NULL);
	const char *idmap;

	return plan_rootfs_step(planner, step, &idmap, err);
}

int plan_pivot(struct planner *planner, struct error *err)
{
	(void)err;
	if (planner->own_rootfs)
		plan_add(planner->plan, STEP_PIVOT, NULL);
	return 0;
}

int plan_hostname(struct planner *planner, struct error *err)
{
	const struct value *name = settings_value(planner->settings, "lxc.uts.name");
	struct step_text *step;

	(void)err;
	/* A joined uts namespace belongs to somebody else: its name stays. */
	if (!name || !(planner->created & CLONE_NEWUTS))
		return 0;
	step = plan_add(planner->plan, STEP_HOSTNAME, name->origin);
	step->text = name->text;
	return 0;
}
