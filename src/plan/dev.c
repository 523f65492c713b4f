/*
 * What a container finds in /dev: a tmpfs with LXC's set of nodes (autodev),
 * its own devpts, the console, ttys and the usual links.
 */
#include <string.h>

#include "plan/domains.h"

static const struct {
	const char *target;
	unsigned major, minor;
} nodes[] = {
	{ "dev/full", 1, 7 },   { "dev/null", 1, 3 },    { "dev/random", 1, 8 },
	{ "dev/tty", 5, 0 },    { "dev/urandom", 1, 9 }, { "dev/zero", 1, 5 },
};

static const struct {
	const char *target, *contents;
} links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

enum { DEFAULT_DEV_SIZE = 500000 };

static const struct origin *origin_of(const struct planner *planner, const char *key)
{
	const struct value *value = settings_value(planner->settings, key);

	return value ? value->origin : NULL;
}

static void add_directory(struct planner *planner, const char *target, const struct origin *origin)
{
	struct step_path *step = plan_add(planner->plan, STEP_DIRECTORY, origin);

	step->target = target;
	step->mode = 0755;
}

int plan_dev(struct planner *planner, struct error *err)
{
	const struct origin *origin = origin_of(planner, "lxc.autodev");
	int64_t size = settings_number(planner->settings, "lxc.autodev.tmpfs.size");
	struct step_filesystem *step;

	(void)err;
	if (!settings_flag(planner->settings, "lxc.autodev"))
		return 0;
	step = plan_add(planner->plan, STEP_FILESYSTEM, origin);
	step->type = "tmpfs";
	step->source = "none";
	step->target = "dev";
	step->create = 'd';
	step->data = arena_printf(planner->plan->arena, "size=%lld,mode=755",
				  size > 0 ? (long long)size : (long long)DEFAULT_DEV_SIZE);
	add_directory(planner, "dev/pts", origin);
	return 0;
}

int plan_nodes(struct planner *planner, struct error *err)
{
	struct step_node *step;

	(void)err;
	if (!settings_flag(planner->settings, "lxc.autodev"))
		return 0;
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
		step = plan_add(planner->plan, STEP_NODE, origin_of(planner, "lxc.autodev"));
		*step = (struct step_node){ nodes[i].target, nodes[i].major, nodes[i].minor, 0666 };
	}
	return 0;
}

bool plan_has_console(const struct planner *planner)
{
	const char *path = settings_string(planner->settings, "lxc.console.path");

	return !path || strcmp(path, "none") != 0;
}

/* In the host's tree an empty /dev hides the ptys a terminal could be taken from. */
static bool hides_ptys(const struct planner *planner)
{
	return !planner->own_rootfs && settings_flag(planner->settings, "lxc.autodev");
}

int plan_devpts(struct planner *planner, struct error *err)
{
	int64_t ptys = settings_number(planner->settings, "lxc.pty.max");
	int64_t ttys = settings_number(planner->settings, "lxc.tty.max");
	struct step_devpts *step;

	(void)err;
	if (ptys + ttys <= 0 && !hides_ptys(planner))
		return 0;
	step = plan_add(planner->plan, STEP_DEVPTS, origin_of(planner, ptys > 0 ? "lxc.pty.max" : "lxc.tty.max"));
	step->max = ptys + ttys > 0 ? (unsigned)(ptys + ttys) : 1;
	step->bind_ptmx = ptys > 0;
	step->no_tty_group = planner->ids.no_tty_group;
	return 0;
}

int plan_console(struct planner *planner, struct error *err)
{
	const char *directory = settings_string(planner->settings, "lxc.tty.dir");
	struct step_console *step = plan_add(planner->plan, STEP_CONSOLE,
					     origin_of(planner, directory ? "lxc.tty.dir" : "lxc.console.path"));

	(void)err;
	step->none = !plan_has_console(planner);
	step->directory = directory;
	return 0;
}

int plan_ttys(struct planner *planner, struct error *err)
{
	const struct value *max = settings_value(planner->settings, "lxc.tty.max");
	struct step_ttys *step;

	/* As in LXC: an application has no use for terminals that nobody logs in to. */
	if (!max || max->number <= 0 || planner->request->execute)
		return 0;
	if (max->number > PLAN_TTYS_MAX) {
		error_set(err, 0, "lxc.tty.max is at most %d", PLAN_TTYS_MAX);
		return error_asked_by(err, max->origin);
	}
	step = plan_add(planner->plan, STEP_TTYS, max->origin);
	step->count = (unsigned)max->number;
	step->directory = settings_string(planner->settings, "lxc.tty.dir");
	return 0;
}

int plan_dev_links(struct planner *planner, struct error *err)
{
	struct step_link *step;

	(void)err;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		step = plan_add(planner->plan, STEP_LINK, NULL);
		*step = (struct step_link){ links[i].target, links[i].contents };
	}
	return 0;
}

int plan_boot_id(struct planner *planner, struct error *err)
{
	(void)err;
	if (!settings_flag(planner->settings, "lxc.autodev"))
		return 0;
	plan_add(planner->plan, STEP_BOOT_ID, NULL);
	plan_last_is_optional(planner->plan, SIDE_CONTAINER);
	return 0;
}
