/* lxs.conf: LXC's lines, sections of libconfuse, defaults, and what is not understood. */
#include "host/lxsconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/remoteconf.h"
#include "lib/file.h"
#include "lib/own.h"

static char path[] = "/tmp/lxs-test-lxsconf.XXXXXX";

static int enter(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int leave(void **state)
{
	(void)state;
	return unlink(path);
}

/* value NULL: unset; "!": not understood. */
static const struct { const char *text, *key, *value; } rows[] = {
	{ "", "lxc.bdev.lvm.vg", "lxs" },
	{ "", "lxc.cgroup.use", NULL },
	{ "lxc.lxcpath = /srv/x//\n", "lxc.lxcpath", "/srv/x" },
	{ "lxc.lxcpath=/srv/x", "lxc.lxcpath", "/srv/x" },
	{ " \tlxc.lxcpath \t=\t /srv/x\n", "lxc.lxcpath", "/srv/x" },
	{ "lxc.lxcpath = /first\nlxc.lxcpath = /second\n", "lxc.lxcpath", "/first" },
	{ "# lxc.lxcpath = /a\nlxc.lxcpath = /b\n", "lxc.lxcpath", "/b" },
	{ "lxc.cgroup.use = a b \"c\" $d \\e # f \n", "lxc.cgroup.use", "a b \"c\" $d \\e # f " },
	{ "lxc.cgroup.use =\n", "lxc.cgroup.use", NULL },
	{ "lxc.unknown = some /* words\nlxc.cgroup.pattern = %n\n", "lxc.cgroup.pattern", "%n" },
	{ "remote a {\n\turl = \"x\"\n}\nlxc.bdev.zfs.root = tank/x\n", "lxc.bdev.zfs.root", "tank/x" },
	{ "lxc.lxcpathology = /a\nlxc.lxcpath = /b\n", "lxc.lxcpath", "/b" },
	{ "one = two three four\n", "lxc.lxcpath", "!" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_error err = ERROR_INIT;
		owned_str value = NULL;
		int answer;

		assert_int_equal(file_replace(path, rows[i].text, strlen(rows[i].text), 0600, &err), 0);
		answer = lxsconf_get_from(path, rows[i].key, &value, &err);
		if (rows[i].value && strcmp(rows[i].value, "!") == 0) {
			assert_int_equal(answer, -1);
			assert_non_null(strstr(err.message, path));
			continue;
		}
		if (answer < 0)
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_string_equal(value ? value : "(unset)", rows[i].value ? rows[i].value : "(unset)");
	}
}

static void test_unknown_key_and_missing_file(void **state)
{
	owned_error err = ERROR_INIT;
	owned_str value = NULL;

	(void)state;
	assert_int_equal(lxsconf_get_from("/nonexistent/lxs.conf", "lxc.nonsense", &value, &err), -1);
	assert_int_equal(lxsconf_get_from("/nonexistent/lxs.conf", "lxc.bdev.zfs.root", &value, &err), 0);
	assert_string_equal(value, "lxs");
}

static void test_remotes(void **state)
{
	static const char text[] = "lxc.lxcpath = /srv\nclock { nonsense = 1 }\nremote a {\n\turl = \"https://a\"\n\tmirrors = {\"https://b\", \"https://c\"}\n}\n"
				   "remote b {\n\turl = \"https://b\"\n\tformat = simplestreams\n\tkeyring = \"/k\"\n}\n";
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct remote_section section;

	(void)state;
	assert_int_equal(file_replace(path, text, strlen(text), 0600, &err), 0);
	assert_int_equal(remoteconf_read(path, "c", arena, &section, &err), 0);
	assert_int_equal(remoteconf_read(path, "a", arena, &section, &err), 1);
	assert_string_equal(section.url, "https://a");
	assert_string_equal(section.format, "lxc");
	assert_string_equal(section.mirrors[1], "https://c");
	assert_null(section.mirrors[2]);
	assert_null(section.keyring);
	assert_int_equal(remoteconf_read(path, "b", arena, &section, &err), 1);
	assert_string_equal(section.keyring, "/k");
}

/* A word that is misspelled must not turn a check off. */
static void test_unknown_words_of_a_remote(void **state)
{
	static const char text[] = "remote a {\n\turl = \"https://a\"\n\tkeyrin = \"/k\"\n}\n";
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct remote_section section;

	(void)state;
	assert_int_equal(file_replace(path, text, strlen(text), 0600, &err), 0);
	assert_int_equal(remoteconf_read(path, "a", arena, &section, &err), -1);
	assert_non_null(strstr(err.message, ":3: not understood"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remotes),
		cmocka_unit_test(test_unknown_words_of_a_remote),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_unknown_key_and_missing_file),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
