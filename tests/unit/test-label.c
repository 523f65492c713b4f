/* Which label a container gets on which host, and the text of a generated AppArmor profile. */
#include "plan/apparmor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/read.h"
#include "host/fstab.h"
#include "lib/own.h"
#include "plan/plan.h"

/* ---- labels ---- */

#define APPARMOR .module = "apparmor", .mounts = true, .compiler = true
#define UNABLE .module = "apparmor", .compiler = true, .cannot_load = "no securityfs"
#define LABEL "lxc-c1_</var/lib/lxs>"

enum { NONE, ROOT, STACKING, LXC, NO_PARSER, NO_MOUNTS, CONFINED, USER, UNLOADABLE, INNER, UNDER_PROFILE, SELINUX };

static const struct host_lsm hosts[] = {
	[NONE] = { .module = "none" },
	[ROOT] = { APPARMOR },
	[STACKING] = { APPARMOR, .namespaces = true },
	[LXC] = { APPARMOR, .lxc_default = "lxc-container-default-cgns" },
	[NO_PARSER] = { .module = "apparmor", .mounts = true },
	[NO_MOUNTS] = { .module = "apparmor", .compiler = true },
	[CONFINED] = { APPARMOR, .confined = true },
	[USER] = { APPARMOR, .cannot_load = "no right" },
	[UNLOADABLE] = { UNABLE },
	[INNER] = { UNABLE, .inner = true },
	[UNDER_PROFILE] = { UNABLE, .confined = true },
	[SELINUX] = { .module = "selinux" },
};

#define MAP "lxc.idmap=u 0 1000 1", "lxc.idmap=g 0 1000 1"
#define PROFILE "lxc.apparmor.profile="

static const struct {
	int host;
	const char *lines[4];
	const char *label;   /* NULL: none */
	const char *generated; /* name of the profile that is loaded; NULL: none */
	const char *said;    /* a part of the warning or, on failure, of the error */
	bool refused;
} cases[] = {
	{ NONE, { NULL }, NULL, NULL, NULL },
	{ NONE, { PROFILE "generated" }, NULL, NULL, NULL },
	{ NONE, { PROFILE "unconfined" }, NULL, NULL, NULL },
	{ NONE, { PROFILE "web" }, NULL, NULL, "does not run AppArmor: the container is not confined by 'web'" },
	{ NONE, { "lxc.selinux.context=a:b:c" }, NULL, NULL, "does not run SELinux" },
	{ NONE, { "lxc.selinux.context=unconfined_t" }, NULL, NULL, NULL },
	{ ROOT, { NULL }, LABEL, LABEL, NULL },
	{ ROOT, { PROFILE "generated" }, LABEL, LABEL, NULL },
	{ ROOT, { PROFILE "unconfined" }, NULL, NULL, NULL },
	{ ROOT, { PROFILE "unchanged" }, NULL, NULL, NULL },
	{ ROOT, { PROFILE "web" }, "web", NULL, NULL },
	{ ROOT, { PROFILE "web", "lxc.apparmor.raw=deny mount," }, "web", NULL, "adds to a generated profile only" },
	{ ROOT, { "lxc.selinux.context=a:b:c", PROFILE "web" }, "web", NULL, "does not run SELinux" },
	{ STACKING, { PROFILE "generated" }, LABEL "//&:lxc-c1_<-var-lib-lxs>:", LABEL, NULL },
	{ LXC, { NULL }, "lxc-container-default-cgns", NULL, NULL },
	{ LXC, { PROFILE "generated" }, LABEL, LABEL, NULL },
	{ NO_PARSER, { NULL }, NULL, NULL, NULL },
	{ NO_PARSER, { PROFILE "generated" }, NULL, NULL, "apparmor_parser, which is not installed", true },
	{ NO_MOUNTS, { NULL }, NULL, NULL, NULL },
	{ NO_MOUNTS, { PROFILE "web" }, NULL, NULL, "does not guard mounts", true },
	{ NO_MOUNTS, { PROFILE "generated" }, NULL, NULL, "does not guard mounts", true },
	{ NO_MOUNTS, { PROFILE "unconfined" }, NULL, NULL, NULL },
	{ NO_MOUNTS, { PROFILE "web", "lxc.apparmor.allow_incomplete=1" }, "web", NULL, NULL },
	{ CONFINED, { NULL }, NULL, NULL, NULL },
	{ CONFINED, { PROFILE "unconfined" }, "unconfined", NULL, NULL },
	{ USER, { MAP }, NULL, NULL, NULL },
	{ USER, { MAP, PROFILE "generated" }, NULL, NULL, NULL },
	{ USER, { MAP, PROFILE "web" }, "web", NULL, NULL },
	{ UNLOADABLE, { NULL }, NULL, NULL, NULL },
	{ UNLOADABLE, { PROFILE "generated" }, NULL, NULL, "no AppArmor profile can be generated: no securityfs", true },
	{ UNLOADABLE, { PROFILE "generated", "lxc.apparmor.allow_incomplete=1" }, NULL, NULL, "no securityfs; the container keeps" },
	{ INNER, { PROFILE "generated" }, NULL, NULL, "no securityfs; the container keeps" },
	{ UNDER_PROFILE, { PROFILE "generated" }, NULL, NULL, "no securityfs; the container keeps" },
	{ SELINUX, { "lxc.selinux.context=a:b:c" }, "a:b:c", NULL, NULL },
	{ SELINUX, { "lxc.selinux.context=unconfined_t" }, NULL, NULL, NULL },
	{ SELINUX, { "lxc.selinux.context=a:b:c", PROFILE "web" }, "a:b:c", NULL, "does not run AppArmor" },
};

