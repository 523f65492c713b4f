/* The grammar: lines, quotes, includes, and everything the reader has to say about a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/include.h"
#include "config/read.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* A directory of files, gone with its test. */
static char directory[] = "/tmp/lxs-test-read.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(directory) && chdir(directory) == 0 && mkdir("conf.d", 0755) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	static const char *const made[] = { "config", "a", "b", "c", "self", "bad", "nul", "conf.d/10-a.conf",
					    "conf.d/9-b.conf", "conf.d/20-c.conf", "conf.d/not", "conf.d/.conf" };

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		unlink(made[i]);
	return rmdir("conf.d") == 0 && chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	owned_error err = ERROR_INIT;

	assert_int_equal(file_replace(path, text, strlen(text), 0644, &err), 0);
}

static struct settings *read_config(const char *text, struct findings *findings, int expected, struct error *err)
{
	struct settings *settings = settings_new();

	put("config", text);
	if (settings_read(settings, "config", findings, err) != expected)
		fail_msg("expected %d for: %s\n%s", expected, text, err->message ? err->message : "no error");
	return settings;
}

static void test_values(void **state)
{
	static const struct { const char *line, *value; } rows[] = {
		{ "lxc.init.cmd=/a", "/a" },
		{ "  \tlxc.init.cmd \t=  /a b\t ", "/a b" },
		{ "lxc.init.cmd = \"/a b \"", "/a b " },
		{ "lxc.init.cmd = '/a'", "/a" },
		{ "lxc.init.cmd = ''/a''", "'/a'" },
		{ "lxc.init.cmd = \"/a'", "\"/a'" },
		{ "lxc.init.cmd = \"", "\"" },
		{ "lxc.init.cmd = a=b", "a=b" },
		{ "lxc.init.cmd = /a # b", "/a # b" },
		{ "lxc.init.cmd = /a\\", "/a\\" },
		{ "lxc.init.cmd = /a\r", "/a" },
		{ "#lxc.init.cmd = /a", "/sbin/init" },
		{ "lxc.init.cmd = /a\nlxc.init.cmd = \"\"", "/sbin/init" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_error err = ERROR_INIT;
		owned_settings settings = read_config(rows[i].line, NULL, 0, &err);

		assert_string_equal(settings_string(settings, "lxc.init.cmd"), rows[i].value);
	}
}

static void test_all_findings(void **state)
{
	static const struct { unsigned line; enum severity severity; const char *message, *hint; } expected[] = {
		{ 2, FINDING_WARNING, "ignored", "lxc.cap.drop" },
		{ 3, FINDING_ERROR, "unknown key lxc.cap.dorp", "lxc.cap.drop" },
		{ 5, FINDING_ERROR, "unknown capability 'sys_tiem'", "sys_time" },
		{ 6, FINDING_ERROR, "no '='", NULL },
		{ 7, FINDING_ERROR, "before LXC 2.1", "lxc.uts.name" },
		{ 8, FINDING_ERROR, "unknown key lxs.cap.garnt", "lxs.cap.grant" },
		{ 9, FINDING_WARNING, "keys begin with lxc.", NULL },
		{ 10, FINDING_ERROR, "cannot include", NULL },
		{ 12, FINDING_WARNING, "resets all", NULL },
	};
	struct findings findings = { 0 };
	owned_error err = ERROR_INIT;
	owned_settings settings =
		read_config("# comment\nlcx.cap.drop = sys_time\nlxc.cap.dorp = a\n\nlxc.cap.drop = sys_tiem\nlxc.uts.name\n"
			    "lxc.utsname = a\nlxs.cap.garnt = a\nnonsense\nlxc.include = missing\nlxc.net.0.link = a\n"
			    "lxc.net.0.type = veth\n", &findings, -1, &err);

	(void)state, (void)settings;
	assert_int_equal(findings.count, sizeof expected / sizeof *expected);
	assert_int_equal(findings.errors, 6);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.items[i];

		assert_string_equal(finding->origin->file, "config");
		assert_int_equal(finding->origin->line, expected[i].line);
		assert_int_equal(finding->severity, expected[i].severity);
		assert_non_null(strstr(finding->message, expected[i].message));
		if (expected[i].hint)
			assert_non_null(strstr(finding->hint, expected[i].hint));
	}
	assert_non_null(strstr(err.message, "and 5 more"));
	assert_string_equal(err.asked, "config:3: lxc.cap.dorp = a");
}

static void test_include_chain(void **state)
{
	struct findings findings = { 0 };
	owned_error err = ERROR_INIT;
	owned_settings settings = NULL;

	(void)state;
	put("a", "lxc.tty.max = 1\nlxc.include = b\n");
	put("b", "lxc.pty.max = 2\n\nlxc.nonsense = 1\n");
	settings = read_config("lxc.include = a\nlxc.tty.max = 3\n", &findings, -1, &err);
	assert_int_equal(settings_number(settings, "lxc.tty.max"), 3);
	assert_int_equal(settings_number(settings, "lxc.pty.max"), 2);
	assert_string_equal(settings_value(settings, "lxc.pty.max")->origin->included_by->file, "a");
	assert_string_equal(err.asked, "b:3: lxc.nonsense = 1\nincluded by a:2\nincluded by config:1");
}

