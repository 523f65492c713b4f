/* Tests of container/partial.c: whose the marker is, and what a killed command had noted. */
#include "container/partial.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/verb_lock.h"
#include "lib/own.h"
#include "place.h"

static void test_one_taker_at_a_time(void **state)
{
	const struct place *place = *state;
	owned_partial first = PARTIAL_INIT, second = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(partial_look(place->fd, &err), PARTIAL_FRESH);
	assert_int_equal(partial_refuse(place->path, &err), 0);
	assert_int_equal(partial_take(place->fd, &first, &err), PARTIAL_FRESH);
	assert_int_equal(partial_take(place->fd, &second, &err), PARTIAL_LOCKED);
	assert_int_equal(partial_look(place->fd, &err), PARTIAL_LOCKED);
	assert_int_equal(partial_refuse(place->path, &err), -1);
	assert_non_null(strstr(err.message, "another command is at work on it"));
	partial_drop(&first);
	assert_int_equal(partial_take(place->fd, &second, &err), PARTIAL_FRESH);
}

static void test_a_killed_command_leaves_what_it_noted(void **state)
{
	const struct place *place = *state;
	owned_partial killed = PARTIAL_INIT, next = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(partial_take(place->fd, &killed, &err), PARTIAL_FRESH);
	killed.tag = strdup("lxs:/some_where#1");
	killed.from = strdup("pool/old");
	killed.identity = strdup("1.2");
	killed.rootfs = strdup("dir:/some where");
	killed.whole = true;
	assert_int_equal(partial_note(&killed, true, &err), 0);
	partial_done(&killed); /* what the kernel does for a killed process */

	assert_int_equal(partial_look(place->fd, &err), PARTIAL_STALE);
	assert_int_equal(partial_refuse(place->path, &err), -1);
	assert_non_null(strstr(err.message, "was killed"));
	error_done(&err);
	assert_int_equal(partial_take(place->fd, &next, &err), PARTIAL_STALE);
	assert_true(next.whole);
	assert_string_equal(next.rootfs, "dir:/some where");
	assert_string_equal(next.tag, "lxs:/some_where#1");
	assert_string_equal(next.from, "pool/old");
	assert_string_equal(next.identity, "1.2");
}

/* As LXC's: mode 0000, empty; nothing but config and rootfs is known to be its. */
static void test_an_empty_marker_claims_little(void **state)
{
	const struct place *place = *state;
	owned_partial next = PARTIAL_INIT;
	owned_error err = ERROR_INIT;
	owned_fd fd = openat(place->fd, "partial", O_CREAT | O_WRONLY | O_CLOEXEC, 0000);

	assert_true(fd >= 0);
	if (geteuid() != 0)
		skip();
	assert_int_equal(partial_take(place->fd, &next, &err), PARTIAL_STALE);
	assert_false(next.whole);
	assert_null(next.rootfs);
}

/* Of a destroy on a file system that is full, and of one that lost its power before the text was written. */
static void test_a_marker_without_text_claims_all(void **state)
{
	const struct place *place = *state;
	owned_partial killed = PARTIAL_INIT, next = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(partial_take(place->fd, &killed, &err), PARTIAL_FRESH);
	killed.whole = true;
	assert_int_equal(partial_note(&killed, true, &err), 0);
	assert_int_equal(ftruncate(killed.fd, 0), 0);
	partial_done(&killed);
	assert_int_equal(partial_look(place->fd, &err), PARTIAL_STALE);
	assert_int_equal(partial_take(place->fd, &next, &err), PARTIAL_STALE);
	assert_true(next.whole);
	assert_null(next.rootfs);
}

static unsigned synced;

int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	(void)fd;
	synced++;
	return 0;
}

/* Without a text it does not say what: so that is on the disk before anything is done. */
static void test_what_is_elsewhere_is_written_through(void **state)
{
	const struct place *place = *state;
	owned_partial partial = PARTIAL_INIT, next = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(partial_take(place->fd, &partial, &err), PARTIAL_FRESH);
	partial.whole = true;
	partial.rootfs = strdup("lvm:/dev/vg0/web");
	synced = 0;
	assert_int_equal(partial_note(&partial, false, &err), 0);
	assert_int_equal(synced, 1);
	assert_int_equal(ftruncate(partial.fd, 0), 0);
	partial_done(&partial);
	assert_int_equal(partial_take(place->fd, &next, &err), PARTIAL_FRESH);
	assert_false(next.whole);
}

/* In a directory that was there before: an empty marker would say that the half of a container is one. */
static void test_what_is_not_whole_is_written_through(void **state)
{
	const struct place *place = *state;
	owned_partial partial = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(partial_take(place->fd, &partial, &err), PARTIAL_FRESH);
	synced = 0;
	assert_int_equal(partial_note(&partial, true, &err), 0);
	assert_int_equal(synced, 1);
	partial.whole = true;
	assert_int_equal(partial_note(&partial, true, &err), 0);
	assert_int_equal(synced, 1);
}

/* A child that inherited the descriptor is still at work. */
static void test_the_lock_lives_as_long_as_any_process_of_the_work(void **state)
{
	const struct place *place = *state;
	owned_partial killed = PARTIAL_INIT;
	owned_error err = ERROR_INIT;
	int ends[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(partial_take(place->fd, &killed, &err), PARTIAL_FRESH);
	assert_int_equal(partial_note(&killed, true, &err), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	partial_done(&killed);
	assert_int_equal(partial_look(place->fd, &err), PARTIAL_LOCKED);
	close(ends[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	assert_int_equal(partial_look(place->fd, &err), PARTIAL_STALE);
}

static void test_a_removed_directory_is_an_error(void **state)
{
	const struct place *place = *state;
	owned_partial partial = PARTIAL_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(rmdir(place->path), 0);
	alarm(10); /* no test of ours may go on for ever */
	assert_int_equal(partial_take(place->fd, &partial, &err), -1);
	alarm(0);
	assert_non_null(strstr(err.message, "it was removed meanwhile"));
	error_done(&err);
	assert_int_equal(verb_lock(place->fd, true, &err), -1);
	assert_non_null(strstr(err.message, "it was removed meanwhile"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_taker_at_a_time, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_killed_command_leaves_what_it_noted, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_an_empty_marker_claims_little, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_marker_without_text_claims_all, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_what_is_elsewhere_is_written_through, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_what_is_not_whole_is_written_through, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_the_lock_lives_as_long_as_any_process_of_the_work, place_make,
						place_remove),
		cmocka_unit_test_setup_teardown(test_a_removed_directory_is_an_error, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
