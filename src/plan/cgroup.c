/*
 * Cgroups of a container: LXC's names, where each is made and who enters when.
 * Settings and host facts in, steps out.
 *
 * Init is born in its cgroups: the launcher enters the payload's v1 cgroups
 * itself, which costs nothing for a single thread, makes init by clone3
 * (straight into the v2 cgroup), and leaves again.  Moving init afterwards
 * would wait for an RCU grace period, some milliseconds, in every start.
 *
 * The monitor is in lxc.monitor.NAME like LXC's, with two exceptions: a
 * foreground lxs-execute stays where its caller put it, as any command does;
 * and where there is v1, a launcher at the root of a hierarchy stays there.
 */
#include "plan/domains.h"

#include <string.h>

#include "host/cgroups.h"

/* Below the base of each hierarchy. */
struct names {
	const char *monitor, *payload;
	const char *limit;   /* where limits are set: the payload or the cgroup around it */
	bool exact;
	bool of_config;      /* somebody chose them */
};

static const struct cgroup_layout *layout_of(const struct planner *planner)
{
	return &planner->host->cgroups;
}

static const struct origin *origin_of(const struct settings *settings, const char *key)
{
	const struct value *value = settings_value(settings, key);

	return value ? value->origin : NULL;
}

static int names_of_own(struct planner *planner, const char *monitor, const char *container, struct names *ret,
			struct error *err)
{
	const char *inner = settings_string(planner->settings, "lxc.cgroup.dir.container.inner");
	const char *lone = monitor ? "lxc.cgroup.dir.monitor" : container ? "lxc.cgroup.dir.container"
									  : "lxc.cgroup.dir.container.inner";

	if (!monitor || !container) {
		error_set(err, 0, "%s needs lxc.cgroup.dir.monitor and lxc.cgroup.dir.container both", lone);
		return error_asked_by(err, origin_of(planner->settings, lone));
	}
	if (settings_string(planner->settings, "lxc.cgroup.dir")) {
		error_set(err, 0, "lxc.cgroup.dir and lxc.cgroup.dir.monitor exclude each other");
		return error_asked_by(err, origin_of(planner->settings, "lxc.cgroup.dir"));
	}
	ret->exact = ret->of_config = true;
	ret->monitor = monitor;
	ret->limit = container;
	ret->payload = inner ? arena_printf(planner->plan->arena, "%s/%s", container, inner) : container;
	return 0;
}

/* lxc.cgroup.pattern of lxs.conf with the container's name in place of each %n, without a slash in front. */
static const char *pattern_expand(const struct planner *planner, const char *pattern, struct error *err)
{
	const char *text = "", *found;

	pattern += strspn(pattern, "/");
	while ((found = strstr(pattern, "%n"))) {
		text = arena_printf(planner->plan->arena, "%s%.*s%s", text, (int)(found - pattern), pattern,
				    planner->plan->name);
		pattern = found + 2;
	}
	text = arena_printf(planner->plan->arena, "%s%s", text, pattern);
	if (strstr(text, "..")) {
		error_set(err, 0, "lxc.cgroup.pattern of lxs.conf must not contain '..'");
		return NULL;
	}
	return text;
}

static int names_choose(struct planner *planner, struct names *ret, struct error *err)
{
	struct arena *arena = planner->plan->arena;
	const char *directory = settings_string(planner->settings, "lxc.cgroup.dir");
	const char *monitor = settings_string(planner->settings, "lxc.cgroup.dir.monitor");
	const char *container = settings_string(planner->settings, "lxc.cgroup.dir.container");
	const char *slash = directory ? "/" : "";

	if (monitor || container || settings_string(planner->settings, "lxc.cgroup.dir.container.inner"))
		return names_of_own(planner, monitor, container, ret, err);
	if (!directory && layout_of(planner)->pattern) {
		directory = pattern_expand(planner, layout_of(planner)->pattern, err);
		if (!directory)
			return -1;
		ret->of_config = true;
		ret->monitor = arena_printf(arena, "%s/monitor", directory);
		ret->payload = ret->limit = arena_printf(arena, "%s/payload", directory);
		return 0;
	}
	ret->of_config = directory || settings_string(planner->settings, "lxc.cgroup.dir.monitor.pivot");
	if (!directory)
		directory = "";
	ret->monitor = arena_printf(arena, "%s%slxc.monitor.%s", directory, slash, planner->plan->name);
	ret->payload = arena_printf(arena, "%s%slxc.payload.%s", directory, slash, planner->plan->name);
	ret->limit = ret->payload;
	return 0;
}

