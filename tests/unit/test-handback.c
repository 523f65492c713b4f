/* Errors that a launcher hands back through a pipe, and a launcher that dies. */
#include "container/handback.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void test_success(void **state)
{
	owned_error err = ERROR_INIT;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	handback_send(ends[1], NULL);
	assert_int_equal(handback_receive(ends[0], "the worker died", &err), 0);
	close(ends[0]);
}

static void test_error(void **state)
{
	owned_error sent = ERROR_INIT, err = ERROR_INIT;
	int ends[2];

	error_set(&sent, 2, "cannot mount\nthis");
	error_hint(&sent, "100%% sure");
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	handback_send(ends[1], &sent);
	assert_int_equal(handback_receive(ends[0], "the worker died", &err), -1);
	assert_int_equal(err.code, 2);
	assert_string_equal(err.message, "cannot mount\nthis: No such file or directory");
	assert_null(err.asked);
	assert_string_equal(err.hint, "100% sure");
	close(ends[0]);
}

static void test_death(void **state)
{
	owned_error err = ERROR_INIT;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[1]);
	assert_int_equal(handback_receive(ends[0], "the worker died", &err), -1);
	assert_string_equal(err.message, "the worker died");
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_success),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_death),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
