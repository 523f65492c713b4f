/* provision/foreign.c, archive.c: what of a stranger's config gets into a container's. */
#include "provision/foreign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "provision/archive.h"
#include "lib/own.h"
#include "lib/text.h"

/* With ids of its own nothing else has to confine it. */
#define MAPPED "lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n"

static const struct { const char *line; bool stays; } lines[] = {
	{ "# lxc.hook.start-host = /bin/true", true },
	{ "some words", true },
	{ "lxc.uts.name = web", true },
	{ "lxc.rootfs.path = dir:/new/web/rootfs", true },
	{ "lxc.rootfs.path = dir:/anywhere", false },
	{ "lxc.rootfs.path =", false },
	{ "lxc.net.0.type = veth", true },
	{ "lxc.net.12.ipv4.address = 10.0.3.7/24", true },
	{ "lxc.net.0.type = phys", false },
	{ "lxc.net.0.type = none", false },
	{ "lxc.net.0.type =", false },
	{ "lxc.net.0.script.up = /bin/true", false },
	{ "lxc.net.x.type = veth", false },
	{ "lxc.cgroup2.memory.max = 1G", true },
	{ "lxc.cgroup.cpu.shares = 512", true },
	{ "lxc.cgroup2.cpuset.cpus = 0", true },
	{ "lxc.cgroup2.memory = 1G", false },
	{ "lxc.cgroup2.memory.min = 1G", false },
	{ "lxc.cgroup2.memory.max.more = 1G", false },
	{ "lxc.cgroup2.cpuset.cpus.partition = root", false },
	{ "lxc.cgroup.cpuset.cpu_exclusive = 1", false },
	{ "lxc.cgroup.memory.oom_control = 1", false },
	{ "lxc.cgroup2.devices.allow = a", false },
	{ "lxc.cgroup.dir = /", false },
	{ "lxc.idmap = u 0 0 1", false },
	{ "lxc.idmap = u 5 65535 1", false },
	{ "lxc.idmap = u 5 4294967295 4294967295", false },
	{ "lxc.console.logfile = /new/web/console.log", true },
	{ "lxc.console.logfile = \"/new/web/console.log\"", true },
	{ "lxc.console.logfile = /new/web/../x", false },
	{ "lxc.console.logfile = /new/web/rootfs/x", false },
	{ "lxc.console.logfile = /new/web", false },
	{ "lxc.console.logfile = /new/web/", false },
	{ "lxc.console.logfile = /new/website/x", false },
	{ "lxc.console.logfile = \"/etc/passwd\"", false },
	{ "lxc.hook.start-host = /bin/true", false },
	{ "  lxc.hook.start-host=/bin/true", false },
	{ "lxc.mount.entry = /srv srv none bind 0 0", false },
	{ "lxc.mount.entry = tmpfs run tmpfs nosuid 0 0", true },
	{ "lxc.cap.drop =", false },
	{ "lxc.cap.drop = ''", false },
	{ "lxc.tty.dir =", true },
	{ "lxc.environment = A=b", true },
	{ "lxc.environment = LD_PRELOAD", false },
	{ "lxc.include = /etc/passwd", false },
	{ "lxc.include = /x/share/lxs/config/../../passwd", false },
	{ "lxc.apparmor.profile = unconfined", false },
	{ "lxc.apparmor.profile = generated", true },
	{ "lxc.start.auto = 1", true },
	{ "lxs.clock = owner", false },
	{ "lxc.unheard.of = 1", false },
	{ "lxc.hook.start-host", false },
	/* Files that come along could be included. */
	{ "lxc.include = /new/web/common.conf", false },
	{ "lxc.include = '/new/web/common.conf'", false },
};

static void test_lines(void **state)
{
	const struct foreign foreign = { .directory = "/new/web", .rootfs = "dir:/new/web/rootfs" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		const char *text = arena_printf(arena, MAPPED "%s\n", lines[i].line);
		const char *result = foreign_config(arena, &foreign, text, &err);

		if ((result != NULL) != lines[i].stays)
			fail_msg("%s: %s", lines[i].line, result ? "taken" : err.message);
		if (!result)
			assert_non_null(strstr(err.hint, "--trust"));
	}
}

static void test_trust(void **state)
{
	const struct foreign foreign = { .directory = "/new/web", .trust = true };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		const char *text = arena_printf(arena, "%s\n", lines[i].line);

		assert_string_equal(foreign_config(arena, &foreign, text, &err), text);
	}
}

static void test_whole(void **state)
{
	static const struct { const char *config, *says; } rows[] = {
		{ "lxc.uts.name = web\n", "common.conf" },
		{ "lxc.idmap = g 0 100000 65536\n", "common.conf" },
		{ "lxc.rootfs.path = dir:/tmp/x\nlxc.rootfs.path = dir:/new/web/rootfs\n", "dir:/tmp/x" },
		{ "lxc.uts.name = a\rlxc.hook.stop = /bin/x\n", "control characters" },
		{ MAPPED "lxc.hook.stop = a\nlxc.hook.stop = b\n", "lxc.hook.stop = a; lxc.hook.stop = b" },
	};
	const struct foreign foreign = { .directory = "/new/web" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;

		assert_null(foreign_config(arena, &foreign, rows[i].config, &err));
		assert_non_null(strstr(err.message, rows[i].says));
	}
}

/* An ordinary user's container gets ids that are his. */
static void test_user(void **state)
{
	struct subid_range uids[] = { { .first = 200000, .count = 65536 } }, gids[] = { { .first = 300000, .count = 1000 } };
	const struct subids ids = { .user = "me", .uids = { uids, 1 }, .gids = { gids, 1 } };
	const struct foreign foreign = { .directory = "/new/web", .ids = &ids };
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;

	(void)state;
	assert_string_equal(foreign_config(arena, &foreign, MAPPED "lxc.uts.name = web", &err),
			    "lxc.uts.name = web\nlxc.idmap = u 0 200000 65536\nlxc.idmap = g 0 300000 1000\n");
}

static void test_manifest(void **state)
{
	static const char *const refused[] = {
		"", "name=web\n", "name=../x\ndirectory=/a\n", "name=web\ndirectory=a\n", "version=2\nname=web\ndirectory=/a\n",
		"name=web\ndirectory=/a\nsnapshot=a/b\n",
	};
	const char *snapshots[] = { "snap0", "snap1", NULL };
	const struct archive_manifest made = { .name = "web", .directory = "/a/web", .snapshots = snapshots, .rootfs = true };
	owned_buffer text = { 0 };
	owned_arena arena = arena_new();
	struct archive_manifest read;

	(void)state;
	archive_manifest_format(&made, &text);
	assert_int_equal(archive_manifest_parse(arena, text.text, &read, NULL), 0);
	assert_string_equal(read.name, "web");
	assert_string_equal(read.directory, "/a/web");
	assert_string_equal(read.snapshots[1], "snap1");
	assert_null(read.snapshots[2]);
	assert_true(read.rootfs);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		owned_error err = ERROR_INIT;

		assert_int_equal(archive_manifest_parse(arena, refused[i], &read, &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_trust), cmocka_unit_test(test_whole),
		cmocka_unit_test(test_user),  cmocka_unit_test(test_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
