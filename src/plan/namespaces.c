/*
 * Which namespaces init gets: new ones, the starter's, or somebody else's
 * (lxc.namespace.*).  Apart because clone, shares and joins follow from one
 * decision.  Called from plan.c.
 */
#include "plan/domains.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "host/cgroups.h"

/* In the order in which they are joined. */
static const struct {
	const char *name;
	uint64_t flag;
} namespaces[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS }, { "pid", CLONE_NEWPID }, { "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC }, { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

enum { NAMESPACES = sizeof namespaces / sizeof namespaces[0] };

static uint64_t flags_of(const struct values *values)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < values->count; i++)
		flags |= (uint64_t)values->items[i].number;
	return flags;
}

/* With `none` as the only kind of interface the container lives in the starter's network. */
static bool uses_host_network(const struct settings *settings)
{
	size_t count = settings_net_count(settings);

	for (size_t i = 0; i < count; i++) {
		const char *type = net_string(settings_net(settings, i), "lxc.net.N.type");

		if (!type || strcmp(type, "none") != 0)
			return false;
	}
	return count > 0;
}

static const struct value *offset_of(const struct planner *planner)
{
	const struct value *boot = settings_value(planner->settings, "lxc.time.offset.boot");
	const struct value *monotonic = settings_value(planner->settings, "lxc.time.offset.monotonic");

	return boot && boot->number ? boot : monotonic && monotonic->number ? monotonic : NULL;
}

static uint64_t automatic(const struct planner *planner)
{
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

	if (planner->ids.mapped)
		flags |= CLONE_NEWUSER;
	if (!uses_host_network(planner->settings))
		flags |= CLONE_NEWNET;
	if (planner->host->cgroup_namespaces)
		flags |= CLONE_NEWCGROUP;
	if (offset_of(planner))
		flags |= CLONE_NEWTIME;
	return flags;
}

/* The line that decided which namespaces are new; NULL: none did. */
static const struct origin *choice_origin(const struct planner *planner)
{
	const struct values *kept = settings_values(planner->settings, "lxc.namespace.keep");
	const struct values *cloned = settings_values(planner->settings, "lxc.namespace.clone");

	return kept->count > 0 ? kept->items[0].origin : cloned->count > 0 ? cloned->items[0].origin : NULL;
}

static const struct value *share_of(const struct planner *planner, const char *name)
{
	const struct values *shared = settings_values(planner->settings, "lxc.namespace.share");

	for (size_t i = 0; i < shared->count; i++)
		if (strcmp(shared->items[i].sub, name) == 0)
			return &shared->items[i];
	return NULL;
}

/* What to do about a namespace that something needs and that is not new. */
static int hint_new(const struct planner *planner, const char *name, struct error *err)
{
	if (share_of(planner, name))
		return error_hint(err, "remove lxc.namespace.share.%s, or the other line", name);
	if (settings_values(planner->settings, "lxc.namespace.keep")->count > 0)
		return error_hint(err, "remove '%s' from lxc.namespace.keep", name);
	return error_hint(err, "add '%s' to lxc.namespace.clone", name);
}

/* A user namespace and its ids go together. */
static int refuse_user(const struct planner *planner, struct error *err)
{
	const struct values *maps = settings_values(planner->settings, "lxc.idmap");
	bool lives_in_one = (planner->created | planner->shared) & CLONE_NEWUSER;

	if (lives_in_one == planner->ids.mapped)
		return 0;
	if (!lives_in_one) {
		error_set(err, 0, "lxc.idmap needs a user namespace of the container's own");
		error_asked_by(err, maps->items[0].origin);
		return hint_new(planner, "user", err);
	}
	if (planner->shared & CLONE_NEWUSER) {
		error_set(err, 0, "who shares a user namespace has to say which ids it has: there is no lxc.idmap");
		error_asked_by(err, share_of(planner, "user")->origin);
		return error_hint(err, "add the lxc.idmap lines of the container it belongs to");
	}
	error_set(err, 0, "a user namespace needs ids: there is no lxc.idmap");
	error_asked_by(err, choice_origin(planner));
	if (settings_values(planner->settings, "lxc.namespace.keep")->count > 0)
		return error_hint(err, "lxc.namespace.keep makes all that it does not list new: add 'user' to it, or lxc.idmap");
	return error_hint(err, "remove 'user' from lxc.namespace.clone, or add lxc.idmap");
}

static int refuse_time(const struct planner *planner, struct error *err)
{
	const struct value *offset = offset_of(planner);

	if (offset && !(planner->created & CLONE_NEWTIME)) {
		error_set(err, 0, "clocks can be set off only in a time namespace of the container's own");
		error_asked_by(err, offset->origin);
		return hint_new(planner, "time", err);
	}
	/* Init writes its offsets to a file in /proc that it must not own where others could look into it. */
	if (offset && planner->shared & CLONE_NEWUSER) {
		error_set(err, 0, "clocks cannot be set off in a user namespace of somebody else");
		error_asked_by(err, offset->origin);
		return error_hint(err, "set them off in the container that it belongs to, and share its time namespace too");
	}
	if (planner->created & CLONE_NEWTIME && !planner->host->time_namespaces) {
		error_set(err, 0, "this kernel has no time namespaces");
		return error_asked_by(err, offset ? offset->origin : choice_origin(planner));
	}
	return 0;
}