static const void *args_of(const struct side *side, enum step_kind kind)
{
	for (size_t i = 0; i < side->count; i++)
		if (side->steps[i].kind == kind)
			return side->steps[i].args;
	return NULL;
}

static const char *warning_of(const struct plan *plan)
{
	const struct step_text *note = args_of(&plan->host, STEP_NOTE);

	return note && note->warn ? note->text : NULL;
}

static struct plan *plan_of(struct settings *settings, int which, struct error *err)
{
	const struct fstab fstab = { 0 };
	const struct host host = {
		.last_capability = 40, .bounding = UINT64_MAX, .permitted = UINT64_MAX, .lsm = hosts[which],
		.uid = which == USER ? 1000 : 0, .gid = which == USER ? 1000 : 0,
		.cgroup_namespaces = true, .cgroups = { .mode = CGROUP_NONE },
	};
	const struct plan_request request = { .name = "c1", .lxcpath = "/var/lib/lxs", .fstab = &fstab };

	return plan_new(settings, &host, &request, err);
}

static void settings_fill(struct settings *settings, const char *const *lines)
{
	owned_error err = ERROR_INIT;

	for (; *lines; lines++) {
		const char *equals = strchr(*lines, '=');
		owned_str key = strndup(*lines, (size_t)(equals - *lines));

		assert_int_equal(settings_assign(settings, "test", key, equals + 1, &err), 0);
	}
}

static void same(size_t row, const char *what, const char *is, const char *should)
{
	if ((is == NULL) != (should == NULL) || (is && strcmp(is, should) != 0))
		fail_msg("row %zu: %s is '%s', not '%s'", row, what, is ? is : "nothing", should ? should : "nothing");
}

static void check_case(size_t row)
{
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;
	owned_plan plan = NULL;
	const struct step_label *label;
	const struct step_apparmor *loaded;
	const char *said;

	settings_fill(settings, cases[row].lines);
	plan = plan_of(settings, cases[row].host, &err);
	label = plan ? args_of(&plan->container, STEP_LABEL) : NULL;
	loaded = plan ? args_of(&plan->host, STEP_APPARMOR) : NULL;
	said = plan ? warning_of(plan) : err.message;
	same(row, "the label", label ? label->label : NULL, cases[row].label);
	same(row, "the profile", loaded ? loaded->profile : NULL, cases[row].generated);
	if ((said == NULL) != (cases[row].said == NULL) || (said && !strstr(said, cases[row].said)))
		fail_msg("row %zu: '%s' is said", row, said ? said : "nothing");
	assert_int_equal(plan == NULL, cases[row].refused);
	if (!plan)
		assert_non_null(err.asked);
	settings_free(settings);
}

static void test_labels(void **state)
{
	(void)state;
	for (size_t row = 0; row < sizeof cases / sizeof cases[0]; row++)
		check_case(row);
}

static const char *keyring_of(const char *const *lines, int host)
{
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;
	owned_plan plan = NULL;
	const struct step_keyring *args;
	const char *context;

	settings_fill(settings, lines);
	plan = plan_of(settings, host, &err);
	assert_non_null(plan);
	args = args_of(&plan->container, STEP_KEYRING);
	context = args->context ? (strcmp(args->context, "a:b:c") == 0 ? "init's" : "own") : NULL;
	settings_free(settings);
	return context;
}

static void test_keyring(void **state)
{
	static const char *const both[] = { "lxc.selinux.context=a:b:c", "lxc.selinux.context.keyring=d:e:f", NULL };
	static const char *const one[] = { "lxc.selinux.context=a:b:c", NULL };
	static const char *const free_keys[] = { "lxc.selinux.context=a:b:c", "lxc.selinux.context.keyring=unconfined_t", NULL };

	(void)state;
	assert_string_equal(keyring_of(both, SELINUX), "own");
	assert_string_equal(keyring_of(one, SELINUX), "init's");
	assert_null(keyring_of(free_keys, SELINUX));
	assert_null(keyring_of(both, NONE));
}

/* Whether the policy of a container with this map of uids leaves files alone. */
static bool is_free(const char *map)
{
	const char *const lines[] = { map, "lxc.idmap=g 0 100000 65536", NULL };
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;
	owned_plan plan = NULL;
	const struct step_apparmor *args;
	bool is;

	settings_fill(settings, lines);
	plan = plan_of(settings, ROOT, &err);
	assert_non_null(plan);
	args = args_of(&plan->host, STEP_APPARMOR);
	is = strstr(args->policy, "\n  file,\n");
	settings_free(settings);
	return is;
}

