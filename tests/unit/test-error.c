/*
 * Errors as the user sees them: what lib/error.h promises about messages that
 * grow on the way up, origins with their chain of includes, and hints.
 */
#include "lib/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/origin.h"
#include "lib/own.h"

static char *printed(const struct error *err, const char *program, const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	error_print(err, out, program, name);
	fclose(out);
	return text;
}

static void test_leaf_names_word_and_errno(void **state)
{
	owned_error err = ERROR_INIT;

	assert_int_equal(error_set(&err, ENOENT, "cannot open %s", "/x"), -1);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.message, "cannot open /x: No such file or directory");
}

static void test_no_errno_no_suffix(void **state)
{
	owned_error err = ERROR_INIT;

	error_set(&err, 0, "'15oo' is not a number");
	assert_int_equal(err.code, 0);
	assert_string_equal(err.message, "'15oo' is not a number");
}

static void test_control_characters_are_shown_as_numbers(void **state)
{
	owned_error err = ERROR_INIT;
	owned_str text = NULL;

	error_set(&err, 0, "a\033[1m\177 \302\2331m \303\251 \302");
	text = printed(&err, "lxs", NULL);
	assert_string_equal(text, "lxs: a\\033[1m\\177 \\302\\2331m \303\251 \302\n");
}

static void test_callers_add_in_front(void **state)
{
	owned_error err = ERROR_INIT;

	error_set(&err, EACCES, "cannot open b");
	assert_int_equal(error_add(&err, "cannot load %s", "a"), -1);
	assert_string_equal(err.message, "cannot load a: cannot open b: Permission denied");
	assert_int_equal(err.code, EACCES);
}

static void test_set_again_forgets_the_old(void **state)
{
	owned_error err = ERROR_INIT;

	error_set(&err, EACCES, "first");
	error_hint(&err, "old hint");
	error_set(&err, 0, "second");
	assert_string_equal(err.message, "second");
	assert_int_equal(err.code, 0);
	assert_null(err.hint);
}

static void test_first_origin_and_hint_stay(void **state)
{
	const struct origin inner = { .file = "in.conf", .line = 3, .text = "lxc.a = b" };
	const struct origin outer = { .file = "out.conf", .line = 9, .text = "lxc.c = d" };
	owned_error err = ERROR_INIT;

	error_set(&err, 0, "no");
	error_asked_by(&err, &inner);
	error_asked_by(&err, &outer);
	error_hint(&err, "do %d", 1);
	error_hint(&err, "do 2");
	assert_string_equal(err.asked, "in.conf:3: lxc.a = b");
	assert_string_equal(err.hint, "do 1");
	error_asked_by(&err, NULL);
}

static void test_printed_whole(void **state)
{
	const struct origin top = { .file = "/c/config", .line = 2, .text = "lxc.include = common.conf" };
	const struct origin line = { .file = "common.conf", .line = 7, .text = "lxc.x = y", .included_by = &top };
	owned_error err = ERROR_INIT;
	owned_str text = NULL;
	owned_str nameless = NULL;

	error_set(&err, 0, "cannot x");
	error_asked_by(&err, &line);
	error_hint(&err, "try y");
	text = printed(&err, "lxs-start", "web");
	assert_string_equal(text, "lxs-start: web: cannot x\n"
				  "  asked for by common.conf:7: lxc.x = y\n"
				  "    included by /c/config:2\n"
				  "  hint: try y\n");
	nameless = printed(&err, "lxs-start", NULL);
	assert_ptr_equal(strstr(nameless, "lxs-start: cannot x\n"), nameless);
}

static void test_move_leaves_the_source_empty(void **state)
{
	owned_error from = ERROR_INIT;
	owned_error to = ERROR_INIT;

	error_set(&to, EIO, "old");
	error_set(&from, EPERM, "new");
	assert_int_equal(error_move(&to, &from), -1);
	assert_string_equal(to.message, "new: Operation not permitted");
	assert_null(from.message);
	assert_int_equal(from.code, 0);
}

static void test_done_keeps_errno(void **state)
{
	struct error err = ERROR_INIT;

	error_set(&err, 0, "x");
	errno = ENOTTY;
	error_done(&err);
	assert_int_equal(errno, ENOTTY);
	assert_null(err.message);
	error_done(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf_names_word_and_errno),
		cmocka_unit_test(test_no_errno_no_suffix),
		cmocka_unit_test(test_control_characters_are_shown_as_numbers),
		cmocka_unit_test(test_callers_add_in_front),
		cmocka_unit_test(test_set_again_forgets_the_old),
		cmocka_unit_test(test_first_origin_and_hint_stay),
		cmocka_unit_test(test_printed_whole),
		cmocka_unit_test(test_move_leaves_the_source_empty),
		cmocka_unit_test(test_done_keeps_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