/*
 * In a mount namespace of somebody else's the container's mounts would be his
 * too (LXC makes them, and so loses the host its /dev): a container can live
 * there, with what it finds.
 */
static int refuse_mounts(const struct planner *planner, struct error *err)
{
	static const char *const keys[] = {
		"lxc.rootfs.path", "lxc.mount.auto", "lxc.mount.entry", "lxc.mount.fstab", "lxc.autodev", "lxc.pty.max",
		"lxc.tty.max",
	};

	for (size_t i = 0; !(planner->created & CLONE_NEWNS) && i < sizeof keys / sizeof keys[0]; i++) {
		const struct values *values = settings_values(planner->settings, keys[i]);

		if (values->count == 0 || strcmp(values->items[values->count - 1].text, "0") == 0)
			continue;
		error_set(err, 0, "%s needs a mount namespace of the container's own: its mounts would be somebody else's too",
			  keys[i]);
		error_asked_by(err, values->items[0].origin);
		return hint_new(planner, "mnt", err);
	}
	return 0;
}

static int refuse(const struct planner *planner, struct error *err)
{
	if (refuse_user(planner, err) < 0 || refuse_time(planner, err) < 0)
		return -1;
	return refuse_mounts(planner, err);
}

int plan_namespaces(struct planner *planner, struct error *err)
{
	const struct values *kept = settings_values(planner->settings, "lxc.namespace.keep");
	const struct values *cloned = settings_values(planner->settings, "lxc.namespace.clone");
	const struct values *shared = settings_values(planner->settings, "lxc.namespace.share");
	uint64_t all = 0;

	for (size_t i = 0; i < NAMESPACES; i++)
		all |= namespaces[i].flag;
	for (size_t i = 0; i < shared->count; i++)
		for (size_t n = 0; n < NAMESPACES; n++)
			if (strcmp(shared->items[i].sub, namespaces[n].name) == 0)
				planner->shared |= namespaces[n].flag;
	if (kept->count > 0)
		planner->created = all & ~flags_of(kept);
	else if (cloned->count > 0)
		planner->created = flags_of(cloned);
	else
		planner->created = automatic(planner);
	planner->created &= ~planner->shared;
	return refuse(planner, err);
}

int plan_shares(struct planner *planner, struct error *err)
{
	(void)err;
	for (size_t n = 0; n < NAMESPACES; n++) {
		const struct value *value = share_of(planner, namespaces[n].name);
		struct step_share *args;

		if (!value)
			continue;
		args = plan_add(planner->plan, STEP_SHARE, value->origin);
		args->namespace = namespaces[n].flag;
		args->name = namespaces[n].name;
		args->target = value->text;
	}
	return 0;
}

/* What clone3 cannot make right: a cgroup namespace whose root is set by v1 membership, and a time namespace. */
static uint64_t late(const struct planner *planner)
{
	uint64_t flags = CLONE_NEWTIME;

	if (planner->host->cgroups.mode != CGROUP_UNIFIED)
		flags |= CLONE_NEWCGROUP;
	return planner->created & flags;
}

int plan_clone(struct planner *planner, struct error *err)
{
	struct step_clone *args = plan_add(planner->plan, STEP_CLONE, NULL);

	(void)err;
	args->namespaces = planner->created & ~late(planner);
	if (planner->ids.mapped)
		args->namespaces &= ~PLAN_MAPPED_NAMESPACES; /* plan_idmap() */
	args->cgroup = planner->birth_cgroup;
	return 0;
}

/* As the kernel reads it: the nanoseconds count upwards from the second below. */
static const char *offset_line(struct arena *arena, const char *clock, int64_t nanoseconds)
{
	const int64_t second = 1000000000;
	int64_t seconds = nanoseconds / second, rest = nanoseconds % second;

	if (rest < 0) {
		rest += second;
		seconds--;
	}
	return arena_printf(arena, "%s %" PRId64 " %" PRId64 "\n", clock, seconds, rest);
}

int plan_time(struct planner *planner, struct error *err)
{
	struct arena *arena = planner->plan->arena;
	const struct value *offset = offset_of(planner);
	int64_t monotonic = settings_number(planner->settings, "lxc.time.offset.monotonic");
	int64_t boot = settings_number(planner->settings, "lxc.time.offset.boot");
	struct step_time *args;

	(void)err;
	if (!(planner->created & CLONE_NEWTIME))
		return 0;
	args = plan_add(planner->plan, STEP_TIME, offset ? offset->origin : NULL);
	if (offset)
		args->offsets = arena_printf(arena, "%s%s", offset_line(arena, "monotonic", monotonic),
					     offset_line(arena, "boottime", boot));
	return 0;
}

int plan_unshare(struct planner *planner, struct error *err)
{
	uint64_t made = late(planner) & ~(uint64_t)CLONE_NEWTIME;

	(void)err;
	if (made) {
		struct step_unshare *args = plan_add(planner->plan, STEP_UNSHARE, NULL);

		args->namespaces = made;
	}
	return 0;
}
