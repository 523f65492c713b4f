/* Settings saved and loaded are the same: values, origins, interfaces; a damaged file is refused. */
#include "config/save.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/keys.h"
#include "config/read.h"
#include "config/store.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

static char path[] = "/tmp/lxs-test-save.XXXXXX";

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

static void same_origins(const struct origin *a, const struct origin *b)
{
	for (; a && b; a = a->included_by, b = b->included_by) {
		assert_string_equal(a->file, b->file);
		assert_string_equal(a->text, b->text);
		assert_int_equal(a->line, b->line);
	}
	assert_true(!a && !b);
}

/* Texts, members and the parsed union alike. */
static void same_values(const struct values *a, const struct values *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_string_equal(a->items[i].text, b->items[i].text);
		assert_string_equal(a->items[i].sub ? a->items[i].sub : "", b->items[i].sub ? b->items[i].sub : "");
		assert_memory_equal(&a->items[i].address, &b->items[i].address, sizeof(struct address));
		same_origins(a->items[i].origin, b->items[i].origin);
	}
}

static void same_settings(const struct settings *a, const struct settings *b)
{
	assert_int_equal(a->net_count, b->net_count);
	assert_int_equal(a->keep, b->keep);
	assert_string_equal(a->file ? a->file : "", b->file ? b->file : "");
	for (size_t row = 0; row < key_count; row++) {
		same_values(&a->rows[row], &b->rows[row]);
		for (size_t i = 0; i < a->net_count; i++)
			same_values(&a->nets[i]->rows[row], &b->nets[i]->rows[row]);
	}
	for (size_t i = 0; i < a->net_count; i++)
		assert_int_equal(a->nets[i]->index, b->nets[i]->index);
}

static void check(const struct settings *settings)
{
	owned_error err = ERROR_INIT;
	owned_settings loaded = NULL;

	assert_int_equal(settings_save(settings, AT_FDCWD, path, &err), 0);
	loaded = settings_load(AT_FDCWD, path, &err);
	if (!loaded)
		fail_msg("%s", err.message);
	same_settings(settings, loaded);
}

static struct settings *load(const char *text)
{
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;
	char *copy = strdup(text);

	if (settings_read_text(settings, "/a/config with\ttab", copy, NULL, &err) < 0)
		fail_msg("%s", err.message);
	free(copy);
	return settings;
}

static void test_round_trips(void **state)
{
	static const char *const texts[] = {
		"",
		"lxc.uts.name = a",
		"lxc.cap.keep = none",
		"lxc.cap.keep = kill chown",
		"lxc.cap.drop = kill chown\nlxs.cap.grant = kill",
		"lxc.init.cmd = \"a\\tb\\\\ c \"",
		"lxc.environment = A=x\\ny\nlxc.environment = B=",
		"lxc.mount.auto = proc sys:ro cgroup:ro:force shmounts:/a:/b",
		("lxc.net.5.type = veth\nlxc.net.5.hwaddr = 10:66:6a:xx:xx:xx\nlxc.net.5.ipv4.address = 1.2.3.4/8 1.2.3.255\n"
		 "lxc.net.2.type = empty\nlxc.net.9.type = none\nlxc.net.9.type ="),
		"lxc.prlimit.nofile = 1:2\nlxc.sysctl.net.ipv4.ip_forward = 1\nlxc.cgroup2.a = 1\nlxc.cgroup2.a = 2",
		"lxc.idmap = u 0 100000 65536\nlxc.console.size = 100KB\nlxc.time.offset.boot = -5m",
		"lxc.autodev =\nlxc.monitor.signal.pdeath =\nlxc.init.groups = 1, 2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		owned_settings settings = load(texts[i]);

		check(settings);
	}
}

/* Every row by its good example. */
static void test_every_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		owned_settings settings = settings_new();
		owned_error err = ERROR_INIT;
		char name[128], type[32];

		if (!keys[i].good || keys[i].kind == KEY_ACTION)
			continue;
		snprintf(name, sizeof name, "%s%s", keys[i].name, keys[i].kind == KEY_MAP ? ".net" : "");
		if (keys[i].kind == KEY_NET) {
			snprintf(type, sizeof type, "%s", keys[i].net_type ? keys[i].net_type : "veth");
			assert_int_equal(settings_assign(settings, "test", "lxc.net.4.type", type, &err), 0);
			snprintf(name, sizeof name, "lxc.net.4%s", keys[i].name + strlen("lxc.net.N"));
		}
		assert_int_equal(settings_assign(settings, "test", name, keys[i].good, &err), 0);
		check(settings);
	}
}

/* Cut anywhere, the file is refused and not half believed. */
static void test_damage(void **state)
{
	owned_settings settings = load("lxc.net.0.type = veth\nlxc.cap.drop = kill\nlxc.prlimit.nofile = 5");
	owned_error err = ERROR_INIT;
	owned_str whole = NULL;
	size_t length;

	(void)state;
	assert_int_equal(settings_save(settings, AT_FDCWD, path, &err), 0);
	assert_int_equal(file_read(path, &whole, &length, &err), 0);
	for (size_t cut = 0; cut + 1 < length; cut++) {
		struct settings *loaded;

		assert_int_equal(file_replace(path, whole, cut, 0600, &err), 0);
		loaded = settings_load(AT_FDCWD, path, &err);
		if (loaded)
			fail_msg("loads when cut after %zu of %zu bytes", cut, length);
		error_done(&err);
	}
	assert_null(settings_load(AT_FDCWD, "/nonexistent/settings", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
