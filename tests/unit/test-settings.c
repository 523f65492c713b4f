/* What assignments add up to: merging, resetting, and the questions planners ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "config/read.h"

/* Loads a text that must load (or must not). */
static struct settings *load(const char *text, int expected)
{
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;
	char *copy = strdup(text);

	if (settings_read_text(settings, "config", copy, NULL, &err) != expected)
		fail_msg("expected %d for: %s\n%s", expected, text, err.message ? err.message : "no error");
	free(copy);
	return settings;
}

/* A config and what one key answers for it; NULL: the config is refused. */
static const struct { const char *text, *key, *answer; } rows[] = {
	{ "", "lxc.tty.max", "0" },
	{ "lxc.tty.max = 1\nlxc.tty.max = 2", "lxc.tty.max", "2" },
	{ "lxc.tty.max = 1\nlxc.tty.max =", "lxc.tty.max", "0" },
	{ "lxc.autodev =", "lxc.autodev", "0" },
	{ "lxc.rootfs.managed = 0\nlxc.rootfs.managed =", "lxc.rootfs.managed", "1" },
	{ "lxc.monitor.signal.pdeath =", "lxc.monitor.signal.pdeath", "0" },
	{ "lxc.cap.drop = kill chown\nlxc.cap.drop = kill", "lxc.cap.drop", "kill\nchown\nkill\n" },
	{ "lxc.cap.drop = kill\nlxc.cap.drop =\nlxc.cap.drop = chown", "lxc.cap.drop", "chown\n" },
	{ "lxc.cap.drop = kill\nlxc.cap.keep = chown", "lxc.cap.keep", NULL },
	{ "lxc.cap.keep = kill\nlxc.cap.drop = chown", "lxc.cap.keep", NULL },
	{ "lxc.cap.drop = kill\nlxc.cap.keep =\nlxc.cap.keep = chown", "lxc.cap.keep", "chown\n" },
	{ "lxc.cap.keep = kill\nlxc.cap.drop =\nlxc.cap.drop = chown", "lxc.cap.drop", "chown\n" },
	{ "lxc.cap.keep = chown none kill", "lxc.cap.keep", "kill\n" },
	{ "lxc.cap.keep = none\nlxc.cap.drop = kill", "lxc.cap.keep", NULL },
	{ "lxc.prlimit.core = 1\nlxc.prlimit.nofile = 2\nlxc.prlimit.core = 3", "lxc.prlimit",
	  "lxc.prlimit.core = 3\nlxc.prlimit.nofile = 2\n" },
	{ "lxc.prlimit.core = 1\nlxc.prlimit.nofile = 2\nlxc.prlimit.core =", "lxc.prlimit", "lxc.prlimit.nofile = 2\n" },
	{ "lxc.prlimit.core = 1\nlxc.prlimit =", "lxc.prlimit", "" },
	{ "lxc.prlimit = 1", "lxc.prlimit", NULL },
	{ "lxc.cgroup2.a = 1\nlxc.cgroup2.b = 2\nlxc.cgroup2.a = 3", "lxc.cgroup2.a", "1\n3\n" },
	{ "lxc.cgroup2.a = 1\nlxc.cgroup2.b = 2\nlxc.cgroup2.a =", "lxc.cgroup2", "lxc.cgroup2.b = 2\n" },
	{ "lxc.sysctl.a.b = 1\nlxc.sysctl.a.b = 2", "lxc.sysctl.a.b", "2" },
	{ "lxc.namespace.share.net = 1", "lxc.namespace.share.net", "1" },
	{ "lxc.namespace.share.foo = 1", "lxc.namespace.share.foo", NULL },
	{ "lxc.namespace.keep = NET user", "lxc.namespace.keep", "user\nnet\n" },
	{ "lxc.namespace.keep = net\nlxc.namespace.clone = pid", "lxc.namespace.clone", NULL },
	{ "lxc.mount.auto = cgroup:ro sys proc\nlxc.mount.auto = sys:rw", "lxc.mount.auto", "proc:mixed sys:rw cgroup:ro" },
	{ "lxc.init.groups = 1,2\nlxc.init.groups = 3", "lxc.init.groups", "1,2,3" },
	{ "lxc.init.groups = ,", "lxc.init.groups", NULL },
	{ "lxc.hook.start = a\nlxc.hook.stop = b\nlxc.hook =", "lxc.hook.stop", "" },
	{ "lxc.hook = a", "lxc.hook.stop", NULL },
	{ "lxc.hook.start = a\nlxc.hook.start = b c", "lxc.hook.start", "a\nb c\n" },
	{ "lxc.environment = A=1\nlxc.environment.runtime = B=2\nlxc.environment =", "lxc.environment.runtime", "B=2\n" },
	{ "lxc.net.5.type = empty\nlxc.net.2.type = veth", "lxc.net", "veth\nempty\n" },
	{ "lxc.net.0.type = veth\nlxc.net.1.type = none\nlxc.net.0 =", "lxc.net", "none\n" },
	{ "lxc.net.0.type = veth\nlxc.net =", "lxc.net", "" },
	{ "lxc.net.0.type = veth\nlxc.net.0.veth.pair = a\nlxc.net.0.type = veth", "lxc.net.0.veth.pair", "" },
	{ "lxc.net.0.type = phys\nlxc.net.0.veth.pair = a", "lxc.net.0.veth.pair", NULL },
	{ "lxc.net.0.veth.pair = a", "lxc.net.0.veth.pair", NULL },
	{ "lxc.net.0.link =", "lxc.net.0.link", NULL },
	{ "lxc.net = a", "lxc.net", NULL },
	{ "lxc.net.0 = a", "lxc.net", NULL },
	{ "lxc.net.0.type = empty", "lxc.net.0.name", "lo" },
	{ "lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 1.2.3.4/8\nlxc.net.0.ipv4.address = 1.2.3.5/8",
	  "lxc.net.0.ipv4.address", "1.2.3.4/8\n1.2.3.5/8" },
	{ "lxc.proc.a = 1\nlxc.proc.a = 2", "lxc.proc.a", "12" },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_settings settings = load(rows[i].text, rows[i].answer ? 0 : -1);
		const char *answer = settings_format(settings, settings_arena(settings), rows[i].key);

		if (!rows[i].answer)
			continue;
		if (!answer || strcmp(answer, rows[i].answer) != 0)
			fail_msg("%s\n%s is '%s'", rows[i].text, rows[i].key, answer ? answer : "no key");
	}
}