static void test_include_loops(void **state)
{
	static const char *const configs[] = { "lxc.include = config\n", "lxc.include = self\n", "lxc.include = c\n" };

	(void)state;
	put("self", "lxc.include = self\n");
	put("c", "lxc.include = ./conf.d/../config\n");
	for (size_t i = 0; i < 3; i++) {
		owned_error err = ERROR_INIT;
		owned_settings settings = read_config(configs[i], NULL, -1, &err);

		(void)settings;
		assert_non_null(strstr(err.message, "include loop"));
	}
}

/* The same file twice is no loop. */
static void test_include_twice(void **state)
{
	owned_error err = ERROR_INIT;
	owned_settings settings = NULL;

	(void)state;
	put("a", "lxc.cap.drop = kill\n");
	settings = read_config("lxc.include = a\nlxc.include = a\n", NULL, 0, &err);
	assert_int_equal(settings_values(settings, "lxc.cap.drop")->count, 2);
}

static void test_include_directory(void **state)
{
	owned_error err = ERROR_INIT;
	owned_settings settings = NULL;
	const struct values *values;

	(void)state;
	put("conf.d/9-b.conf", "lxc.mount.entry = three\n");
	put("conf.d/10-a.conf", "lxc.mount.entry = one\n");
	put("conf.d/20-c.conf", "lxc.mount.entry = two\n");
	put("conf.d/not", "lxc.nonsense = 1\n");
	put("conf.d/.conf", "lxc.nonsense = 1\n");
	settings = read_config("lxc.include = conf.d\nlxc.include = missing/\nlxc.include =\n", NULL, 0, &err);
	values = settings_values(settings, "lxc.mount.entry");
	assert_int_equal(values->count, 3);
	assert_string_equal(values->items[0].text, "one");
	assert_string_equal(values->items[1].text, "two");
	assert_string_equal(values->items[2].text, "three");
}

static void test_unreadable(void **state)
{
	owned_error err = ERROR_INIT;
	owned_settings settings = settings_new();
	struct findings findings = { 0 };

	(void)state;
	assert_int_equal(settings_read(settings, "missing", &findings, &err), -1);
	assert_non_null(strstr(err.message, "missing"));
	assert_int_equal(findings.errors, 1);
	error_done(&err);
	assert_int_equal(settings_read(settings, "conf.d", NULL, &err), -1);
}

static void test_nul_byte(void **state)
{
	owned_error err = ERROR_INIT;
	owned_settings settings = settings_new();

	(void)state;
	assert_int_equal(file_replace("nul", "lxc.tty.max = 1\n\0lxc.tty.max = 2\n", 33, 0644, &err), 0);
	assert_int_equal(settings_read(settings, "nul", NULL, &err), -1);
	assert_non_null(strstr(err.message, "NUL"));
}

static void test_define(void **state)
{
	owned_settings settings = settings_new();
	owned_error err = ERROR_INIT;

	(void)state;
	assert_int_equal(settings_define(settings, "--define", " lxc.uts.name = \"a b\" ", &err), 0);
	assert_string_equal(settings_string(settings, "lxc.uts.name"), "a b");
	assert_int_equal(settings_value(settings, "lxc.uts.name")->origin->line, 0);
	assert_int_equal(settings_define(settings, "--define", "lxs.cap.grant=sys_time", &err), 0);
	assert_int_equal(settings_define(settings, "--define", "lxc.uts.name", &err), -1);
	error_done(&err);
	assert_int_equal(settings_define(settings, "--define", "# comment", &err), -1);
	error_done(&err);
	assert_int_equal(settings_define(settings, "--define", "", &err), -1);
	error_done(&err);
	assert_int_equal(settings_define(settings, "--define", "lxc.tty.max = four", &err), -1);
	assert_string_equal(err.asked, "--define: lxc.tty.max = four");
}

/* LXC loads these and only fails at start; asked for LXC's answer, we load them too. */
static void test_as_lxc(void **state)
{
	static const char *const texts[] = { "lxc.net.0.type = veth\nlxc.net.0.mtu = 15oo\n",
					     "lxc.net.0.type = veth\nlxc.net.0.hwaddr = nonsense\n",
					     "lxc.net.0.type = veth\nlxc.net.0.ipv6.address = fd00::1/129\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		owned_error err = ERROR_INIT;
		owned_settings refused = read_config(texts[i], NULL, -1, &err);
		owned_settings taken = settings_new();

		(void)refused;
		error_done(&err);
		settings_accept_as_lxc(taken);
		assert_int_equal(settings_read(taken, "config", NULL, &err), 0);
	}
}

static void test_resolve(void **state)
{
	owned_arena arena = arena_new();

	(void)state;
	assert_string_equal(include_resolve(arena, "/etc/hosts"), "/etc/hosts");
	assert_string_equal(include_resolve(arena, "/usr/share/lxc/config/nothing"), "/usr/share/lxc/config/nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_all_findings),
		cmocka_unit_test(test_include_chain),
		cmocka_unit_test(test_include_loops),
		cmocka_unit_test(test_include_twice),
		cmocka_unit_test(test_include_directory),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_define),
		cmocka_unit_test(test_as_lxc),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
