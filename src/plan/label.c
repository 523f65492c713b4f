/*
 * Which label init gets, of AppArmor or SELinux, out of settings and what the
 * host has.  Called from plan.c: plan_policy() decides and has a generated
 * profile loaded before init exists, plan_label() labels.
 */
#include "plan/domains.h"

#include <stdio.h>
#include <string.h>

#include "plan/apparmor.h"

static bool is_word(const struct value *value, const char *word)
{
	return value && strcmp(value->text, word) == 0;
}

static void warn(struct planner *planner, const struct value *about, const char *text)
{
	struct step_text *note = plan_add(planner->plan, STEP_NOTE, about->origin);

	note->text = text;
	note->warn = true;
}

/* A config that was written elsewhere is to start here too, as with LXC, but nobody is to believe in a label that is not. */
static void warn_without(struct planner *planner, const struct value *value, const char *module)
{
	warn(planner, value, arena_printf(planner->plan->arena,
		"this host does not run %s: the container is not confined by '%s'", module, value->text));
}

/* ---- AppArmor ---- */

/* A map that holds ids of the host's root guards nothing that belongs to them: files of /proc and /sys do. */
static bool has_host_root(const struct planner *planner)
{
	const struct values *maps = settings_values(planner->settings, "lxc.idmap");

	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].idmap.outside == 0)
			return true;
	return false;
}

static int generate(struct planner *planner, const struct value *asked, struct error *err)
{
	const struct host_lsm *lsm = &planner->host->lsm;
	struct apparmor_policy policy = {
		.mapped = planner->ids.mapped && !has_host_root(planner),
		.nesting = settings_flag(planner->settings, "lxc.apparmor.allow_nesting"),
		.raw = settings_values(planner->settings, "lxc.apparmor.raw"),
	};
	struct step_apparmor *args;

	if (!lsm->compiler) {
		error_set(err, 0, "a generated AppArmor profile needs " APPARMOR_PARSER ", which is not installed");
		error_asked_by(err, asked ? asked->origin : NULL);
		return error_hint(err, "install the package apparmor, or set it to 'unconfined'");
	}
	apparmor_names(planner->plan->arena, planner->plan->name, planner->plan->lxcpath, &policy);
	if (!lsm->namespaces)
		policy.namespace = NULL;
	args = plan_add(planner->plan, STEP_APPARMOR, asked ? asked->origin : NULL);
	args->profile = policy.profile;
	args->namespace = policy.namespace;
	args->raw = policy.raw;
	args->policy = apparmor_text(planner->plan->arena, &policy, &args->raw_from);
	planner->label = apparmor_label(planner->plan->arena, &policy);
	return 0;
}

static const char *cannot_load(const struct planner *planner)
{
	return planner->host->uid == 0 ? planner->host->lsm.cannot_load : "only the host's root can load one";
}

/*
 * A user's container is confined by its user namespace, and one that is started
 * under a profile by that.  For any other of the host's root there would be nothing.
 */
static int go_without(struct planner *planner, const struct value *asked, struct error *err)
{
	const struct host_lsm *lsm = &planner->host->lsm;
	const char *why = cannot_load(planner), *without;
	bool root = planner->host->uid == 0;

	if (root && !lsm->inner && !lsm->confined && !settings_flag(planner->settings, "lxc.apparmor.allow_incomplete")) {
		error_set(err, 0, "no AppArmor profile can be generated: %s", why);
		error_asked_by(err, asked->origin);
		return error_hint(err, "lxc.apparmor.allow_incomplete = 1 starts the container all the same");
	}
	without = arena_printf(planner->plan->arena,
			       "no AppArmor profile can be generated: %s; the container keeps the label of who starts it", why);
	if (root)
		warn(planner, asked, without);
	else
		plan_note(planner->plan, asked->origin, "%s", without);
	return 0;
}

