/* provision/restore.c: which killed restoration a command takes up. */
#include "provision/snapshot.h"

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

#include "container/container.h"
#include "container/partial.h"
#include "lib/own.h"

/* With nothing beside it, the killed restoration had but its marker to remove. */
static void test_another_snapshot_does_not_end_it(void **state)
{
	char place[] = "/tmp/test-restore.XXXXXX";
	owned_container container = { 0 };
	owned_partial killed = PARTIAL_INIT;
	owned_error err = ERROR_INIT;
	owned_fd lxcpath = -1, dir = -1;
	int other, same;

	(void)state;
	assert_non_null(mkdtemp(place));
	lxcpath = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(lxcpath, "web", 0755), 0);
	dir = openat(lxcpath, "web", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(container_init(place, "web", &container, &err), 0);
	killed.resume = strdup("restore snap1");
	assert_int_equal(partial_begin(dir, &killed, &err), 0);
	partial_done(&killed);

	other = snapshot_restore(&container, "snap0", NULL, &err);
	assert_int_equal(faccessat(dir, "partial", F_OK, 0), 0);
	assert_int_equal(other, -1);
	assert_non_null(strstr(err.message, "its restoration from snap1 was killed"));
	error_done(&err);

	same = snapshot_restore(&container, "snap1", NULL, &err);
	assert_int_equal(same, 0);
	assert_int_equal(faccessat(dir, "partial", F_OK, 0), -1);
	assert_int_equal(unlinkat(lxcpath, "web", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_snapshot_does_not_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
