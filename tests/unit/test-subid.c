/* Ranges of /etc/subuid, out of texts that an admin may write. */
#include "host/subid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_lines_of_the_user(void **state)
{
	static const char text[] = "# ids\nbob:100000:65536\nalice:165536:65536\nalic:1:1\nalice2:2:2\n"
				   "1000:300000:10 \nalice:400000:1\r\nalice:500000:7";
	static const struct subid_range expected[] = { { 165536, 65536 }, { 300000, 10 }, { 400000, 1 }, { 500000, 7 } };
	owned_arena arena = arena_new();
	struct subid_list list;

	(void)state;
	subids_parse(arena, text, "alice", 1000, &list);
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(list.ranges[i].first, expected[i].first);
		assert_int_equal(list.ranges[i].count, expected[i].count);
	}
}

static void test_what_is_no_range(void **state)
{
	static const char text[] = "alice\nalice:\nalice:1\nalice:1:\nalice:x:1\nalice:1:x\nalice:-1:5\nalice:1:0\n"
				   "alice:1:2:3\n:1:1\n\n";
	owned_arena arena = arena_new();
	struct subid_list list;

	(void)state;
	subids_parse(arena, text, "alice", 1000, &list);
	assert_int_equal(list.count, 0);
}

static void test_where_ranges_come_from(void **state)
{
	(void)state;
	assert_false(subids_elsewhere(""));
	assert_false(subids_elsewhere("passwd: files sss\n"));
	assert_false(subids_elsewhere("passwd: sss\nsubid: files\n"));
	assert_false(subids_elsewhere("subid:\tfiles # of old\n"));
	assert_true(subids_elsewhere("passwd: files\n subid:  sss\n"));
	assert_true(subids_elsewhere("subid: filesystem\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_the_user),
		cmocka_unit_test(test_what_is_no_range),
		cmocka_unit_test(test_where_ranges_come_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
