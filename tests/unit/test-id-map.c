/* Tests of lib/id_map.c: ids by a map, and whose a tree is. */
#include "lib/id_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char map[] = "0 100000 1000\n1000 1000 1\n2000 4294967000 295\n";

static const struct {
	unsigned long inside, outside; /* outside 0: there is none */
} ids[] = {
	{ 0, 100000 }, { 999, 100999 }, { 1000, 1000 }, { 1001, 0 }, { 1999, 0 }, { 2000, 4294967000 },
	{ 2294, 4294967294 }, { 2295, 0 }, { 4294967295, 0 },
};

static void test_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		unsigned long found = 0;

		assert_int_equal(id_map_outside(map, ids[i].inside, &found), ids[i].outside != 0);
		assert_int_equal(found, ids[i].outside);
	}
	assert_false(id_map_outside("", 0, &(unsigned long){ 0 }));
}

static void test_trees(void **state)
{
	static const char usual[] = "0 100000 65536\n", overlapping[] = "0 1000 65536\n", rootless[] = "1000 101000 1000\n";
	static const char with_root[] = "0 100000 1000\n1000 0 1\n";
	static const struct { const char *map; unsigned long owner; enum id_map_tree tree; } rows[] = {
		{ usual, 0, TREE_INSIDE }, { usual, 1, TREE_INSIDE }, { usual, 65535, TREE_INSIDE },
		{ usual, 100000, TREE_SHIFTED }, { usual, 165535, TREE_SHIFTED },
		{ usual, 65536, TREE_FOREIGN }, { usual, 99999, TREE_FOREIGN }, { usual, 165536, TREE_FOREIGN },
		{ overlapping, 0, TREE_INSIDE }, { overlapping, 999, TREE_INSIDE }, { overlapping, 1000, TREE_SHIFTED },
		{ overlapping, 66535, TREE_SHIFTED },
		{ rootless, 0, TREE_INSIDE }, { rootless, 1000, TREE_INSIDE }, { rootless, 101000, TREE_SHIFTED },
		{ with_root, 0, TREE_INSIDE }, { "1000 0 1\n", 0, TREE_SHIFTED }, { "", 1000, TREE_FOREIGN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(id_map_tree_of(rows[i].map, rows[i].owner), rows[i].tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