/* A line with a wrong word changes nothing. */
static void test_all_or_nothing(void **state)
{
	owned_settings settings = load("lxc.cap.drop = chown\nlxc.cap.drop = kill sys_tiem\nlxc.mount.auto = proc nonsense", -1);

	(void)state;
	assert_int_equal(settings_values(settings, "lxc.cap.drop")->count, 1);
	assert_int_equal(settings_values(settings, "lxc.mount.auto")->count, 0);
}

static const struct { const char *text; unsigned last; uint64_t set; } capability_rows[] = {
	{ "", 40, (UINT64_C(1) << 41) - 1 },
	{ "", 63, UINT64_MAX },
	{ "lxc.cap.drop = chown kill", 7, 0xff & ~(UINT64_C(1) << 0 | UINT64_C(1) << 5) },
	{ "lxc.cap.keep = chown kill", 40, UINT64_C(1) << 0 | UINT64_C(1) << 5 },
	{ "lxc.cap.keep = none", 40, 0 },
	{ "lxc.cap.keep = kill\nlxc.cap.keep =", 3, 0xf },
	{ "lxc.cap.drop = sys_time kill\nlxs.cap.grant = sys_time", 25, ((UINT64_C(1) << 26) - 1) & ~(UINT64_C(1) << 5) },
	{ "lxs.cap.grant = kill\nlxc.cap.drop = kill", 7, 0xff },
	{ "lxs.clock = owner\nlxc.cap.keep = kill", 40, UINT64_C(1) << 25 | UINT64_C(1) << 5 },
	{ "lxs.clock = none\nlxc.cap.keep = kill", 40, UINT64_C(1) << 5 },
	{ "lxs.cap.grant = sys_time\nlxc.cap.keep = kill", 40, UINT64_C(1) << 25 | UINT64_C(1) << 5 },
	{ "lxs.cap.grant = checkpoint_restore\nlxc.cap.keep = none", 37, 0 },
	{ "lxc.cap.drop = 63", 63, UINT64_MAX >> 1 },
};