static void test_maps(void **state)
{
	(void)state;
	assert_true(is_free("lxc.idmap=u 0 100000 65536"));
	assert_false(is_free("lxc.idmap=u 0 0 65536"));
}

/* ---- names and text ---- */

static struct arena *arena;

static void test_names(void **state)
{
	struct apparmor_policy policy = { 0 };
	const char *other;
	char deep[300];

	(void)state;
	apparmor_names(arena, "web", "/srv/a+b", &policy);
	assert_string_equal(policy.profile, "lxc-web_</srv/a+b>");
	assert_string_equal(policy.namespace, "lxc-web_<-srv-a+b>");
	/* LXC's name, unless another path would come to the same. */
	apparmor_names(arena, "web", "/a-b/c", &policy);
	other = policy.namespace;
	apparmor_names(arena, "web", "/a/b-c", &policy);
	assert_memory_equal(policy.namespace, "lxc-web_<-a-b-c>-", strlen("lxc-web_<-a-b-c>-"));
	assert_string_not_equal(policy.namespace, other);
	apparmor_names(arena, "web", "/a/b/c", &policy);
	assert_string_equal(policy.namespace, "lxc-web_<-a-b-c>");
	/* What policy would read as a pattern or as its own words, and what is too long. */
	apparmor_names(arena, "web", "/srv/\" { } [a-z]*", &policy);
	assert_int_equal(strlen(policy.profile), strlen("lxc-0123456789abcdef"));
	assert_null(strpbrk(policy.profile, "\"{}[]* "));
	memset(deep, 'a', sizeof deep - 1);
	deep[0] = '/';
	deep[sizeof deep - 1] = '\0';
	apparmor_names(arena, "web", deep, &policy);
	assert_int_equal(strlen(policy.profile), strlen("lxc-0123456789abcdef"));
}

static struct value raw_lines[] = { { .text = "/sys/devices/** w," }, { .text = "network," } };
static const struct values raw = { raw_lines, 2 };
static const struct values no_raw;

/* Who gets which rule; the privileged, the nesting and the mapped. */
static const struct {
	const char *rule;
	bool privileged, nesting, mapped;
} rules[] = {
	{ "\n  file,\n", false, true, true },
	{ "\n  pivot_root,\n", false, true, true },
	{ "  deny mount fstype=(proc, sysfs, debugfs, tracefs, efivarfs, securityfs, configfs, pstore, bpf, binfmt_misc) -> /{,[^ps]",
	  true, false, false },
	{ "bpf, binfmt_misc) -> /{proc/[0-9]*,proc/sys/{net,fs/mqueue},sys/fs/{cgroup,fuse},", true, false, false },
	{ "  deny mount /{proc/{,**},sys/,sys/[^f]**,sys/f[^s]**,sys/fs/,sys/fs/[^c]**} -> /{proc/[0-9]*,", true, false, false },
	{ "  deny mount / -> /{,[^r]**,r,r[^u]**,ru,ru[^n]**,run,run[^/]**,run/,run/[^s]**,run/s,", true, false, false },
	{ "  /sys/fs/{cgroup,fuse/connections}/** w,\n", true, false, false },
	{ "  deny /proc/{kcore,sysrq-trigger} rwklx,\n", true, true, false },
	{ "  deny /dev/.lxc/{proc,sys}/** rwklx,\n", false, true, false },
	{ "  capability,\n", true, true, true },
	{ "  signal (receive),\n", true, true, true },
	{ "  change_profile -> \":lxc-web_<-srv>:*\",\n", true, true, true },
};

static void test_rules(void **state)
{
	struct apparmor_policy policy = { .raw = &no_raw };
	unsigned from;

	(void)state;
	apparmor_names(arena, "web", "/srv", &policy);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const bool wanted[] = { rules[i].privileged, rules[i].nesting, rules[i].mapped };

		for (int kind = 0; kind < 3; kind++) {
			policy.nesting = kind == 1;
			policy.mapped = kind == 2;
			if ((strstr(apparmor_text(arena, &policy, &from), rules[i].rule) != NULL) != wanted[kind])
				fail_msg("kind %d and rule %s", kind, rules[i].rule);
		}
	}
}

static void test_raw_lines(void **state)
{
	struct apparmor_policy policy = { .raw = &raw };
	const char *text, *line;
	unsigned from, number = 1;

	(void)state;
	apparmor_names(arena, "web", "/srv", &policy);
	policy.namespace = NULL;
	text = apparmor_text(arena, &policy, &from);
	for (line = text; number < from; number++)
		line = strchr(line, '\n') + 1;
	assert_string_equal(line, "  /sys/devices/** w,\n  network,\n}\n");
	assert_null(strstr(text, "//&"));
	assert_string_equal(apparmor_label(arena, &policy), "lxc-web_</srv>");
}

static int arena_set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int arena_tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_keyring),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_raw_lines),
	};

	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
