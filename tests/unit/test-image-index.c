/* image/index.c, index-streams.c, record.c: both formats of indexes, hashes, records, and what a stranger may not say. */
#include "image/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/record.h"
#include "lib/own.h"

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* All images of a list as "DIST/RELEASE/ARCH/VARIANT BUILD PATH" lines. */
static const char *show(struct arena *arena, const struct image_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct image *image = &list->items[i];

		text = arena_printf(arena, "%s%s/%s/%s/%s %s %s\n", text, image->dist, image->release, image->arch,
				    image->variant, image->build, image->path ? image->path : image->files[PART_ROOTFS].path);
	}
	return text;
}

static void reads_lxc_lines(void **state)
{
	static const struct { const char *text, *images; size_t odd; } rows[] = {
		{ "", "", 0 },
		{ "a;1;amd64;default;20310101_00:00;/images/a/1/\n", "a/1/amd64/default 20310101_00:00 images/a/1/\n", 0 },
		{ "a;1;amd64;default;2;/x//y\r\n\nb;1;arm64;cloud;3;z", "a/1/amd64/default 2 x/y/\nb/1/arm64/cloud 3 z/\n", 0 },
		{ "a;1;amd64;default;1;\n", "", 0 },
		{ "a;1;amd64;default;1\n", "", 1 },
		{ "a;1;amd64;default;1;/x;more\n", "", 1 },
		{ "a;1;amd64;default;1;/x/../../etc\n", "", 1 },
		{ "a;1;amd64;default;1;/./x\n", "", 1 },
		{ "a;1;amd64;default;1;https://evil?x\n", "", 1 },
		{ "a/b;1;amd64;default;1;/x\n", "", 1 },
		{ "..;1;amd64;default;1;/x\n", "", 1 },
		{ "-d;1;amd64;default;1;/x\n", "", 1 },
		{ "a\033[0m;1;amd64;default;1;/x\n", "", 1 },
		{ "a;1;;default;1;/x\n", "", 1 },
		{ "a;1;amd64;default;../1;/x\n", "", 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_arena arena = arena_new();
		struct image_list list = { 0 };

		index_lxc_parse(arena, rows[i].text, &list);
		assert_string_equal(show(arena, &list), rows[i].images);
		assert_int_equal(list.odd, rows[i].odd);
	}
}

static void sorts_the_newest_build_first(void **state)
{
	owned_arena arena = arena_new();
	struct image_list list = { 0 };

	index_lxc_parse(arena, "b;1;x;d;1;/b\na;1;x;d;20300101_00:00;/a\na;1;x;d;20310101_00:00;/c\n", &list);
	image_list_sort(&list);
	assert_string_equal(show(arena, &list), "a/1/x/d 20310101_00:00 c/\na/1/x/d 20300101_00:00 a/\nb/1/x/d 1 b/\n");
	assert_true(image_same_name(&list.items[0], &list.items[1]));
	assert_true(image_matches(&list.items[0], &(struct image_filter){ .dist = "a" }));
	assert_false(image_matches(&list.items[0], &(struct image_filter){ .dist = "a", .variant = "cloud" }));
}

static void reads_sums(void **state)
{
	static const struct { const char *text, *rootfs, *meta; } rows[] = {
		{ HASH "  rootfs.tar.xz\n" HASH "  meta.tar.xz\n", "x/rootfs.tar.xz", "x/meta.tar.xz" },
		{ HASH " *./rootfs.squashfs\n" HASH "  rootfs.tar.xz\n" HASH "  meta.tar.xz", "x/rootfs.tar.xz", "x/meta.tar.xz" },
		{ HASH "  rootfs.squashfs\n" HASH "  meta.tar.xz\n", "x/rootfs.squashfs", "x/meta.tar.xz" },
		{ HASH "  rootfs.tar.xz\n", NULL, NULL },
		{ HASH "  ../rootfs.tar.xz\n" HASH "  meta.tar.xz\n", NULL, NULL },
		{ "abc  rootfs.tar.xz\n" HASH "  meta.tar.xz\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct image image = { .path = "x/" };
		int answer = index_sums_parse(arena, rows[i].text, &image, &err);

		assert_int_equal(answer, rows[i].rootfs ? 0 : -1);
		if (answer < 0)
			continue;
		assert_string_equal(image.files[PART_ROOTFS].path, rows[i].rootfs);
		assert_string_equal(image.files[PART_META].path, rows[i].meta);
		assert_string_equal(image.files[PART_ROOTFS].sha256, HASH);
	}
}

#define ITEM(type, path) "{\"ftype\": \"" type "\", \"path\": \"" path "\", \"sha256\": \"" HASH "\", \"size\": 5}"
#define PRODUCT(key, fields, items) \
	"{\"products\": {\"" key "\": {" fields ", \"versions\": {\"20310101_00:00\": {\"items\": {" items "}}}}}}"

static void reads_streams(void **state)
{
	static const struct { const char *text, *images; size_t odd; } rows[] = {
		{ PRODUCT("a:1:amd64:default", "\"arch\": \"amd64\"", "\"root.tar.xz\": " ITEM("root.tar.xz", "i/root.tar.xz")),
		  "a/1/amd64/default 20310101_00:00 i/root.tar.xz\n", 0 },
		{ PRODUCT("a:1:amd64:default", "\"arch\": \"amd64\"",
			  "\"x\": " ITEM("squashfs", "i/s") ", \"y\": " ITEM("root.tar.xz", "i/t")),
		  "a/1/amd64/default 20310101_00:00 i/t\n", 0 },
		{ PRODUCT("com.ubuntu.cloud:server:22.04:amd64", "\"arch\": \"amd64\", \"os\": \"Ubuntu\", \"release\": \"jammy\"",
			  "\"x\": " ITEM("squashfs", "i/s")),
		  "ubuntu/jammy/amd64/default 20310101_00:00 i/s\n", 0 },
		{ PRODUCT("a:1:amd64:default", "\"arch\": \"amd64\"", "\"x\": " ITEM("disk-kvm.img", "i/d")), "", 0 },
		{ PRODUCT("a:1:amd64:default", "\"arch\": \"amd64\"", "\"x\": " ITEM("squashfs", "../../i")), "", 0 },
		{ PRODUCT("a:../1:amd64:default", "\"arch\": \"amd64\"", "\"x\": " ITEM("squashfs", "i")), "", 1 },
		{ "{\"products\": [1, 2]}", "", 0 },
		{ "{\"products\": {\"a\": 5}}", "", 1 },
		{ "{}", "", 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct image_list list = { 0 };

		assert_int_equal(index_streams_parse(arena, rows[i].text, &list, &err), 0);
		assert_string_equal(show(arena, &list), rows[i].images);
		assert_int_equal(list.odd, rows[i].odd);
	}
}

static void refuses_what_is_no_json(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct image_list list = { 0 };

	assert_int_equal(index_streams_parse(arena, "<html>", &list, &err), -1);
	assert_non_null(strstr(err.message, "line 1 is no JSON"));
	assert_null(index_streams_paths(arena, "{\"index\": {\"a\": {\"datatype\": \"image-ids\", \"path\": \"x\"}}}", &err));
	assert_null(index_streams_paths(arena, "{\"index\": {\"a\": {\"datatype\": \"image-downloads\", \"path\": \"/x\"}}}", &err));
}

static void names_lists_of_images(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	const char *const *paths = index_streams_paths(
		arena, "{\"index\": {\"a\": {\"datatype\": \"image-downloads\", \"path\": \"streams/v1/images.json\"}}}", &err);

	assert_non_null(paths);
	assert_string_equal(paths[0], "streams/v1/images.json");
	assert_null(paths[1]);
}

static const char record_text[] = "server=https://x\ndist=a\nrelease=1\narch=amd64\nvariant=default\nbuild=2\n"
				  "rootfs.path=i/rootfs.tar.xz\nrootfs.sha256=" HASH "\nmeta.path=i/meta.tar.xz\n"
				  "meta.sha256=" HASH "\nrootfs.size=5\nmeta.size=-1\nexpiry=7\n";

static void records_come_back(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	owned_buffer text = { 0 };
	struct record record;

	assert_int_equal(record_parse(arena, record_text, "x", &record, &err), 0);
	record_format(&record, &text);
	assert_string_equal(text.text, record_text);
	assert_int_equal(record.expiry, 7);
}

static void records_of_strangers_are_strict(void **state)
{
	static const char *const wrong[] = {
		"", "dist=a\n", "nonsense\n", "server=ftp://x\n", "build=../x\n", "rootfs.path=/etc/passwd\n",
		"rootfs.sha256=abc\n", "rootfs.size=many\n", "colour=red\n",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct record record;
		const char *text = i < 2 ? wrong[i] : arena_printf(arena, "%s%s", record_text, wrong[i]);

		assert_int_equal(record_parse(arena, text, "lock", &record, &err), -1);
		assert_non_null(strstr(err.message, "lock"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lxc_lines),
		cmocka_unit_test(sorts_the_newest_build_first),
		cmocka_unit_test(reads_sums),
		cmocka_unit_test(reads_streams),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(names_lists_of_images),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(records_of_strangers_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