/* Nobody said anything: LXC's own profile where it is loaded, else one of ours where that can be. */
static int label_by_default(struct planner *planner, struct error *err)
{
	const struct host_lsm *lsm = &planner->host->lsm;
	const char *why = lsm->cannot_load ? cannot_load(planner)
			  : !lsm->mounts ? "this kernel's AppArmor does not guard mounts" : APPARMOR_PARSER " is not installed";

	if (lsm->confined)
		return 0;
	planner->label = lsm->mounts ? lsm->lxc_default : NULL;
	if (planner->label)
		return 0;
	if (lsm->mounts && !lsm->cannot_load && lsm->compiler)
		return generate(planner, NULL, err);
	plan_note(planner->plan, NULL, "the container runs without an AppArmor profile: %s", why);
	return 0;
}

static int mounts_check(const struct planner *planner, const struct value *value, struct error *err)
{
	if (!planner->label || planner->host->lsm.mounts || strcmp(planner->label, "unconfined") == 0 ||
	    settings_flag(planner->settings, "lxc.apparmor.allow_incomplete"))
		return 0;
	error_set(err, 0, "lxc.apparmor.profile = %s: this kernel's AppArmor does not guard mounts, "
		  "or securityfs is not mounted on /sys/kernel/security", value->text);
	error_asked_by(err, value->origin);
	return error_hint(err, "lxc.apparmor.allow_incomplete = 1 starts the container all the same");
}

static int apparmor(struct planner *planner, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.apparmor.profile");
	const struct values *raw = settings_values(planner->settings, "lxc.apparmor.raw");

	planner->label_origin = value ? value->origin : NULL;
	if (!value)
		return label_by_default(planner, err);
	if (is_word(value, "unchanged") || (is_word(value, "unconfined") && !planner->host->lsm.confined))
		return 0;
	if (is_word(value, "generated") && planner->host->lsm.cannot_load)
		return go_without(planner, value, err);
	if (is_word(value, "generated"))
		return generate(planner, value, err) < 0 ? -1 : mounts_check(planner, value, err);
	planner->label = value->text;
	if (raw->count > 0)
		warn(planner, &raw->items[0], "lxc.apparmor.raw adds to a generated profile only");
	return mounts_check(planner, value, err);
}

/* ---- both ---- */

/* LXC takes this one word for none, whatever module there is. */
static const struct value *selinux_context(const struct planner *planner, const char *key)
{
	const struct value *value = settings_value(planner->settings, key);

	return is_word(value, "unconfined_t") ? NULL : value;
}

int plan_policy(struct planner *planner, struct error *err)
{
	const struct value *profile = settings_value(planner->settings, "lxc.apparmor.profile");
	const struct value *context = selinux_context(planner, "lxc.selinux.context");
	const char *module = planner->host->lsm.module;

	if (context && strcmp(module, "selinux") != 0)
		warn_without(planner, context, "SELinux");
	if (strcmp(module, "apparmor") == 0)
		return apparmor(planner, err);
	if (profile && !is_word(profile, "unconfined") && !is_word(profile, "unchanged") && !is_word(profile, "generated"))
		warn_without(planner, profile, "AppArmor");
	if (context && strcmp(module, "selinux") == 0) {
		planner->label = context->text;
		planner->label_origin = context->origin;
	}
	return 0;
}

int plan_label(struct planner *planner, struct error *err)
{
	struct step_label *args;

	(void)err;
	if (!planner->label)
		return 0;
	args = plan_add(planner->plan, STEP_LABEL, planner->label_origin);
	args->module = planner->host->lsm.module;
	args->label = planner->label;
	return 0;
}

/* As LXC: who says nothing of the keyring means the context of init. */
const char *label_keyring(const struct planner *planner)
{
	const struct value *value = selinux_context(planner, "lxc.selinux.context.keyring");

	if (strcmp(planner->host->lsm.module, "selinux") != 0)
		return NULL;
	if (!settings_value(planner->settings, "lxc.selinux.context.keyring"))
		value = selinux_context(planner, "lxc.selinux.context");
	return value ? value->text : NULL;
}
