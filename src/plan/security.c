/*
 * What init may not do: capabilities, no_new_privs, seccomp, and the check of
 * all of it before init runs; labels are label.c.  Called from plan.c, in the order that
 * loading a filter needs what the bounding set takes away only from programs
 * executed later.
 */
#include "plan/domains.h"

#include <string.h>

#include "lib/capability.h"

/* What the launcher's own bounding set lacks nobody below it can hold. */
static void note_ungrantable(struct planner *planner, const char *key)
{
	const struct values *values = settings_values(planner->settings, key);

	for (size_t i = 0; i < values->count; i++) {
		int number = (int)values->items[i].number;
		const char *name;

		if (number < 0 || planner->host->bounding & UINT64_C(1) << number)
			continue;
		name = capability_name((unsigned)number);
		plan_note(planner->plan, values->items[i].origin,
			  "%s cannot be given to the container: this host does not hold it itself",
			  name ? name : values->items[i].text);
	}
}

/* The line with the last word on what init may keep; NULL: it keeps all. */
static const struct origin *bounding_origin(const struct settings *settings)
{
	static const char *const keys[] = { "lxs.cap.grant", "lxc.cap.keep", "lxc.cap.drop" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (settings_value(settings, keys[i]))
			return settings_value(settings, keys[i])->origin;
	return NULL;
}

int plan_bounding(struct planner *planner, struct error *err)
{
	struct step_bounding *args = plan_add(planner->plan, STEP_BOUNDING, bounding_origin(planner->settings));

	(void)err;
	args->keep = planner->capabilities;
	/* A user namespace has all capabilities, over itself. */
	if (planner->ids.mapped)
		return 0;
	note_ungrantable(planner, "lxs.cap.grant");
	note_ungrantable(planner, "lxc.cap.keep");
	return 0;
}

int plan_no_new_privs(struct planner *planner, struct error *err)
{
	(void)err;
	if (settings_flag(planner->settings, "lxc.no_new_privs"))
		plan_add(planner->plan, STEP_NO_NEW_PRIVS, settings_value(planner->settings, "lxc.no_new_privs")->origin);
	return 0;
}

/* The line of ours stands in place of LXC's, which an included file may bring. */
static const struct value *seccomp_wanted(const struct planner *planner)
{
	const struct value *value = settings_value(planner->settings, "lxs.seccomp.profile");

	return value ? value : settings_value(planner->settings, "lxc.seccomp.profile");
}

/* A starter that is filtered itself has a policy already: LXC leaves ours out unless told otherwise. */
static const struct value *seccomp_profile(const struct planner *planner)
{
	const struct value *value = seccomp_wanted(planner);

	if (planner->host->filtered && !settings_flag(planner->settings, "lxc.seccomp.allow_nesting"))
		return NULL;
	return value;
}

int plan_seccomp(struct planner *planner, struct error *err)
{
	const struct value *wanted = seccomp_wanted(planner);
	const struct value *value = seccomp_profile(planner);

	(void)err;
	if (value) {
		struct step_seccomp *args = plan_add(planner->plan, STEP_SECCOMP, value->origin);

		args->profile = value->text;
		args->capabilities = planner->capabilities;
		args->proxy = settings_string(planner->settings, "lxc.seccomp.notify.proxy");
		args->proxy = args->proxy ? args->proxy + strlen("unix:") : NULL;
		args->cookie = settings_string(planner->settings, "lxc.seccomp.notify.cookie");
		args->allow_nesting = settings_flag(planner->settings, "lxc.seccomp.allow_nesting");
	} else if (wanted) {
		struct step_text *note = plan_add(planner->plan, STEP_NOTE, wanted->origin);

		note->text = "the profile is left out: this process runs under a seccomp filter already "
			     "(lxc.seccomp.allow_nesting = 1 loads it all the same)";
		note->warn = true;
	}
	return 0;
}

int plan_verify(struct planner *planner, struct error *err)
{
	struct step_verify *args = plan_add(planner->plan, STEP_VERIFY, NULL);

	(void)err;
	args->bounding = planner->capabilities;
	args->no_new_privs = settings_flag(planner->settings, "lxc.no_new_privs");
	args->filter = seccomp_profile(planner) != NULL;
	return 0;
}
