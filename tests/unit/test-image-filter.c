/* image/filter.c, substitute.c, assemble.c, progress.c: what of an image's texts gets into a container's config. */
#include "image/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/assemble.h"
#include "image/progress.h"
#include "lib/own.h"

/* One line of a config and whether an image may say it. */
static const struct { const char *line; bool allowed; } lines[] = {
	{ "lxc.arch = x86_64", true },
	{ "lxc.signal.halt = SIGRTMIN+3", true },
	{ "lxc.environment = A", false },
	{ "lxc.environment.runtime = A=b c", true },
	{ "lxc.init.cmd = /sbin/init --log", true },
	{ "lxc.tty.max = 4", true },
	{ "lxc.tty.max = many", false },
	{ "lxc.tty.dir =", true },
	{ "lxc.tty.dir = ../x", false },
	{ "lxc.autodev = 1", true },
	{ "lxc.autodev = 0", false },
	{ "lxc.autodev = \"1\"", true },
	{ "lxc.autodev = '0'", false },
	{ "lxc.cap.drop = sys_boot mac_admin", true },
	{ "lxc.cap.drop =", false },
	{ "lxc.cap.drop = \"\"", false },
	{ "lxc.cap.keep = sys_admin", false },
	{ "lxs.cap.grant = sys_time", false },
	{ "lxc.mount.auto = proc:mixed sys:ro cgroup:mixed", true },
	{ "lxc.mount.auto = proc:rw", false },
	{ "lxc.mount.auto = cgroup-full:rw", false },
	{ "lxc.mount.auto =", false },
	{ "lxc.mount.entry = tmpfs run tmpfs nosuid,nodev,size=10%,mode=0755 0 0", true },
	{ "lxc.mount.entry = mqueue dev/mqueue mqueue defaults,optional,create=dir 0 0", true },
	{ "lxc.mount.entry = tmpfs LXC_ROOTFS/run tmpfs defaults", true },
	{ "lxc.mount.entry = /etc mnt none bind 0 0", false },
	{ "lxc.mount.entry = etc mnt tmpfs bind 0 0", false },
	{ "lxc.mount.entry = tmpfs /run tmpfs defaults", false },
	{ "lxc.mount.entry = tmpfs a/../../b tmpfs defaults", false },
	{ "lxc.mount.entry = tmpfs .. tmpfs defaults", false },
	{ "lxc.mount.entry = proc proc proc defaults", false },
	{ "lxc.mount.entry = tmpfs run tmpfs idmap=x", false },
	{ "lxc.mount.entry = tmpfs run tmpfs", false },
	{ "lxc.mount.fstab = /etc/fstab", false },
	{ "lxc.include = /etc/passwd", false },
	{ "lxc.include = LXC_TEMPLATE_CONFIG/../x.conf", false },
	{ "lxc.include = LXC_TEMPLATE_CONFIG/nesting.conf", false },
	{ "lxc.include = LXC_TEMPLATE_CONFIG/common.conf.d/", false },
	{ "lxc.hook.start = /bin/sh", false },
	{ "lxc.rootfs.path = dir:/", false },
	{ "lxc.idmap = u 0 0 1", false },
	{ "lxc.net.0.type = phys", false },
	{ "lxc.cgroup2.devices.allow = a", false },
	{ "lxc.apparmor.profile = unconfined", false },
	{ "lxc.seccomp.profile =", false },
	{ "lxc.no_new_privs = 0", false },
	{ "lxc.namespace.keep = net", false },
	{ "lxc.unknown = 1", false },
	{ "nonsense", false },
	{ "other.key = 1", false },
	{ "lxc.arch", false },
	{ "lxc.environment = A=\033[2J", false },
};

static void each_line_passes_or_is_told(void **state)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		owned_buffer out = { 0 }, refused = { 0 };

		filter_config(lines[i].line, &out, &refused);
		if ((out.length > 0) != lines[i].allowed || (refused.length > 0) == lines[i].allowed)
			fail_msg("%s: '%s', '%s'", lines[i].line, buffer_text(&out), buffer_text(&refused));
	}
}

static void what_passes_is_written_anew(void **state)
{
	owned_buffer out = { 0 }, refused = { 0 };

	filter_config("# comment\n\n  lxc.arch\t=  x86_64 \r\nlxc.hook.mount = /x", &out, &refused);
	assert_string_equal(buffer_text(&out), "lxc.arch = x86_64\n");
	assert_string_equal(buffer_text(&refused), "lxc.hook.mount: hooks are programs on the host\n");
}

/* As the reader cuts it, so that it finds in what is written what was judged here. */
static void a_line_is_what_the_reader_takes_for_one(void **state)
{
	owned_buffer out = { 0 }, refused = { 0 };

	filter_config("lxc.tty.max = 1\rlxc.hook.mount = /x\rlxc.init.cmd = \"'/sbin/init'\"", &out, &refused);
	assert_string_equal(buffer_text(&out), "lxc.tty.max = 1\nlxc.init.cmd = \"'/sbin/init'\"\n");
	assert_string_equal(buffer_text(&refused), "lxc.hook.mount: hooks are programs on the host\n");
}

