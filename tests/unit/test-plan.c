/*
 * Plans as text: every tests/golden/NAME.conf is planned for the host of its
 * name (planned.h) and compared with NAME.plan; the order rules hold in all
 * of them.  LXS_GOLDEN_WRITE=1 writes the .plan files anew, to be read before
 * they are committed.
 */
#include "plan/plan.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/own.h"
#include "planned.h"

/* ---- golden files ---- */

static char *file_text(const char *path)
{
	owned_file file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) < 0)
		print_message("cannot read %s\n", path);
	return text;
}

static void compare_golden(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };
	owned_str path = NULL;
	owned_str text = NULL;
	owned_str golden = NULL;
	int made = plan_file(&planned, conf, &err);

	if (made < 0)
		error_print(&err, stderr, "test-plan", conf);
	assert_int_equal(made, 0);
	assert_true(asprintf(&path, "%.*s.plan", (int)(strlen(conf) - strlen(".conf")), conf) > 0);
	text = plan_text(planned.plan);
	if (getenv("LXS_GOLDEN_WRITE")) {
		owned_file out = fopen(path, "we");

		assert_non_null(out);
		fputs(text, out);
		return;
	}
	golden = file_text(path);
	if (!golden || strcmp(text, golden) != 0)
		print_message("%s: if the change is meant, run this test with LXS_GOLDEN_WRITE=1 and read the diff\n", path);
	assert_non_null(golden);
	assert_string_equal(text, golden);
}

static int is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static void for_each_golden(void (*check)(const char *conf))
{
	struct dirent **entries;
	int count = scandir(".", &entries, is_conf, alphasort);

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		check(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void test_golden(void **state)
{
	(void)state;
	for_each_golden(compare_golden);
}

static void check_json(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };
	owned_str text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(plan_file(&planned, conf, &err), 0);
	assert_int_equal(plan_print_json(planned.plan, out, &err), 0);
	fclose(out);
	assert_non_null(strstr(text, "\"container\""));
	assert_non_null(strstr(text, conf));
}

static void test_json_names_origins(void **state)
{
	(void)state;
	for_each_golden(check_json);
}

/* ---- order ---- */

static const struct {
	enum step_kind first, then;
	const char *why;
} order[] = {
	{ STEP_APPARMOR, STEP_CLONE, "a profile must be there before anybody can be under it" },
	{ STEP_CLONE, STEP_RELEASE, "nobody is released before there is somebody" },
	{ STEP_CLONE, STEP_CGROUP_PLACE, "there is somebody to place" },
	{ STEP_CGROUP_PLACE, STEP_CGROUP_LIMIT, "the launcher on its visit would count towards them" },
	{ STEP_IDMAP, STEP_CGROUP_OWNER, "a user gives them in the container's user namespace" },
	{ STEP_CGROUP_OWNER, STEP_VERIFY, "init goes on in cgroups of its own" },
	{ STEP_CLONE, STEP_VETH, "the inner end is made in init's network namespace" },
	{ STEP_NODE, STEP_TELL, "the rules may forbid to make device nodes" },
	{ STEP_CONSOLE, STEP_TELL, "the rules may forbid to open terminals" },
	{ STEP_TTYS, STEP_TELL, "the rules may forbid to open terminals" },
	{ STEP_PROPAGATION, STEP_ROOTFS, "a mount made before would show on the host" },
	{ STEP_ROOTFS, STEP_FILESYSTEM, "mounts lie beneath the rootfs" },
	{ STEP_ROOTFS, STEP_BIND, "mounts lie beneath the rootfs" },
	{ STEP_FILESYSTEM, STEP_PIVOT, "sources are the host's" },
	{ STEP_BIND, STEP_PIVOT, "sources are the host's" },
	{ STEP_DEVPTS, STEP_CONSOLE, "the console is a terminal of the container" },
	{ STEP_PIVOT, STEP_BOUNDING, "pivot_root needs CAP_SYS_ADMIN" },
	{ STEP_SYSCTL, STEP_BOUNDING, "writing sysctls needs capabilities" },
	{ STEP_BOUNDING, STEP_SECCOMP, "the filter may forbid prctl" },
	{ STEP_LABEL, STEP_NO_NEW_PRIVS, "no_new_privs can forbid the change of label" },
	{ STEP_NO_NEW_PRIVS, STEP_SECCOMP, "a filter without CAP_SYS_ADMIN needs it" },
	{ STEP_CLOCK, STEP_SECCOMP, "the filter may forbid to load another" },
	{ STEP_PIVOT, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_ATTRIBUTES, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_BOOT_ID, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_SECCOMP, STEP_EXEC, "nothing runs unfiltered" },
	{ STEP_BOUNDING, STEP_IDENTITY, "dropping needs CAP_SETPCAP, which a change of user takes away" },
	{ STEP_IDENTITY, STEP_EXEC, "init has its own identity" },
};

static void check_pair(const struct side *side, size_t rule, const char *conf)
{
	bool seen = false;

	for (size_t i = 0; i < side->count; i++) {
		if (side->steps[i].kind == order[rule].then)
			seen = true;
		if (side->steps[i].kind == order[rule].first && seen)
			fail_msg("%s: %s comes after %s, but %s", conf, step_kinds[order[rule].first].name,
				 step_kinds[order[rule].then].name, order[rule].why);
	}
}

/* The payload's alone: the monitor's are made while init is busy.  And init makes device nodes that rules may forbid. */
static void check_moments(const struct side *host, const char *conf)
{
	bool cloned = false, awaited = false;

	for (size_t i = 0; i < host->count; i++) {
		const struct step_cgroup *made = host->steps[i].args;

		cloned |= host->steps[i].kind == STEP_CLONE;
		awaited |= host->steps[i].kind == STEP_AWAIT;
		if (host->steps[i].kind == STEP_CGROUP_DEVICES && !awaited)
			fail_msg("%s: device rules hold before init was awaited", conf);
		if (host->steps[i].kind == STEP_CGROUP_MAKE && cloned && strcmp(made->role, "payload") == 0)
			fail_msg("%s: the payload's cgroups are made after the clone, but init is born into them", conf);
	}
}

static void check_order(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };

	assert_int_equal(plan_file(&planned, conf, &err), 0);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		check_pair(&planned.plan->host, i, conf);
		check_pair(&planned.plan->container, i, conf);
	}
	check_moments(&planned.plan->host, conf);
	assert_int_equal(planned.plan->container.steps[planned.plan->container.count - 1].kind, STEP_EXEC);
}

