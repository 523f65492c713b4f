/*
 * Limits of a container's cgroups: which line holds on this machine, and where
 * it is set.  Apart from cgroup.c, which says what the cgroups are.
 *
 * A line is for the version of cgroups its key names.  Where this
 * machine has the controller in the other version only, the line is an error,
 * unless the config also has a line for that resource in the fitting version;
 * then it is skipped, and the plan has a note that says so.
 */
#include "plan/domains.h"

#include <string.h>

#include "host/cgroups.h"

static const struct cgroup_layout *layout_of(const struct planner *planner)
{
	return &planner->host->cgroups;
}

/* What a resource is called in both versions, for hints and to see that a config speaks of it in both. */
static const struct counterpart {
	const char *v1, *v2;
} counterparts[] = {
	{ "memory.limit_in_bytes", "memory.max" },
	{ "memory.soft_limit_in_bytes", "memory.low" },
	{ "memory.memsw.limit_in_bytes", "memory.swap.max" },
	{ "cpu.shares", "cpu.weight" },
	{ "cpu.cfs_quota_us", "cpu.max" },
	{ "cpu.cfs_period_us", "cpu.max" },
	{ "blkio.weight", "io.weight" },
	{ "blkio.bfq.weight", "io.bfq.weight" },
	{ "blkio.throttle.read_bps_device", "io.max" },
	{ "blkio.throttle.write_bps_device", "io.max" },
	{ "freezer.state", "cgroup.freeze" },
	{ "cpuset.cpus", "cpuset.cpus" },
	{ "cpuset.mems", "cpuset.mems" },
	{ "pids.max", "pids.max" },
	{ "cpuacct.", "cpu." }, /* from here on by controller */
	{ "blkio.", "io." },
	{ "memory.", "memory." },
	{ "cpu.", "cpu." },
	{ "cpuset.", "cpuset." },
	{ "hugetlb.", "hugetlb." },
	{ "pids.", "pids." },
	{ "rdma.", "rdma." },
};

static const struct counterpart *counterpart_find(const char *file, bool v2)
{
	for (size_t i = 0; i < sizeof counterparts / sizeof counterparts[0]; i++) {
		const char *name = v2 ? counterparts[i].v2 : counterparts[i].v1;
		size_t length = strlen(name);

		if (name[length - 1] == '.' ? strncmp(file, name, length) == 0 : strcmp(file, name) == 0)
			return &counterparts[i];
	}
	return NULL;
}

/* The hierarchy where this file of this version is; NULL: not on this machine. */
static const struct cgroup_hierarchy *hierarchy_of_file(const struct planner *planner, const char *file, bool v2)
{
	char controller[64] = "";
	size_t length = strcspn(file, ".");

	if (length >= sizeof controller)
		return NULL;
	memcpy(controller, file, length);
	/* The files that every v2 cgroup has, whatever its controllers. */
	if (v2 && strcmp(controller, "cgroup") == 0)
		return cgroup_find_version(layout_of(planner), "", true);
	if (length == 0)
		return NULL;
	return cgroup_find_version(layout_of(planner), controller, v2);
}

/* Whether the config also limits this resource in the other version, and this machine has that. */
static bool said_otherwise(const struct planner *planner, const char *file, bool v2)
{
	const struct counterpart *mine = counterpart_find(file, v2);
	const struct values *others = settings_values(planner->settings, v2 ? "lxc.cgroup" : "lxc.cgroup2");

	for (size_t i = 0; mine && i < others->count; i++) {
		const char *sub = others->items[i].sub;
		const char *name = v2 ? mine->v1 : mine->v2;
		size_t controller = strcspn(name, ".") + 1;

		if (sub && strncmp(sub, name, controller) == 0 && hierarchy_of_file(planner, sub, !v2))
			return true;
	}
	return false;
}