static void test_capabilities(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof capability_rows / sizeof *capability_rows; i++) {
		owned_settings settings = load(capability_rows[i].text, 0);
		uint64_t set = settings_capabilities(settings, capability_rows[i].last);

		if (set != capability_rows[i].set)
			fail_msg("%s: %llx", capability_rows[i].text, (unsigned long long)set);
	}
}

static void test_questions(void **state)
{
	owned_settings settings = load("lxc.net.7.type = veth\nlxc.net.7.mtu = 1400\nlxc.net.3.type = none\n"
				       "lxc.prlimit.nofile = 5:unlimited\nlxc.ephemeral = 1", 0);
	const struct value *limit;
	const struct net *net;

	(void)state;
	assert_int_equal(settings_net_count(settings), 2);
	assert_int_equal(net_index(settings_net(settings, 0)), 3);
	net = settings_net(settings, 1);
	assert_int_equal(net_index(net), 7);
	assert_string_equal(net_string(net, "lxc.net.N.type"), "veth");
	assert_int_equal(net_number(net, "lxc.net.N.mtu"), 1400);
	assert_null(net_string(net, "lxc.net.N.link"));
	assert_string_equal(net_string(net, "lxc.net.N.veth.mode"), "bridge");
	assert_int_equal(net_values(net, "lxc.net.N.ipv4.address")->count, 0);
	limit = settings_value(settings, "lxc.prlimit");
	assert_string_equal(limit->sub, "nofile");
	assert_true(limit->limit.soft == 5 && limit->limit.hard == UINT64_MAX);
	assert_true(settings_flag(settings, "lxc.ephemeral"));
	assert_true(settings_flag(settings, "lxc.autodev"));
	assert_null(settings_value(settings, "lxc.autodev"));
	assert_string_equal(settings_string(settings, "lxc.init.cmd"), "/sbin/init");
	assert_int_equal(settings_number(settings, "lxc.signal.stop"), 9);
	assert_null(settings_string(settings, "lxc.uts.name"));
	assert_string_equal(settings_file(settings), "config");
}

static int count_key(const char *written, void *data)
{
	(void)written;
	return ++*(int *)data, 0;
}

static int stop_at_once(const char *written, void *data)
{
	(void)data;
	return strcmp(written, "lxc.autodev") == 0 ? 7 : 0;
}

/* Every key that is named has an answer. */
static int has_answer(const char *written, void *data)
{
	const struct settings *settings = data;

	if (!settings_format(settings, settings_arena(settings), written))
		fail_msg("%s is named without an answer", written);
	return 0;
}

static void test_each(void **state)
{
	owned_settings settings = load("lxc.net.0.type = veth\nlxc.prlimit.core = 1\nlxc.cgroup2.a = 1\nlxc.cgroup2.a = 2", 0);
	owned_settings empty = settings_new();
	int all = 0, none = 0;

	(void)state;
	settings_each(settings, has_answer, settings);
	settings_each(settings, count_key, &all);
	settings_each(empty, count_key, &none);
	assert_true(all > none + 10);
	assert_int_equal(settings_each(settings, stop_at_once, NULL), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_all_or_nothing),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
