/* Tests of lib/shift.c: files with several names.  What needs a file system is in idmapped.bats. */
#include "lib/shift.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/own.h"
#include "place.h"

/* More of them than the table begins with: each is shifted once, or it would end beyond the map. */
static void test_a_file_with_two_names_is_shifted_once(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;
	struct stat facts;

	if (geteuid() != 0)
		skip();
	for (int i = 0; i < 1500; i++) {
		char one[16], other[16];
		owned_fd file = -1;

		snprintf(one, sizeof one, "a%d", i);
		snprintf(other, sizeof other, "b%d", i);
		file = openat(place->fd, one, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(linkat(place->fd, one, place->fd, other, 0), 0);
	}
	assert_int_equal(shift_tree(AT_FDCWD, place->path, place->path, "0 100000 1\n", "0 200000 1\n", &err), 0);
	assert_int_equal(fstatat(place->fd, "b1499", &facts, 0), 0);
	assert_int_equal(facts.st_uid, 100000);
	assert_int_equal(facts.st_gid, 200000);
	assert_int_equal(shift_tree(AT_FDCWD, place->path, place->path, "0 100000 1\n", "0 200000 1\n", &err), -1);
	assert_non_null(strstr(err.hint, "lxc.idmap does not map"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_file_with_two_names_is_shifted_once, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