static void placeholders_one_after_the_other(void **state)
{
	const struct placeholders words = { "web", "/p/web", "/p/web/rootfs" };
	owned_buffer out = { 0 };

	substitute(&words, "LXC_NAME LXC_NAMELXC_PATH\nLXC_ROOTFS LXC_OTHER", &out);
	assert_string_equal(buffer_text(&out), "web web/p/web\n/p/web/rootfs LXC_OTHER");
}

static void a_config_is_put_together(void **state)
{
	const struct placeholders words = { "web", "/p/web", "/p/web/rootfs" };
	const struct image image = { "tiny", "1", "amd64", "default" };
	const struct assemble assemble = {
		.config = "# kept\nlxc.net.0.type = veth\nlxc.tty.max = 2\nlxc.rootfs.path = overlay:/p/web/rootfs:/d\n",
		.image_config = "lxc.arch = x86_64\nlxc.environment = N=LXC_NAME\n", .image_fstab = "none LXC_ROOTFS/run tmpfs defaults",
		.image = &image, .words = &words, .rootfs = "overlay:/tree:/d",
	};
	owned_buffer config = { 0 }, fstab = { 0 }, refused = { 0 };

	assemble_config(&assemble, &config, &fstab, &refused);
	assert_string_equal(buffer_text(&config),
			    "# kept\n\n# Distribution configuration\n"
			    "lxc.include = " PKGDATADIR "/config/common.conf\nlxc.arch = x86_64\nlxc.environment.runtime = N=web\n"
			    "\n# Container specific configuration\nlxc.tty.max = 2\nlxc.rootfs.path = overlay:/tree:/d\n"
			    "lxc.mount.fstab = /p/web/fstab\nlxc.uts.name = web\n"
			    "\n# Network configuration\nlxc.net.0.type = veth\n");
	assert_string_equal(buffer_text(&fstab), "none /p/web/rootfs/run tmpfs defaults\n");
	assert_string_equal(buffer_text(&refused), "");
}

/* The start config has ids for it, or it is an ordinary user's: then nothing is added. */
static void an_image_confines_or_is_confined(void **state)
{
	static const struct { const char *config; bool user, confined; } rows[] = {
		{ "", false, true },
		{ "lxc.idmap = u 0 0 65536\n", false, true },
		{ "lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n", false, false },
		{ "", true, false },
	};
	const struct placeholders words = { "web", "/p/web", "/p/web/rootfs" };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct assemble assemble = {
			.config = rows[i].config, .user = rows[i].user, .words = &words,
			.image_config = "lxc.arch = x86_64\nlxc.init.cmd = /bin/init\n", .image_fstab = "",
		};
		owned_buffer config = { 0 }, fstab = { 0 }, refused = { 0 };

		assemble_config(&assemble, &config, &fstab, &refused);
		if ((strstr(config.text, "/config/common.conf\n") != NULL) != rows[i].confined)
			fail_msg("%zu: %s", i, config.text);
	}
}

static void finds_the_rootfs(void **state)
{
	owned_arena arena = arena_new();

	assert_null(assemble_rootfs(arena, "# lxc.rootfs.path = /x\n"));
	assert_string_equal(assemble_rootfs(arena, "lxc.rootfs.path=/x\n lxc.rootfs.path =  overlay:/a:/b \n"), "overlay:/a:/b");
	assert_string_equal(assemble_rootfs(arena, "lxc.rootfs.path = \"dir:/x\"\rlxc.tty.max = 1"), "dir:/x");
}

static void progress_shows_bytes_rate_and_what_remains(void **state)
{
	const struct progress progress = { .label = "rootfs.tar.xz", .begun_at = 1000, .first = 0 };
	char text[120];

	progress_line(&progress, 50 << 20, 100 << 20, 11000, text, sizeof text);
	assert_string_equal(text, "rootfs.tar.xz [##########          ]  50%  50.0 MiB of 100 MiB  5.0 MiB/s  0:10 left");
	progress_line(&progress, 5 << 10, -1, 1010, text, sizeof text);
	assert_string_equal(text, "rootfs.tar.xz  5.0 KiB  0 B/s");
	progress_line(&progress, 50 << 20, 100 << 20, 11000, text, 20);
	assert_int_equal(strlen(text), 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_passes_or_is_told),
		cmocka_unit_test(what_passes_is_written_anew),
		cmocka_unit_test(a_line_is_what_the_reader_takes_for_one),
		cmocka_unit_test(placeholders_one_after_the_other),
		cmocka_unit_test(a_config_is_put_together),
		cmocka_unit_test(an_image_confines_or_is_confined),
		cmocka_unit_test(finds_the_rootfs),
		cmocka_unit_test(progress_shows_bytes_rate_and_what_remains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
