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
#include "place.h"

/* With nothing beside it, the killed restoration had but its marker to remove. */
static void test_another_snapshot_does_not_end_it(void **state)
{
	const struct place *place = *state;
	owned_container container = { 0 };
	owned_partial killed = PARTIAL_INIT;
	owned_error err = ERROR_INIT;
	owned_fd dir = -1;
	int other, same;

	assert_int_equal(mkdirat(place->fd, "web", 0755), 0);
	dir = openat(place->fd, "web", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(container_init(place->path, "web", &container, &err), 0);
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_another_snapshot_does_not_end_it, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
