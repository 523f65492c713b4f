/* Tests of host/userns.c: what a map holds. */
#include "host/userns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* As /proc shows it. */
static const char map[] = "         0     100000       1000\n      1000       1000          1\n"
			  "      2000     102000         10\n";

static const struct {
	const char *lines;
	bool held;
} rows[] = {
	{ "0 100000 1000\n1000 1000 1\n2000 102000 10\n", true },
	{ "2000 102000 10\n", true },
	{ "10 100010 5\n", true },
	{ "", true },
	{ "0 100000 1001\n", false },
	{ "0 100001 1\n", false },
	{ "1000 1000 2\n", false },
	{ "0 100000 1\n3000 1 1\n", false },
	{ "0 100000 18446744073709551615\n", false },
};

static void test_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(userns_has(map, rows[i].lines), rows[i].held);
	assert_true(userns_has("         0          0 4294967295\n", "0 0 65536\n1000000 1000000 1\n"));
	assert_false(userns_has("", "0 0 1\n"));
}

/* The caller's own id joins a map behind all else, under the first number that is free there. */
static void test_map_with(void **state)
{
	owned_arena arena = arena_new();
	unsigned long inside;

	(void)state;
	assert_string_equal(userns_map_with(arena, "0 100000 10\n20 200000 5\n", 1000, &inside),
			    "0 100000 10\n20 200000 5\n25 1000 1\n");
	assert_int_equal(inside, 25);
	assert_string_equal(userns_map_with(arena, "0 100000 10\n20 999 5\n", 1000, &inside), "0 100000 10\n20 999 5\n");
	assert_int_equal(inside, 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_has), cmocka_unit_test(test_map_with) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