static void test_order(void **state)
{
	(void)state;
	for_each_golden(check_order);
}

/* lxc.cgroup.pattern of lxs.conf, and what in a config comes before it. */
static void test_cgroup_pattern(void **state)
{
	static const struct { const char *host, *line, *payload, *monitor; } cases[] = {
		{ "pattern lxc/%n", "lxc.tty.max=1", "/memory/lxc/c1/payload,", "/memory/lxc/c1/monitor," },
		{ "pattern /%n-%n.x", "lxc.tty.max=1", "/memory/c1-c1.x/payload,", "/memory/c1-c1.x/monitor," },
		{ "pattern all", "lxc.tty.max=1", "/memory/all/payload,", "/memory/all/monitor," },
		{ "pattern lxc/%n", "lxc.cgroup.dir=own", "/memory/own/lxc.payload.c1,", "/memory/own/lxc.monitor.c1," },
		{ "pattern a/../../%n", "lxc.tty.max=1", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		owned_planned planned = { 0 };
		owned_error err = ERROR_INIT;
		owned_str text = NULL;
		int answer = plan_lines(cases[i].host, (const char *const[]){ cases[i].line, "lxc.rootfs.path=/srv/c1", NULL },
					&planned, &err);

		if (!cases[i].payload) {
			assert_int_equal(answer, -1);
			assert_non_null(strstr(err.message, "must not contain '..'"));
			continue;
		}
		assert_int_equal(answer, 0);
		text = plan_text(planned.plan);
		assert_non_null(strstr(text, cases[i].payload));
		assert_non_null(strstr(text, cases[i].monitor));
	}
}

static void test_harmless_later_values_are_no_reason(void **state)
{
	static const char *const lines[] = { "lxc.rootfs.path=/srv/c1", "lxc.ephemeral=0", NULL };
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };

	(void)state;
	assert_int_equal(plan_lines("root", lines, &planned, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_json_names_origins),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_cgroup_pattern),
		cmocka_unit_test(test_harmless_later_values_are_no_reason),
	};
	const char *source = getenv("srcdir");
	owned_str golden = NULL;

	if (asprintf(&golden, "%s/tests/golden", source ? source : ".") < 0 || chdir(golden) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
