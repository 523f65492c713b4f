/* Every row of the key table: complete, sorted, its good example taken and its bad one refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/lines.h"
#include "config/read.h"
#include "lib/text.h"

static bool is_stored(const struct key *key)
{
	return key->kind == KEY_SCALAR || key->kind == KEY_LIST || key->kind == KEY_MAP || key->kind == KEY_NET;
}

/* The key as a config has it, with what must stand before it. */
static const char *written(const struct key *key, struct buffer *before)
{
	static char name[128];

	if (key->kind == KEY_NET) {
		snprintf(name, sizeof name, "lxc.net.0%s", key->name + strlen("lxc.net.N"));
		if (strcmp(key->name, "lxc.net.N.type") != 0)
			buffer_printf(before, "lxc.net.0.type = %s\n", key->net_type ? key->net_type : "veth");
	} else if (key->kind == KEY_MAP) {
		snprintf(name, sizeof name, "%s.%s", key->name, strstr(key->name, "share") ? "net" : "some.member");
	} else {
		snprintf(name, sizeof name, "%s", key->name);
	}
	return name;
}

static int load(struct settings *settings, const char *text, struct error *err)
{
	char *copy = strdup(text);
	int answer = settings_read_text(settings, "some/config", copy, NULL, err);

	free(copy);
	return answer;
}

static void test_sorted_and_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];

		if (i > 0 && strcmp(keys[i - 1].name, key->name) >= 0)
			fail_msg("%s is not in its place", key->name);
		if (key->kind == KEY_FORMER)
			continue;
		if (!key->doc || (is_stored(key) && (!key->type || !key->good)))
			fail_msg("%s lacks its doc, its type or its good example", key->name);
		if (is_stored(key) && (!key->type->syntax || !key->type->name))
			fail_msg("the type of %s lacks its name or its syntax", key->name);
	}
}

static int collect(const struct setting_line *line, void *data)
{
	buffer_printf(data, "%s = %s\n", line->key, line->text);
	return 0;
}

/* What is printed loads again and says the same. */
static void check_good(const struct key *key)
{
	owned_buffer text = { 0 };
	owned_buffer again = { 0 };
	owned_settings first = settings_new();
	owned_settings second = settings_new();
	owned_error err = ERROR_INIT;
	const char *name = written(key, &text), *before;

	buffer_printf(&text, "%s = %s\n", name, key->good);
	if (load(first, buffer_text(&text), &err) < 0)
		fail_msg("%s: its good example is refused: %s", key->name, err.message);
	assert_true(settings_is_set(first, name));
	settings_lines(first, settings_arena(first), NULL, collect, &again);
	if (load(second, buffer_text(&again), &err) < 0)
		fail_msg("%s: what is printed is refused: %s", key->name, err.message);
	before = settings_format(first, settings_arena(first), name);
	assert_non_null(before);
	assert_string_equal(before, settings_format(second, settings_arena(second), name));
}

static void test_good_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++)
		if (is_stored(&keys[i]))
			check_good(&keys[i]);
}

/* The word that is wrong, the file and the line are named. */
static void check_bad(const struct key *key)
{
	owned_buffer text = { 0 };
	owned_settings settings = settings_new();
	owned_error err = ERROR_INIT;
	char place[64];
	const char *name = written(key, &text);

	snprintf(place, sizeof place, "some/config:%d: ", text.length > 0 ? 2 : 1);
	buffer_printf(&text, "%s = %s\n", name, key->bad);
	if (load(settings, buffer_text(&text), &err) == 0)
		fail_msg("%s: its bad example is taken", key->name);
	assert_non_null(strstr(err.message, name));
	assert_true(strstr(err.message, key->bad) || strlen(key->bad) > 32 || strpbrk(key->bad, "/ "));
	assert_true(text_starts(err.asked, place));
}

static void test_bad_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++)
		if (keys[i].bad)
			check_bad(&keys[i]);
}

