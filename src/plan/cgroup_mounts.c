/*
 * The cgroup words of lxc.mount.auto: what the container sees below
 * /sys/fs/cgroup.  With a cgroup namespace each hierarchy is mounted anew and
 * shows the container's own cgroup as its root; without one the host's
 * hierarchies are bound, and all but the container's own cgroup can be kept
 * read-only (mixed).
 */
#include <linux/capability.h>
#include <sched.h>
#include <string.h>

#include "lib/mount.h"
#include "plan/domains.h"

static const char place[] = "sys/fs/cgroup";
static const uint64_t guarded = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

struct wish {
	const struct value *value;
	bool v2_only;   /* cgroup2 */
	bool full;      /* cgroup-full */
	bool readonly, mixed, force;
};

static bool find_wish(const struct planner *planner, struct wish *ret)
{
	const struct values *words = settings_values(planner->settings, "lxc.mount.auto");
	bool admin = (planner->capabilities >> CAP_SYS_ADMIN) & 1;
	const char *text;

	*ret = (struct wish){ 0 };
	for (size_t i = words->count; i > 0 && !ret->value; i--)
		if (strncmp(words->items[i - 1].text, "cgroup", strlen("cgroup")) == 0)
			ret->value = &words->items[i - 1];
	if (!ret->value)
		return false;
	text = ret->value->text;
	ret->v2_only = strncmp(text, "cgroup2", strlen("cgroup2")) == 0;
	ret->full = strncmp(text, "cgroup-full", strlen("cgroup-full")) == 0;
	ret->readonly = strstr(text, ":ro") != NULL;
	/* Who may mount could undo it anyway, so a word alone means writable for those. */
	ret->mixed = strstr(text, ":mixed") || (!ret->readonly && !strstr(text, ":rw") && !ret->v2_only && !admin);
	ret->force = ret->v2_only || strstr(text, ":force");
	return true;
}

static void add_directory(struct planner *planner, const struct wish *wish, const char *target)
{
	struct step_path *step = plan_add(planner->plan, STEP_DIRECTORY, wish->value->origin);

	step->target = target;
	step->mode = 0755;
}

static void add_tmpfs(struct planner *planner, const struct wish *wish)
{
	struct step_filesystem *step = plan_add(planner->plan, STEP_FILESYSTEM, wish->value->origin);

	step->type = "tmpfs";
	step->source = "cgroup_root";
	step->target = place;
	step->data = "size=10240k,mode=755";
	step->attr_set = guarded;
	step->create = 'd';
}

static void add_hierarchy(struct planner *planner, const struct wish *wish, const struct cgroup_hierarchy *hierarchy,
			  const char *target)
{
	struct step_cgroup_mount *step = plan_add(planner->plan, STEP_CGROUP_MOUNT, wish->value->origin);
	bool own = (planner->created & CLONE_NEWCGROUP) != 0;

	step->source = own ? NULL : hierarchy->mountpoint;
	step->target = target;
	step->controllers = hierarchy->v2 ? NULL : hierarchy->controllers;
	step->full = !own && wish->full;
	step->readonly = wish->readonly;
	step->mixed = !own && wish->mixed;
}

/* "cpu,cpuacct" is also found as cpu and as cpuacct, as on the host. */
static void add_links(struct planner *planner, const struct wish *wish, const char *name)
{
	struct arena *arena = planner->plan->arena;
	struct step_link *step;

	if (!strchr(name, ','))
		return;
	for (const char *word = name; *word; word += word[strcspn(word, ",")] ? strcspn(word, ",") + 1 : strlen(word)) {
		step = plan_add(planner->plan, STEP_LINK, wish->value->origin);
		step->target = arena_printf(arena, "%s/%.*s", place, (int)strcspn(word, ","), word);
		step->contents = name;
	}
}

/* v1 and hybrid: a tmpfs with one directory a hierarchy, named as on the host. */
static void plan_many(struct planner *planner, const struct wish *wish)
{
	const struct cgroup_layout *layout = &planner->host->cgroups;
	struct step_attributes *seal;

	add_tmpfs(planner, wish);
	for (size_t i = 0; i < layout->count; i++) {
		const char *slash = strrchr(layout->hierarchies[i].mountpoint, '/');
		const char *name = slash ? slash + 1 : layout->hierarchies[i].mountpoint;
		const char *target = arena_printf(planner->plan->arena, "%s/%s", place, name);

		add_directory(planner, wish, target);
		add_hierarchy(planner, wish, &layout->hierarchies[i], target);
		add_links(planner, wish, name);
	}
	if (!wish->readonly && !wish->mixed)
		return;
	seal = plan_add(planner->plan, STEP_ATTRIBUTES, wish->value->origin);
	seal->target = place;
	seal->attr_set = MOUNT_ATTR_RDONLY;
}

static int plan_v2(struct planner *planner, const struct wish *wish, struct error *err)
{
	const struct cgroup_layout *layout = &planner->host->cgroups;

	for (size_t i = 0; i < layout->count; i++) {
		if (!layout->hierarchies[i].v2)
			continue;
		if (!(planner->created & CLONE_NEWCGROUP)) {
			error_set(err, 0, "mounting cgroup v2 needs a cgroup namespace of the container's own");
			error_hint(err, "leave 'cgroup' out of lxc.namespace.keep, or remove the word from lxc.mount.auto");
			return error_asked_by(err, wish->value->origin);
		}
		add_directory(planner, wish, place);
		add_hierarchy(planner, wish, &layout->hierarchies[i], place);
		return 0;
	}
	error_set(err, 0, "this host has no cgroup v2 hierarchy to mount");
	return error_asked_by(err, wish->value->origin);
}

int plan_cgroup_mounts(struct planner *planner, struct error *err)
{
	enum cgroup_mode mode = planner->host->cgroups.mode;
	bool admin = (planner->capabilities >> CAP_SYS_ADMIN) & 1;
	struct wish wish;

	if (!find_wish(planner, &wish) || mode == CGROUP_NONE)
		return 0;
	if (mode == CGROUP_UNIFIED)
		return plan_v2(planner, &wish, err);
	/* As in LXC: an init with a cgroup namespace and the right to mount does it itself. */
	if ((planner->created & CLONE_NEWCGROUP) && !wish.force && admin)
		return 0;
	if (wish.v2_only)
		return plan_v2(planner, &wish, err);
	plan_many(planner, &wish);
	return 0;
}
