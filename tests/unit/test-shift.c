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
#include "lib/tree.h"

/* More of them than the table begins with: each is shifted once, or it would end beyond the map. */
static void test_a_file_with_two_names_is_shifted_once(void **state)
{
	char place[] = "/tmp/test-shift.XXXXXX";
	owned_error err = ERROR_INIT;
	owned_fd dir = -1;
	struct stat facts;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(place));
	dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 1500; i++) {
		char one[16], other[16];
		owned_fd file = -1;

		snprintf(one, sizeof one, "a%d", i);
		snprintf(other, sizeof other, "b%d", i);
		file = openat(dir, one, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(linkat(dir, one, dir, other, 0), 0);
	}
	assert_int_equal(shift_tree(AT_FDCWD, place, place, "0 100000 1\n", "0 200000 1\n", &err), 0);
	assert_int_equal(fstatat(dir, "b1499", &facts, 0), 0);
	assert_int_equal(facts.st_uid, 100000);
	assert_int_equal(facts.st_gid, 200000);
	assert_int_equal(shift_tree(AT_FDCWD, place, place, "0 100000 1\n", "0 200000 1\n", &err), -1);
	assert_non_null(strstr(err.hint, "lxc.idmap does not map"));
	assert_int_equal(tree_remove(AT_FDCWD, place, place, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_with_two_names_is_shifted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