/* The directory below which the container's cgroups of one hierarchy are made, without a slash at its end. */
static const char *base_of(const struct planner *planner, const struct cgroup_hierarchy *hierarchy)
{
	const char *base = settings_flag(planner->settings, "lxc.cgroup.relative") ? hierarchy->own : hierarchy->base;

	return arena_printf(planner->plan->arena, "%s%s", hierarchy->mountpoint, strcmp(base, "/") == 0 ? "" : base);
}

static const char *own_of(const struct planner *planner, const struct cgroup_hierarchy *hierarchy)
{
	return arena_printf(planner->plan->arena, "%s%s", hierarchy->mountpoint,
			    strcmp(hierarchy->own, "/") == 0 ? "" : hierarchy->own);
}

/*
 * On a v2-only host every controller is handed down, as LXC does, so that
 * limits can also be set later.  On a hybrid host v2 is used for what the
 * config asks of it.
 */
static const char *controllers_enabled(const struct planner *planner, const struct cgroup_hierarchy *hierarchy)
{
	const struct values *limits = settings_values(planner->settings, "lxc.cgroup2");
	const char *list = hierarchy->controllers, *enable = NULL;
	size_t length;

	for (; *list; list += length + (list[length] != '\0')) {
		bool wanted = layout_of(planner)->mode == CGROUP_UNIFIED;

		length = strcspn(list, " ");
		for (size_t i = 0; i < limits->count && !wanted; i++)
			wanted = limits->items[i].sub && strncmp(limits->items[i].sub, list, length) == 0 &&
				 limits->items[i].sub[length] == '.';
		if (wanted && length > 0)
			enable = arena_printf(planner->plan->arena, "%s%s+%.*s", enable ? enable : "",
					      enable ? " " : "", (int)length, list);
	}
	return enable;
}

/*
 * Where processes go that must leave before a cgroup is removed.  A
 * foreground start returns to where it was; what runs in the background has
 * nothing to go back to.  Where the config names a place, it is that and no
 * other: as in LXC it stays afterwards.
 */
static void escapes_set(const struct planner *planner, const struct cgroup_hierarchy *hierarchy, const char *base,
			struct cgroup_place *place)
{
	const char *pivot = settings_string(planner->settings, "lxc.cgroup.dir.monitor.pivot");

	place->escape[1] = arena_printf(planner->plan->arena, "%s/%s%s" CGROUP_PIVOT, base, pivot ? pivot : "", pivot ? "/" : "");
	place->escape[0] = pivot ? place->escape[1] : planner->request->foreground ? own_of(planner, hierarchy) : base;
}

/*
 * Where there is v1, as on hosts without systemd, a launcher may be at the root
 * of a hierarchy: nothing limits it there and nobody ends it with a session.
 * A cgroup of its own would serve nothing, and getting out of one of v2 again
 * takes each stop an RCU grace period: so the monitor stays at that root.
 */
static bool monitor_is_apart(const struct planner *planner, const struct names *names,
			     const struct cgroup_hierarchy *hierarchy)
{
	return names->of_config || layout_of(planner)->mode == CGROUP_UNIFIED || strcmp(hierarchy->own, "/") != 0;
}

