/*
 * Makes a plan: refuses what this version cannot do, then lets each domain
 * append its steps in the one order below.  Apart from the domains so that
 * the order, on which the security of a start rests, is read in one place.
 */
#include "plan/plan.h"

#include <stdarg.h>
#include <string.h>

#include "config/keys.h"
#include "plan/domains.h"

/*
 * Rows run from top to bottom and may add to both sides; what counts is the
 * order among the steps of one side.
 */
static const struct {
	domain_planner *plan;
	const char *why_here;
	bool decides;            /* what the others go by: without it they have nothing sensible to say */
	bool mounts;             /* only in a mount namespace of the container's own: see refuse_mounts() of namespaces.c */
} domains[] = {
	{ plan_idmap_check, "a map that cannot be is refused before all", .decides = true },
	{ plan_namespaces, "decides what the other domains ask for", .decides = true },
	{ plan_hooks_pre_start, "may make what all below needs: storage, bridges, files" },
	{ plan_policy, "a profile that cannot be made or loaded is refused before anything else is made" },
	{ plan_rootfs_device, "what serves it must not be frozen or killed with the container: not from its cgroup" },
	{ plan_cgroup_make, "before init exists: it is born in its cgroups" },
	{ plan_pin_early, "after the pre-start hooks, which may bring the rootfs, and before programs of the guest's" },
	{ plan_host_directories, "mounts inside find them ready" },
	{ plan_shares, "what is joined must be open before init exists" },
	{ plan_clone, "init is born once its cgroups exist" },
	{ plan_time, "init is the starter yet, to whom its files in /proc belong" },
	{ plan_idmap, "init is nobody before its ids are mapped, and what follows needs its network namespace" },
	{ plan_cgroup_place, "the launcher leaves before limits hold that it would count towards" },
	{ plan_cgroup_limits, "limits hold before init does anything" },
	{ plan_proc, "init is held, and cannot change what is written about it" },
	{ plan_prlimit, "raising a hard limit needs the host's privileges" },
	{ plan_core_sched, "the domain holds from init's first instruction" },
	{ plan_placed, "everything above needs the host's privileges and must hold before init does anything" },
	{ plan_pin, "init is at work, and the guest's first program is init itself, which waits for the host" },
	{ plan_net_host, "needs init's network namespace, and takes its time: init mounts meanwhile" },
	{ plan_cgroup_monitor, "init has work of its own by now, and does not wait for this" },
	{ plan_unshare, "a cgroup namespace is rooted where init was placed" },
	{ plan_propagation, "before any mount: nothing done from here on may show on the host", .mounts = true },
	{ plan_net_await, "hooks of any kind find the interfaces there" },
	{ plan_hooks_pre_mount, "in init's namespaces, before the rootfs is there" },
	{ plan_rootfs, "the place of all mounts below" },
	{ plan_hostname, "hooks and services see the container's name" },
	{ plan_keyring, "nothing of the caller's keys is left when hooks and init run" },
	{ plan_dev, "an empty /dev first, since entries and automatic mounts may lie in it", .mounts = true },
	{ plan_auto_mounts, "proc and sys before the entries, which may cover parts of them", .mounts = true },
	{ plan_net_inside, "needs capabilities, and nothing of the new root; entries may be of the network" },
	{ plan_fstab, "before the entries, as in LXC: an entry may cover a line of it", .mounts = true },
	{ plan_entries, "the last word of the config on the mount tree", .mounts = true },
	{ plan_cgroup_mounts, "needs /sys, which an entry may bring", .mounts = true },
	{ plan_hooks_mount, "all mounts of the config are made, /dev may still be changed" },
	{ plan_hooks_autodev, "before the nodes, as in LXC: what it makes stays" },
	{ plan_nodes, "after the hooks: nodes that a hook made stay as they are", .mounts = true },
	{ plan_devpts, "after the hooks, in the /dev they left", .mounts = true },
	{ plan_console, "needs the devpts", .mounts = true },
	{ plan_ttys, "after the console, which is the first pty as in LXC", .mounts = true },
	{ plan_dev_links, "the last of /dev: only where nothing else stands", .mounts = true },
	{ plan_cgroup_devices_beside, "after init made its device nodes, which the rules may not allow; it goes on meanwhile" },
	{ plan_pivot, "all mounts are made; the host's tree goes out of sight" },

	{ plan_shmounts, "after the pivot made the new tree shared: the tunnel alone takes mounts from outside" },
	{ plan_boot_id, "needs the final /proc", .mounts = true },
	{ plan_personality, "the last of what needs no confinement" },
	{ plan_sysctls, "writing them needs capabilities that are dropped next" },
	{ plan_stdio, "start hooks are programs of the guest's: the caller's terminal and session are not theirs" },
	{ plan_unmap, "before the filter, which may forbid it, and the hooks that run beside init" },
	{ plan_bounding, "nothing below needs more than the permitted set, which exec narrows" },
	{ plan_label, "the filter may forbid writing it" },
	{ plan_no_new_privs, "a filter without CAP_SYS_ADMIN needs it" },
	{ plan_clock, "the profile may forbid to load another filter" },
	{ plan_seccomp, "as late as can be: only the start hooks and exec follow" },
	{ plan_hooks_start, "in the container, as confined as init will be" },
	{ plan_ready, "init is set up and confined; from here it only waits for the host's consent" },

	{ plan_cgroup_devices, "where start hooks want devices that the rules do not allow" },
	{ plan_hooks_start_host, "sees the container as init will" },
	{ plan_verify, "what init must not hold is checked while it still waits" },
	{ plan_released, "the last word of the host: devices, hooks and verification came before" },
	{ plan_init_cwd, "a path of the container, so after pivot_root" },
	{ plan_identity, "from here on init has only its own rights" },
	{ plan_exec, "the last" },
};

