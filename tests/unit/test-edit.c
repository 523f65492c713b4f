/* The editor: what a file looks like afterwards, what is refused, and how it is replaced. */
#include "config/edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"

static char directory[] = "/tmp/lxs-test-edit.XXXXXX";

static int put(const char *path, const char *text)
{
	owned_error err = ERROR_INIT;

	return file_replace(path, text, strlen(text), 0644, &err);
}

static int enter(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory) < 0)
		return -1;
	return put("common", "lxc.cap.drop = mac_admin sys_time\nlxc.tty.max = 4\nlxc.autodev = 0\nlxc.cgroup2.a = 1\n"
			     "lxc.net.0.type = veth\nlxc.net.0.mtu = 1400\n");
}

static int leave(void **state)
{
	(void)state;
	unlink("config");
	unlink("link");
	unlink("common");
	return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

#define INCLUDE "# mine\n\nlxc.include = common\n"

/* after NULL: refused, naming `word`. */
static const struct edit_row {
	const char *before;
	enum edit_kind kind;
	const char *key, *values[3];
	const char *after, *word;
} rows[] = {
	{ "", EDIT_SET, "lxc.uts.name", { "a" }, "lxc.uts.name = a\n", NULL },
	{ "# top\nlxc.uts.name=a\n# end\n", EDIT_SET, "lxc.uts.name", { "b" }, "# top\nlxc.uts.name = b\n# end\n", NULL },
	{ "lxc.uts.name = a\n#x\nlxc.uts.name = b\n", EDIT_SET, "lxc.uts.name", { "c" }, "#x\nlxc.uts.name = c\n", NULL },
	{ "no newline", EDIT_SET, "lxc.tty.max", { "1" }, "no newline\nlxc.tty.max = 1\n", NULL },
	{ "#lxc.tty.max = 3\n", EDIT_SET, "lxc.tty.max", { "1" }, "#lxc.tty.max = 3\nlxc.tty.max = 1\n", NULL },
	{ "", EDIT_SET, "lxc.init.cmd", { " a " }, "lxc.init.cmd = \" a \"\n", NULL },
	{ "", EDIT_SET, "lxc.init.cmd", { "'a'" }, "lxc.init.cmd = \"'a'\"\n", NULL },
	{ "", EDIT_SET, "lxc.init.cmd", { "a\nb" }, NULL, "one line" },
	{ "", EDIT_SET, "lxc.tty.max", { "four" }, NULL, "four" },
	{ "", EDIT_SET, "lxc.tty.mx", { "4" }, NULL, "lxc.tty.mx" },
	{ "lxc.nonsense = 1\n", EDIT_SET, "lxc.tty.max", { "4" }, NULL, "lxc.nonsense" },
	/* An include before or after the line. */
	{ INCLUDE, EDIT_SET, "lxc.tty.max", { "9" }, INCLUDE "lxc.tty.max = 9\n", NULL },
	{ "lxc.tty.max = 1\n" INCLUDE, EDIT_SET, "lxc.tty.max", { "9" }, INCLUDE "lxc.tty.max = 9\n", NULL },
	{ INCLUDE, EDIT_SET, "lxc.cap.drop", { "kill" }, INCLUDE "lxc.cap.drop =\nlxc.cap.drop = kill\n", NULL },
	{ INCLUDE, EDIT_SET, "lxc.cap.keep", { "kill" }, INCLUDE "lxc.cap.keep =\nlxc.cap.keep = kill\n", NULL },
	{ "lxc.cap.drop = chown\nlxc.cap.drop = kill\n#x\n", EDIT_SET, "lxc.cap.drop", { "fowner", "kill" },
	  "lxc.cap.drop = fowner\nlxc.cap.drop = kill\n#x\n", NULL },
	{ "", EDIT_SET, "lxc.cap.keep", { "none" }, "lxc.cap.keep = none\n", NULL },
	/* Lists. */
	{ "lxc.group = a\n#x\n", EDIT_ADD, "lxc.group", { "b" }, "lxc.group = a\nlxc.group = b\n#x\n", NULL },
	{ "#x\n", EDIT_ADD, "lxc.group", { "b", "c" }, "#x\nlxc.group = b\nlxc.group = c\n", NULL },
	{ "lxc.tty.max = 1\n", EDIT_ADD, "lxc.tty.max", { "2" }, "lxc.tty.max = 2\n", NULL },
	{ INCLUDE, EDIT_ADD, "lxs.cap.grant", { "sys_time" }, INCLUDE "lxs.cap.grant = sys_time\n", NULL },
	{ "", EDIT_ADD, "lxs.cap.grant", { "sys_tiem" }, NULL, "sys_tiem" },
	{ "lxc.cap.keep = kill\n", EDIT_ADD, "lxc.cap.drop", { "chown" }, NULL, "lxc.cap.keep" },
	/* Families. */
	{ "lxc.prlimit.core = 1\nlxc.prlimit.nofile = 2\n", EDIT_SET, "lxc.prlimit.core", { "3" },
	  "lxc.prlimit.core = 3\nlxc.prlimit.nofile = 2\n", NULL },
	{ "lxc.prlimit.core = 1\nlxc.prlimit.nofile = 2\n#x\n", EDIT_RESET, "lxc.prlimit", { NULL }, "#x\n", NULL },
	{ INCLUDE, EDIT_RESET, "lxc.cgroup2.a", { NULL }, INCLUDE "lxc.cgroup2.a =\n", NULL },
	{ "lxc.cgroup.a = 1\nlxc.cgroup.dir = b\n", EDIT_RESET, "lxc.cgroup", { NULL }, "lxc.cgroup.dir = b\n", NULL },
	/* Interfaces. */
	{ "lxc.net.1.type = veth\nlxc.net.10.type = none\n", EDIT_RESET, "lxc.net.1", { NULL }, "lxc.net.10.type = none\n", NULL },
	{ INCLUDE, EDIT_RESET, "lxc.net", { NULL }, INCLUDE "lxc.net =\n", NULL },
	{ INCLUDE, EDIT_RESET, "lxc.net.0.mtu", { NULL }, INCLUDE "lxc.net.0.mtu =\n", NULL },
	{ "lxc.net.0.type = veth\n", EDIT_SET, "lxc.net.0.link", { "br0" }, "lxc.net.0.type = veth\nlxc.net.0.link = br0\n", NULL },
	{ "#x\nlxc.net.10.mtu = 9\nlxc.net.1.mtu = 1400\n", EDIT_SET, "lxc.net.1.type", { "veth" },
	  "#x\nlxc.net.10.mtu = 9\nlxc.net.1.type = veth\nlxc.net.1.mtu = 1400\n", NULL },
	{ "lxc.net.0.type = none\nlxc.net.0.mtu = 9\n", EDIT_SET, "lxc.net.0.type", { "veth" },
	  "lxc.net.0.type = veth\nlxc.net.0.mtu = 9\n", NULL },
	{ "", EDIT_SET, "lxc.net.0.veth.pair", { "a" }, NULL, "type veth" },
	/* Reset: nothing is left of it, whatever is included. */
	{ "lxc.tty.max = 1\n#x\n", EDIT_RESET, "lxc.tty.max", { NULL }, "#x\n", NULL },
	{ INCLUDE, EDIT_RESET, "lxc.tty.max", { NULL }, INCLUDE "lxc.tty.max =\n", NULL },
	{ INCLUDE, EDIT_RESET, "lxc.autodev", { NULL }, INCLUDE "lxc.autodev = 1\n", NULL },
	{ "lxc.hook.start = a\nlxc.hook.stop = b\nlxc.hook.version = 1\n", EDIT_RESET, "lxc.hook.start", { NULL },
	  "lxc.hook.stop = b\nlxc.hook.version = 1\n", NULL },
	{ "lxc.environment = A=1\nlxc.environment.runtime = B=1\n", EDIT_RESET, "lxc.environment", { NULL },
	  "lxc.environment.runtime = B=1\n", NULL },
	{ "#x\n", EDIT_RESET, "lxc.group", { NULL }, "#x\n", NULL },
	/* Remove: only this file's lines, so that what is included holds again. */
	{ INCLUDE "lxc.cap.drop =\nlxc.cap.drop = kill\n#x\n", EDIT_REMOVE, "lxc.cap.drop", { NULL }, INCLUDE "#x\n", NULL },
	{ INCLUDE "lxc.tty.max = 9\n", EDIT_REMOVE, "lxc.tty.max", { NULL }, INCLUDE, NULL },
	{ "lxc.prlimit.core = 1\n#x\n", EDIT_REMOVE, "lxc.prlimit", { NULL }, "#x\n", NULL },
	{ INCLUDE, EDIT_REMOVE, "lxc.autodev", { NULL }, INCLUDE, NULL },
	{ "lxc.net.0.type = veth\nlxc.net.0.veth.pair = a\n", EDIT_REMOVE, "lxc.net.0.type", { NULL }, NULL, "type veth" },
	{ "", EDIT_REMOVE, "lxc.tty.mx", { NULL }, NULL, "lxc.tty.mx" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct edit_row *row = &rows[i];
		const struct edit edit = { row->kind, row->key, row->values };
		owned_error err = ERROR_INIT;
		owned_str after = NULL;
		int answer = edit_text("config", row->before, &edit, &after, &err);

		if (row->after && answer < 0)
			fail_msg("%s in\n%s\nis refused: %s", row->key, row->before, err.message);
		if (row->after && strcmp(after, row->after) != 0)
			fail_msg("%s in\n%s\ngives\n%s\nand not\n%s", row->key, row->before, after, row->after);
		if (row->after)
			continue;
		assert_int_equal(answer, -1);
		if (!strstr(err.message, row->word))
			fail_msg("%s: '%s' does not say '%s'", row->key, err.message, row->word);
	}
}

static const char *const one[] = { "1", NULL };
static const struct edit set_tty = { EDIT_SET, "lxc.tty.max", one };

static void test_mode_stays(void **state)
{
	owned_error err = ERROR_INIT;
	struct stat status;

	(void)state;
	put("config", "# x\n");
	assert_int_equal(chmod("config", 0640), 0);
	assert_int_equal(edit_file("config", &set_tty, &err), 0);
	assert_int_equal(stat("config", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
}

/* A refused edit leaves file and directory as they were. */
static void test_refused_edit_changes_nothing(void **state)
{
	const char *const values[] = { "four", NULL };
	const struct edit edit = { EDIT_SET, "lxc.tty.max", values };
	owned_error err = ERROR_INIT;
	owned_str text = NULL;
	struct stat before, after;
	size_t length;

	(void)state;
	put("config", "# x\n");
	stat(".", &before);
	assert_int_equal(edit_file("config", &edit, &err), -1);
	stat(".", &after);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(file_read("config", &text, &length, &err), 0);
	assert_string_equal(text, "# x\n");
}

static void test_link_is_followed(void **state)
{
	owned_error err = ERROR_INIT;
	owned_str text = NULL;
	struct stat status;
	size_t length;

	(void)state;
	put("config", "# x\n");
	assert_int_equal(symlink("config", "link"), 0);
	assert_int_equal(edit_file("link", &set_tty, &err), 0);
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(file_read("config", &text, &length, &err), 0);
	assert_string_equal(text, "# x\nlxc.tty.max = 1\n");
}

static void test_missing_file(void **state)
{
	owned_error err = ERROR_INIT;

	(void)state;
	assert_int_equal(edit_file("missing", &set_tty, &err), -1);
	assert_int_equal(access("missing", F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mode_stays),
		cmocka_unit_test(test_refused_edit_changes_nothing),
		cmocka_unit_test(test_link_is_followed),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
