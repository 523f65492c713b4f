/* The arena's promises: zeroed, aligned, stable memory, and arrays that grow. */
#include "lib/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_memory_is_zeroed_and_aligned(void **state)
{
	owned_arena arena = arena_new();
	size_t size;

	for (size = 1; size < 5000; size += 37) {
		unsigned char *bytes = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)bytes % sizeof(max_align_t) % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
}

static void test_larger_than_a_block(void **state)
{
	owned_arena arena = arena_new();
	char *before = arena_strdup(arena, "before");
	char *large = arena_alloc(arena, 1 << 20);
	char *after = arena_strdup(arena, "after");

	memset(large, 'x', 1 << 20);
	assert_string_equal(before, "before");
	assert_string_equal(after, "after");
}

static void test_texts(void **state)
{
	owned_arena arena = arena_new();

	assert_string_equal(arena_strdup(arena, ""), "");
	assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(arena, "ab", 10), "ab");
	assert_string_equal(arena_printf(arena, "%s/%d", "net", 7), "net/7");
}

/* What is formatted into the rest of a block must not be seen in what is allocated, or be cut at its end. */
static void test_texts_at_the_end_of_a_block(void **state)
{
	enum { LENGTH = 1000, COUNT = 200 };
	owned_arena arena = arena_new();
	const char *texts[COUNT];
	char expected[LENGTH + 8];

	for (int i = 0; i < COUNT; i++) {
		const char *zero = arena_alloc(arena, 16);

		for (int n = 0; n < 16; n++)
			assert_int_equal(zero[n], 0);
		texts[i] = arena_printf(arena, "%0*d", LENGTH + i % 7, i);
	}
	for (int i = 0; i < COUNT; i++) {
		snprintf(expected, sizeof expected, "%0*d", LENGTH + i % 7, i);
		assert_string_equal(texts[i], expected);
	}
}

static void test_append_keeps_items(void **state)
{
	owned_arena arena = arena_new();
	struct pair { int number; const char *text; } *pairs = NULL;
	size_t count = 0;

	for (int i = 0; i < 1000; i++) {
		pairs = arena_append(arena, pairs, &count, sizeof *pairs);
		assert_int_equal(pairs[count - 1].number, 0);
		assert_null(pairs[count - 1].text);
		pairs[count - 1].number = i;
		pairs[count - 1].text = arena_printf(arena, "%d", i);
	}
	assert_int_equal(count, 1000);
	assert_int_equal(pairs[0].number, 0);
	assert_int_equal(pairs[999].number, 999);
	assert_string_equal(pairs[421].text, "421");
}

static void test_free_of_nothing(void **state)
{
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_and_aligned),
		cmocka_unit_test(test_larger_than_a_block),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_texts_at_the_end_of_a_block),
		cmocka_unit_test(test_append_keeps_items),
		cmocka_unit_test(test_free_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