/* A value that says what is true without it: such a line is harmless in any config. */
static bool changes_nothing(const struct key *key, const struct value *value)
{
	if (key->initial)
		return strcmp(value->text, key->initial) == 0;
	return strcmp(value->text, "0") == 0;
}

static int refuse_later(const struct planner *planner, const struct key *key, const struct values *values,
			struct error *err)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];

		if (changes_nothing(key, value))
			continue;
		error_set(err, 0, "%s%s%s is not supported yet", key->name, value->sub ? "." : "",
			  value->sub ? value->sub : "");
		error_asked_by(err, value->origin);
		error_hint(err, "remove the line, or start this container with LXC");
		if (plan_refuse(planner, err) < 0)
			return -1;
	}
	return 0;
}

static int refuse_later_net(const struct planner *planner, const struct key *key, struct error *err)
{
	for (size_t i = 0; i < settings_net_count(planner->settings); i++)
		if (refuse_later(planner, key, net_values(settings_net(planner->settings, i), key->name), err) < 0)
			return -1;
	return 0;
}

/* Every key that is parsed and kept but not acted on stops the start: nothing is ignored. */
static int refuse_unsupported(const struct planner *planner, struct error *err)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];
		int refused = 0;

		if (key->effect != EFFECT_LATER || key->kind == KEY_ACTION || key->kind == KEY_FORMER)
			continue;
		if (key->kind == KEY_NET)
			refused = refuse_later_net(planner, key, err);
		else
			refused = refuse_later(planner, key, settings_values(planner->settings, key->name), err);
		if (refused < 0)
			return -1;
	}
	return 0;
}

int plan_refuse(const struct planner *planner, struct error *err)
{
	const struct plan_request *request = planner->request;

	if (!request->refuse)
		return -1;
	request->refuse(err, request->refuse_context);
	error_done(err);
	return 0;
}

static int plan_domains(struct planner *planner, struct error *err)
{
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
		if (domains[i].mounts && !(planner->created & CLONE_NEWNS))
			continue;
		if (domains[i].plan(planner, err) < 0 && (domains[i].decides || plan_refuse(planner, err) < 0))
			return -1;
	}
	return 0;
}

struct plan *plan_new(const struct settings *settings, const struct host *host,
		      const struct plan_request *request, struct error *err)
{
	struct arena *arena = arena_new();
	struct plan *plan = arena_alloc(arena, sizeof *plan);
	struct planner planner = {
		.plan = plan, .settings = settings, .host = host, .request = request,
		.capabilities = settings_capabilities(settings, host->last_capability),
		.own_rootfs = settings_value(settings, "lxc.rootfs.path") != NULL,
	};

	plan->arena = arena;
	plan->name = arena_strdup(arena, request->name);
	plan->lxcpath = arena_strdup(arena, request->lxcpath);
	plan->settings = settings;

	if (refuse_unsupported(&planner, err) == 0 && plan_domains(&planner, err) == 0)
		return plan;
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan)
{
	if (plan)
		arena_free(plan->arena);
}

static struct side *side_of(struct plan *plan, enum step_side side)
{
	return side == SIDE_HOST ? &plan->host : &plan->container;
}

void *plan_add(struct plan *plan, enum step_kind kind, const struct origin *origin)
{
	const struct step_kind_row *row = &step_kinds[kind];
	struct side *side = side_of(plan, row->side);
	void *args = row->size > 0 ? arena_alloc(plan->arena, row->size) : NULL;

	side->steps = arena_append(plan->arena, side->steps, &side->count, sizeof *side->steps);
	side->steps[side->count - 1] = (struct step){ .kind = kind, .origin = origin, .args = args };
	return args;
}

void plan_last_is_optional(struct plan *plan, enum step_side side)
{
	struct side *where = side_of(plan, side);

	if (where->count > 0)
		where->steps[where->count - 1].optional = true;
}

void plan_note(struct plan *plan, const struct origin *origin, const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	plan->notes = arena_append(plan->arena, plan->notes, &plan->note_count, sizeof *plan->notes);
	plan->notes[plan->note_count - 1] = (struct note){ origin, arena_strdup(plan->arena, text) };
}

void plan_meet(struct planner *planner, enum step_kind kind, enum sync_point point)
{
	struct step_sync *args = plan_add(planner->plan, kind, NULL);

	args->point = point;
}

int plan_placed(struct planner *planner, struct error *err)
{
	(void)err;
	plan_meet(planner, STEP_RELEASE, SYNC_PLACED);
	plan_meet(planner, STEP_SYNC, SYNC_PLACED);
	return 0;
}

int plan_ready(struct planner *planner, struct error *err)
{
	(void)err;
	plan_meet(planner, STEP_AWAIT, SYNC_READY);
	plan_meet(planner, STEP_SYNC, SYNC_READY);
	return 0;
}

int plan_released(struct planner *planner, struct error *err)
{
	(void)err;
	plan_meet(planner, STEP_RELEASE, SYNC_READY);
	return 0;
}
