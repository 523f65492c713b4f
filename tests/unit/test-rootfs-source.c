/* What an lxc.rootfs.path means, and which texts mean nothing. */
#include "config/rootfs_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_meanings(void **state)
{
	static const struct { const char *text, *type, *places[5]; unsigned partition; } rows[] = {
		{ "/srv/web", "", { "/srv/web" } },
		{ "/srv/we:b", "", { "/srv/we:b" } },
		{ "dir:/srv/web", "dir", { "/srv/web" } },
		{ "d:/srv/web", "dir", { "/srv/web" } },
		{ "o:/low:/up/delta", "overlay", { "/low", "/up/delta", "/up/work" } },
		{ "overlayfs:/a:/b:/up/delta", "overlayfs", { "/a", "/b", "/up/delta", "/up/work" } },
		{ "overlay:/a:b:/c/up", "overlay", { "/a:b", "/c/up", "/c/work" } },
		{ "zfs:tank/web", "zfs", { "tank/web" } },
		{ "lvm:/dev/vg/web", "lvm", { "/dev/vg/web" } },
		{ "loop:/srv/rootdev", "loop", { "/srv/rootdev" } },
		{ "nbd:/srv/disk.qcow2", "nbd", { "/srv/disk.qcow2" }, 0 },
		{ "nbd:/srv/disk.qcow2:3", "nbd", { "/srv/disk.qcow2" }, 3 },
		{ "nbd:/srv/a:b", "nbd", { "/srv/a:b" }, 0 },
		{ "nbd:/srv/a:7:0", "nbd", { "/srv/a:7" }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct rootfs_source source;
		size_t place = 0;

		assert_int_equal(rootfs_source_parse(arena, rows[i].text, &source, &err), 0);
		assert_string_equal(source.type, rows[i].type);
		assert_int_equal(source.partition, rows[i].partition);
		for (; rows[i].places[place]; place++)
			assert_string_equal(rootfs_source_place(&source, place), rows[i].places[place]);
		assert_null(rootfs_source_place(&source, place));
	}
}

static void test_refusals(void **state)
{
	static const struct { const char *text, *message; } rows[] = {
		{ "srv/web", "must begin with '/'" },
		{ "dir:srv", "must begin with '/'" },
		{ "", "must begin with '/'" },
		{ "nfs:/srv", "unknown storage type 'nfs'" },
		{ ":/srv", "unknown storage type ''" },
		{ "overlay:/srv", "a lower and an upper directory" },
		{ "overlay:/low:/up", "needs a neighbour" },
		{ "zfs:", "has no name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct rootfs_source source;

		assert_int_equal(rootfs_source_parse(arena, rows[i].text, &source, &err), -1);
		assert_non_null(strstr(err.message, rows[i].message));
	}
}

static void test_too_many_layers(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct rootfs_source source;
	const char *text = "overlay:/a/up";

	(void)state;
	for (int i = 0; i < ROOTFS_LOWERS_MAX; i++)
		text = arena_printf(arena, "%s:/a/up", text);
	assert_int_equal(rootfs_source_parse(arena, text, &source, &err), 0);
	assert_int_equal(rootfs_source_parse(arena, arena_printf(arena, "%s:/a/up", text), &source, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_many_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
