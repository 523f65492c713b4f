/*
 * Device rules: which device nodes the container may use.  Turns the
 * devices.allow and devices.deny lines of one version of cgroups into one list
 * that means the same on both.
 *
 * Which lines: those of the version that has device control on this machine;
 * when the config has none of these, those of the other version.  So one
 * config works everywhere, and lines for both never add up.
 *
 * What holds before the first line: lxc.cgroup.devices.* start with everything
 * allowed, as the kernel's v1 controller does.  lxc.cgroup2.devices.* start
 * with nothing allowed, as LXC has it, with two exceptions where LXC does what
 * nobody can want: a first line that denies one device leaves the others
 * alone (LXC: denies everything), and a lone `deny = a` denies everything
 * (LXC: nothing).  A later line counts more than an earlier one.
 */
#include "plan/domains.h"

#include <string.h>

#include "host/cgroups.h"
#include "plan/device_rule.h"

static int rule_refuse(const struct value *value, const char *why, struct error *err)
{
	error_set(err, 0, "device rule '%s': %s", value->text, why);
	error_asked_by(err, value->origin);
	return error_hint(err, "rules read %s", device_rule_syntax);
}

static bool is_rule(const struct value *value)
{
	return value->sub && strncmp(value->sub, "devices.", strlen("devices.")) == 0;
}

static const struct value *first_rule(const struct values *values)
{
	for (size_t i = 0; i < values->count; i++)
		if (is_rule(&values->items[i]))
			return &values->items[i];
	return NULL;
}

static int rules_read(struct planner *planner, const struct values *values, bool v2, struct device_rules *ret,
		      struct error *err)
{
	struct arena *arena = planner->plan->arena;
	bool first_allows = strcmp(first_rule(values)->sub, "devices.allow") == 0;

	device_rules_add(arena, ret, device_rule_everything(!(v2 && first_allows)));
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		bool allow = strcmp(value->sub ? value->sub : "", "devices.allow") == 0;
		struct device_rule rule = { 0 };
		const char *why;

		if (!is_rule(value))
			continue;
		if (!allow && strcmp(value->sub, "devices.deny") != 0) {
			error_set(err, 0, "%s cannot be written: rules are devices.allow or devices.deny", value->sub);
			return error_asked_by(err, value->origin);
		}
		why = device_rule_parse(arena, value->text, allow, &rule);
		if (why)
			return rule_refuse(value, why, err);
		device_rules_add(arena, ret, rule);
	}
	return 0;
}

static bool numbers_overlap(int a, int b)
{
	return a < 0 || b < 0 || a == b;
}

static bool rules_overlap(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->access & b->access) && numbers_overlap(a->major, b->major) &&
	       numbers_overlap(a->minor, b->minor);
}

/*
 * The v1 controller knows one policy and a set of exceptions from it, and
 * takes back an exception only under the very numbers it was given.  It
 * ignores anything else without a word, so that is refused here.
 */
static int check_v1(const struct device_rules *rules, const struct value *first, struct error *err)
{
	bool base = rules->items[0].allow;
	char text[DEVICE_RULE_TEXT];

	for (size_t i = 1; i < rules->count; i++) {
		const struct device_rule *rule = &rules->items[i];

		for (size_t j = 1; j < i && rule->allow == base && !rule->path; j++) {
			const struct device_rule *earlier = &rules->items[j];

			if (earlier->path || earlier->allow == base || !rules_overlap(rule, earlier) ||
			    (rule->major == earlier->major && rule->minor == earlier->minor))
				continue;
			device_rule_format(rule, text);
			error_set(err, 0, "device rule '%s': the cgroup v1 controller cannot take a part out of an earlier, "
				  "wider rule", text);
			error_asked_by(err, first->origin);
			return error_hint(err, "name the devices one by one in the earlier rule");
		}
	}
	return 0;
}

static void note_add(struct planner *planner, const struct value *value, const char *text)
{
	struct step_text *note = plan_add(planner->plan, STEP_NOTE, value->origin);

	note->text = text;
}

static int rules_plan(struct planner *planner, bool beside, struct error *err)
{
	const struct cgroup_layout *layout = &planner->host->cgroups;
	const struct cgroup_hierarchy *v1 = cgroup_find_version(layout, "devices", false);
	const struct cgroup_hierarchy *where = v1 ? v1 : cgroup_find_version(layout, "", true);
	const struct values *fitting = settings_values(planner->settings, v1 ? "lxc.cgroup" : "lxc.cgroup2");
	const struct values *other = settings_values(planner->settings, v1 ? "lxc.cgroup2" : "lxc.cgroup");
	const struct values *used = first_rule(fitting) ? fitting : other;
	const struct value *first = first_rule(used);
	struct step_cgroup_devices *step;
	struct device_rules rules = { 0 };

	if (!first)
		return 0;
	if (rules_read(planner, used, (used == fitting) == !v1, &rules, err) < 0)
		return -1;
	if (planner->host->uid != 0) {
		note_add(planner, first, "device rules are skipped: without root nobody inside can make a device node");
		return 0;
	}
	if (!where) {
		error_set(err, 0, "device rules cannot be applied: no cgroup hierarchy that can do it is writable here");
		error_asked_by(err, first->origin);
		return error_hint(err, "mount cgroup2 or the v1 devices controller below /sys/fs/cgroup, or clear the rules "
				  "with 'lxc.cgroup.devices.allow =' and the like");
	}
	if (v1 && check_v1(&rules, first, err) < 0)
		return -1;
	if (used == fitting && first_rule(other))
		note_add(planner, first_rule(other), v1 ? "device rules for cgroup v2 are skipped: those for v1 are used"
							: "device rules for cgroup v1 are skipped: those for v2 are used");
	if (beside) {
		plan_meet(planner, STEP_AWAIT, SYNC_MADE);
		plan_meet(planner, STEP_TELL, SYNC_MADE);
	}
	step = plan_add(planner->plan, STEP_CGROUP_DEVICES, first->origin);
	step->directory = plan_cgroup_device_directory(planner, where, err);
	step->v2 = !v1;
	step->rules = rules.items;
	step->count = rules.count;
	return step->directory ? 0 : -1;
}

/* LXC's start hooks run before the rules hold, so ours do. */
static bool hooks_come_first(const struct planner *planner)
{
	return settings_values(planner->settings, "lxc.hook.start")->count > 0;
}

int plan_cgroup_devices_beside(struct planner *planner, struct error *err)
{
	return hooks_come_first(planner) ? 0 : rules_plan(planner, true, err);
}

int plan_cgroup_devices(struct planner *planner, struct error *err)
{
	return hooks_come_first(planner) ? rules_plan(planner, false, err) : 0;
}