/* The ways to what an ordinary user lacks, from where he is. */
static int limit_hint_user(const struct planner *planner, const struct value *value, bool v2, struct error *err)
{
	const struct cgroup_hierarchy *given = cgroup_find_version(layout_of(planner), "", true);

	if (planner->host->no_scope)
		return error_hint(err, "systemd was asked for a cgroup: %s; or remove the line and start without limits",
				  planner->host->no_scope);
	if (v2 && given && layout_of(planner)->mode == CGROUP_UNIFIED)
		return error_hint(err, "the controllers given to you are '%s'; with systemd root can give more, by Delegate= in "
				  "/etc/systemd/system/user@.service.d/delegate.conf", given->controllers);
	return error_hint(err, "root can give you a cgroup with 'lxs-cgdelegate USER'; or remove the line and start without "
			  "limits");
}

static int limit_refuse(const struct planner *planner, const struct value *value, bool v2, struct error *err)
{
	const struct counterpart *other = counterpart_find(value->sub, v2);
	const char *name = other ? (v2 ? other->v1 : other->v2) : NULL;

	error_set(err, 0, "lxc.cgroup%s.%s cannot be set: this machine has no writable cgroup v%d hierarchy with the "
		  "controller %.*s", v2 ? "2" : "", value->sub, v2 ? 2 : 1, (int)strcspn(value->sub, "."), value->sub);
	error_asked_by(err, value->origin);
	if (layout_of(planner)->count == 0 && planner->host->uid == 0)
		return error_hint(err, "no cgroup hierarchy can be written here at all: see what is mounted below "
				  "/sys/fs/cgroup");
	if (name && name[strlen(name) - 1] != '.' && hierarchy_of_file(planner, name, !v2))
		return error_hint(err, "what is called lxc.cgroup%s.%s may be what you want; with both lines the config "
				  "fits both kinds of machine", v2 ? "" : "2", name);
	if (layout_of(planner)->use)
		return error_hint(err, "lxc.cgroup.use of lxs.conf leaves out what it does not name: %s",
				  layout_of(planner)->use);
	if (planner->host->uid != 0)
		return limit_hint_user(planner, value, v2, err);
	return error_hint(err, "remove the line, or mount a hierarchy with this controller");
}

static int limit_add(struct planner *planner, const struct value *value, bool v2, struct error *err)
{
	const struct cgroup_hierarchy *hierarchy;
	struct step_cgroup_limit *step;
	struct step_text *note;

	if (!value->sub || strncmp(value->sub, "devices.", strlen("devices.")) == 0)
		return 0;
	if (strchr(value->sub, '/') || strcmp(value->sub, "..") == 0) {
		error_set(err, 0, "%s is not the name of a cgroup file", value->sub);
		return error_asked_by(err, value->origin);
	}
	hierarchy = hierarchy_of_file(planner, value->sub, v2);
	if (hierarchy) {
		step = plan_add(planner->plan, STEP_CGROUP_LIMIT, value->origin);
		step->directory = plan_cgroup_limit_directory(planner, hierarchy, err);
		step->file = value->sub;
		step->value = value->text;
		return step->directory ? 0 : -1;
	}
	if (!said_otherwise(planner, value->sub, v2) && !planner->host->scope_later)
		return limit_refuse(planner, value, v2, err);
	note = plan_add(planner->plan, STEP_NOTE, value->origin);
	if (planner->host->scope_later) {
		note->text = "is set in the scope that systemd is asked for at the start";
		return 0;
	}
	note->text = arena_printf(planner->plan->arena, "lxc.cgroup%s.%s is skipped: this machine has the controller in "
				  "cgroup v%d, and the config has a line for that", v2 ? "2" : "", value->sub, v2 ? 1 : 2);
	return 0;
}

int plan_cgroup_limits(struct planner *planner, struct error *err)
{
	for (int version = 1; version <= 2; version++) {
		const struct values *values = settings_values(planner->settings,
							      version == 1 ? "lxc.cgroup" : "lxc.cgroup2");

		for (size_t i = 0; i < values->count; i++)
			if (limit_add(planner, &values->items[i], version == 2, err) < 0 &&
			    plan_refuse(planner, err) < 0)
				return -1;
	}
	return 0;
}