static void test_reset(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		owned_buffer text = { 0 };
		owned_settings settings = settings_new();
		owned_error err = ERROR_INIT;
		const char *name;

		if (!is_stored(&keys[i]) || keys[i].empty)
			continue;
		name = written(&keys[i], &text);
		buffer_printf(&text, "%s = %s\n%s =\n", name, keys[i].good, name);
		if (load(settings, buffer_text(&text), &err) < 0)
			fail_msg("%s: the empty value is refused: %s", name, err.message);
		if (settings_is_set(settings, name))
			fail_msg("%s: the empty value does not reset it", name);
	}
}

static void test_former_names(void **state)
{
	static const struct { const char *written, *modern; } rows[] = {
		{ "lxc.utsname", "lxc.uts.name" },
		{ "lxc.network.type", "lxc.net.0.type" },
		{ "lxc.network.3.ipv4", "lxc.net.3.ipv4.address" },
		{ "lxc.network.ipv6", "lxc.net.0.ipv6.address" },
		{ "lxc.network.1.ipv4.gateway", "lxc.net.1.ipv4.gateway" },
		{ "lxc.network.1.veth.pair", "lxc.net.1.veth.pair" },
		{ "lxc.limit.nofile", "lxc.prlimit.nofile" },
		{ "lxc.aa_profile", "lxc.apparmor.profile" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_settings settings = settings_new();
		owned_error err = ERROR_INIT;

		assert_int_equal(settings_assign(settings, "--define", rows[i].written, "1", &err), -1);
		assert_non_null(strstr(err.message, rows[i].written));
		assert_non_null(strstr(err.hint, rows[i].modern));
	}
}

static void test_find(void **state)
{
	static const struct { const char *written, *row, *sub; unsigned index; } rows[] = {
		{ "lxc.net", "lxc.net", NULL, 0 },
		{ "lxc.net.12", "lxc.net.N", "12", 12 },
		{ "lxc.net.3.mtu", "lxc.net.N.mtu", NULL, 3 },
		{ "lxc.net.N.mtu", NULL, NULL, 0 },
		{ "lxc.net.x.mtu", NULL, NULL, 0 },
		{ "lxc.net.2147483647.mtu", NULL, NULL, 0 },
		{ "lxc.net.0.nothing", NULL, NULL, 0 },
		{ "lxc.cgroup.dir", "lxc.cgroup.dir", NULL, 0 },
		{ "lxc.cgroup.memory.limit_in_bytes", "lxc.cgroup", "memory.limit_in_bytes", 0 },
		{ "lxc.cgroup2.memory.max", "lxc.cgroup2", "memory.max", 0 },
		{ "lxc.cgroup2x", NULL, NULL, 0 },
		{ "lxc.cgroup2.", NULL, NULL, 0 },
		{ "lxc.prlimit.nofile", "lxc.prlimit", "nofile", 0 },
		{ "lxc.", NULL, NULL, 0 },
		{ "", NULL, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *sub;
		unsigned index;
		const struct key *key = key_find(rows[i].written, &sub, &index);

		assert_string_equal(key ? key->name : "(none)", rows[i].row ? rows[i].row : "(none)");
		if (key) {
			assert_string_equal(sub ? sub : "(none)", rows[i].sub ? rows[i].sub : "(none)");
			assert_int_equal(index, rows[i].index);
		}
	}
}

static void test_nearest(void **state)
{
	(void)state;
	assert_string_equal(key_nearest("lxc.cap.dorp"), "lxc.cap.drop");
	assert_string_equal(key_nearest("lcx.cap.drop"), "lxc.cap.drop");
	assert_string_equal(key_nearest("lxc.net.0.lnik"), "lxc.net.N.link");
	assert_string_equal(key_nearest("lxs.cap.gant"), "lxs.cap.grant");
	assert_null(key_nearest("nothing like a key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted_and_complete),
		cmocka_unit_test(test_good_examples),
		cmocka_unit_test(test_bad_examples),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_former_names),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
