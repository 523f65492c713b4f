/* Trimming, words, distances and buffers of lib/text.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

static void test_trim(void **state)
{
	static const struct { const char *text, *trimmed; } rows[] = {
		{ "", "" }, { " ", "" }, { "a", "a" }, { " a ", "a" }, { "\t a b \r\n", "a b" }, { "a\t", "a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char copy[32];
		size_t length;

		snprintf(copy, sizeof copy, "%s", rows[i].text);
		assert_string_equal(text_trim(copy), rows[i].trimmed);
		text_bounds(rows[i].text, &length);
		assert_int_equal(length, strlen(rows[i].trimmed));
	}
}

static void test_words(void **state)
{
	const char *cursor = "  one\ttwo  three ", *word;
	owned_buffer all = { 0 };
	size_t length;

	(void)state;
	while ((word = text_word(&cursor, " \t", &length)))
		buffer_printf(&all, "<%.*s>", (int)length, word);
	assert_string_equal(buffer_text(&all), "<one><two><three>");
}

static void test_distance(void **state)
{
	static const struct { const char *a, *b; unsigned distance; } rows[] = {
		{ "", "", 0 }, { "a", "", 1 }, { "same", "same", 0 }, { "tiem", "time", 1 }, { "kitten", "sitting", 3 },
		{ "sys_time", "sys_tme", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(text_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(text_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

/* Words longer than any name are no name, and no trouble either. */
static void test_distance_of_long_words(void **state)
{
	char word[500];

	(void)state;
	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	assert_true(text_distance(word, "x") > text_tolerance(word));
	assert_true(text_distance(word, word) > text_tolerance(word));
}

static void test_nearest(void **state)
{
	static const char *const choices[] = { "drop", "keep", NULL };

	(void)state;
	assert_string_equal(text_nearest("dorp", choices), "drop");
	assert_string_equal(text_nearest("kep", choices), "keep");
	assert_null(text_nearest("elephant", choices));
	assert_null(text_nearest("x", NULL));
}

static void test_buffer_grows(void **state)
{
	owned_buffer buffer = { 0 };

	(void)state;
	assert_string_equal(buffer_text(&buffer), "");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&buffer, "%03d", i);
	assert_int_equal(buffer.length, 3000);
	assert_memory_equal(buffer_text(&buffer) + 2997, "999", 4);
	buffer_puts(&buffer, "");
	buffer_add(&buffer, "xyz", 2);
	assert_string_equal(buffer_text(&buffer) + 3000, "xy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_distance_of_long_words),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_buffer_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