static void place_set(const struct planner *planner, const struct names *names, bool monitor,
		      const struct cgroup_hierarchy *hierarchy, struct cgroup_place *place)
{
	const char *base = base_of(planner, hierarchy);

	place->path = arena_printf(planner->plan->arena, "%s/%s", base, monitor ? names->monitor : names->payload);
	place->base = strlen(base);
	place->limit = place->base + 1 + strlen(monitor ? names->monitor : names->limit);
	place->v2 = hierarchy->v2;
	place->cpuset = !hierarchy->v2 && cgroup_has(hierarchy, "cpuset");
	/* The monitor needs none, and may have to leave the base before it can hand any down. */
	if (hierarchy->v2 && !monitor)
		place->enable = controllers_enabled(planner, hierarchy);
	escapes_set(planner, hierarchy, base, place);
}

static void places_set(struct planner *planner, const struct names *names, bool monitor, struct step_cgroup *step)
{
	const struct cgroup_layout *layout = layout_of(planner);
	struct arena *arena = planner->plan->arena;
	const char **directories = arena_alloc(arena, (layout->count + 1) * sizeof *directories);
	struct cgroup_place *places = arena_alloc(arena, layout->count * sizeof *places);
	size_t used = 0;

	for (size_t i = 0; i < layout->count; i++) {
		if (monitor && !monitor_is_apart(planner, names, &layout->hierarchies[i]))
			continue;
		place_set(planner, names, monitor, &layout->hierarchies[i], &places[used]);
		directories[used] = places[used].path;
		used++;
	}
	step->directories = directories;
	step->places = places;
}

static struct step_cgroup *add_cgroup(struct planner *planner, enum step_kind kind, const char *role,
				      const struct names *names)
{
	struct step_cgroup *step = plan_add(planner->plan, kind, NULL);
	bool monitor = strcmp(role, "monitor") == 0;
	const struct step_cgroup **same = monitor ? &planner->monitor : &planner->payload;

	step->role = role;
	step->exact = names->exact;
	if (*same) {
		step->directories = (*same)->directories;
		step->places = (*same)->places;
	} else {
		places_set(planner, names, monitor, step);
	}
	*same = step;
	return step;
}

/*
 * v2 allows no processes beside child cgroups that controllers are handed to
 * (cgroups(7), "no internal processes"), except in the true root: the launcher
 * must be out of the base before the payload is made.
 */
static bool must_leave_base(const struct planner *planner)
{
	const struct cgroup_hierarchy *v2 = cgroup_find_version(layout_of(planner), "", true);

	return v2 && layout_of(planner)->mode == CGROUP_UNIFIED && strcmp(v2->own, "/") != 0 &&
	       strcmp(base_of(planner, v2), own_of(planner, v2)) == 0;
}

static bool stays_with_caller(const struct planner *planner)
{
	return planner->request->execute && planner->request->foreground && !must_leave_base(planner);
}

/* Making the payload's, and the launcher's visit to it; the monitor's first where the base may hold no process. */
int plan_cgroup_make(struct planner *planner, struct error *err)
{
	const struct cgroup_hierarchy *v2 = cgroup_find_version(layout_of(planner), "", true);
	struct names names = { 0 };

	if (names_choose(planner, &names, err) < 0)
		return -1;
	if (layout_of(planner)->count == 0)
		return 0;
	if (must_leave_base(planner)) {
		add_cgroup(planner, STEP_CGROUP_MAKE, "monitor", &names);
		add_cgroup(planner, STEP_CGROUP_JOIN, "monitor", &names)->early = true;
	}
	add_cgroup(planner, STEP_CGROUP_MAKE, "payload", &names);
	add_cgroup(planner, STEP_CGROUP_JOIN, "payload", &names);
	if (v2)
		planner->birth_cgroup = arena_printf(planner->plan->arena, "%s/%s", base_of(planner, v2), names.payload);
	return 0;
}

