/*
 * Properties of init as a process: files of its /proc, limits, scheduling
 * domain, keyring, personality, kernel parameters.  Called from plan.c.
 */
#include "plan/domains.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "lib/resource.h"

int plan_proc(struct planner *planner, struct error *err)
{
	const struct values *values = settings_values(planner->settings, "lxc.proc");

	(void)err;
	for (size_t i = 0; i < values->count; i++) {
		struct step_proc *args = plan_add(planner->plan, STEP_PROC, values->items[i].origin);

		args->file = values->items[i].sub;
		args->value = values->items[i].text;
	}
	return 0;
}

int plan_prlimit(struct planner *planner, struct error *err)
{
	const struct values *values = settings_values(planner->settings, "lxc.prlimit");

	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		struct step_prlimit *args;

		if (resource_number(value->sub) < 0) {
			error_set(err, 0, "there is no resource limit '%s'", value->sub);
			error_asked_by(err, value->origin);
			error_hint(err, "limits are named as in prlimit(1): nofile, nproc, memlock, stack ...");
			if (plan_refuse(planner, err) < 0)
				return -1;
			continue;
		}
		args = plan_add(planner->plan, STEP_PRLIMIT, value->origin);
		args->resource = resource_number(value->sub);
		args->name = value->sub;
		args->soft = value->limit.soft;
		args->hard = value->limit.hard;
	}
	return 0;
}

int plan_core_sched(struct planner *planner, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.sched.core");

	if (!settings_flag(planner->settings, "lxc.sched.core"))
		return 0;
	if (!(planner->created & CLONE_NEWPID)) {
		error_set(err, 0, "a core scheduling domain needs a pid namespace of the container's own");
		return error_asked_by(err, value->origin);
	}
	plan_add(planner->plan, STEP_CORE_SCHED, value->origin);
	return 0;
}

/* The key says what LXC's does, which is the opposite of its name: 1 leaves the caller's keyring. */
int plan_keyring(struct planner *planner, struct error *err)
{
	struct step_keyring *args;

	(void)err;
	if (settings_flag(planner->settings, "lxc.keyring.session"))
		return 0;
	args = plan_add(planner->plan, STEP_KEYRING, NULL);
	args->context = label_keyring(planner);
	return 0;
}

int plan_personality(struct planner *planner, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.arch");

	(void)err;
	if (value) {
		struct step_number *args = plan_add(planner->plan, STEP_PERSONALITY, value->origin);

		args->number = (uint64_t)value->number;
	}
	return 0;
}

int plan_sysctls(struct planner *planner, struct error *err)
{
	const struct values *values = settings_values(planner->settings, "lxc.sysctl");

	(void)err;
	for (size_t i = 0; i < values->count; i++) {
		struct step_sysctl *args = plan_add(planner->plan, STEP_SYSCTL, values->items[i].origin);

		args->key = values->items[i].sub;
		args->value = values->items[i].text;
	}
	return 0;
}