/* To where it was; with `rest` only where the monitor gets no cgroup of its own. */
static void add_return_to_caller(struct planner *planner, const struct names *rest)
{
	const struct cgroup_layout *layout = layout_of(planner);
	struct arena *arena = planner->plan->arena;
	const char **directories = arena_alloc(arena, (layout->count + 1) * sizeof *directories);
	struct cgroup_place *places = arena_alloc(arena, layout->count * sizeof *places);
	struct step_cgroup *step;
	size_t used = 0;

	for (size_t i = 0; i < layout->count; i++) {
		if (layout->hierarchies[i].v2)
			continue; /* the launcher never left it */
		if (rest && monitor_is_apart(planner, rest, &layout->hierarchies[i]))
			continue;
		places[used].path = directories[used] = own_of(planner, &layout->hierarchies[i]);
		used++;
	}
	if (used == 0)
		return;
	step = plan_add(planner->plan, STEP_CGROUP_JOIN, NULL);
	step->role = "caller";
	step->directories = directories;
	step->places = places;
}

/*
 * Whether the launcher may stay where it visited until init is released, which
 * spares init the wait: nothing is limited and nothing is run meanwhile.
 */
static bool may_linger(const struct planner *planner)
{
	static const char *const keys_between[] = { "lxc.cgroup", "lxc.cgroup2", "lxc.idmap" };

	for (size_t i = 0; i < sizeof keys_between / sizeof keys_between[0]; i++) {
		const struct values *values = settings_values(planner->settings, keys_between[i]);

		for (size_t n = 0; n < values->count; n++)
			if (!values->items[n].sub || strncmp(values->items[n].sub, "devices.", strlen("devices.")) != 0)
				return false;
	}
	/* Scripts and the helper of ordinary users are programs; ovs-vsctl is soon over, and nothing limits it. */
	for (size_t i = 0; i < settings_net_count(planner->settings); i++)
		if (planner->host->uid != 0 || net_value(settings_net(planner->settings, i), "lxc.net.N.script.up"))
			return false;
	return true;
}

/* After the clone: the launcher goes where it belongs, and init too if it could not be born there. */
int plan_cgroup_place(struct planner *planner, struct error *err)
{
	struct names names = { 0 };

	if (names_choose(planner, &names, err) < 0)
		return -1;
	if (layout_of(planner)->count == 0)
		return 0;
	if (must_leave_base(planner))
		add_cgroup(planner, STEP_CGROUP_JOIN, "monitor", &names);
	else if (!may_linger(planner))
		add_return_to_caller(planner, NULL);
	add_cgroup(planner, STEP_CGROUP_PLACE, "payload", &names);
	return 0;
}

static bool monitor_has_any(const struct planner *planner, const struct names *names)
{
	const struct cgroup_layout *layout = layout_of(planner);

	for (size_t i = 0; i < layout->count; i++)
		if (monitor_is_apart(planner, names, &layout->hierarchies[i]))
			return true;
	return false;
}

/* Nobody waits for the monitor's own cgroups, so they are made while init is busy. */
int plan_cgroup_monitor(struct planner *planner, struct error *err)
{
	struct names names = { 0 };

	if (names_choose(planner, &names, err) < 0)
		return -1;
	if (layout_of(planner)->count == 0 || must_leave_base(planner))
		return 0;
	if (stays_with_caller(planner)) {
		if (may_linger(planner))
			add_return_to_caller(planner, NULL);
		return 0;
	}
	if (may_linger(planner))
		add_return_to_caller(planner, &names);
	if (!monitor_has_any(planner, &names))
		return 0;
	add_cgroup(planner, STEP_CGROUP_MAKE, "monitor", &names);
	add_cgroup(planner, STEP_CGROUP_JOIN, "monitor", &names);
	return 0;
}

const char *plan_cgroup_device_directory(struct planner *planner, const struct cgroup_hierarchy *hierarchy,
					 struct error *err)
{
	struct names names = { 0 };

	if (names_choose(planner, &names, err) < 0)
		return NULL;
	return arena_printf(planner->plan->arena, "%s/%s", base_of(planner, hierarchy),
			    hierarchy->v2 ? names.limit : names.payload);
}

const char *plan_cgroup_limit_directory(struct planner *planner, const struct cgroup_hierarchy *hierarchy,
					struct error *err)
{
	struct names names = { 0 };

	if (names_choose(planner, &names, err) < 0)
		return NULL;
	return arena_printf(planner->plan->arena, "%s/%s", base_of(planner, hierarchy), names.limit);
}
