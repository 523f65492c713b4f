/* Tests of lib/tree.c and tree_copy.c: what is removed, and above all what is not; copies of what changes meanwhile. */
#include "lib/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/own.h"
#include "lib/tree_copy.h"
#include "place.h"

static bool exists(const struct place *place, const char *name)
{
	return faccessat(place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void file_make(const struct place *place, const char *name)
{
	owned_fd fd = openat(place->fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
}

static void test_what_is_not_there_is_fine(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;

	assert_int_equal(tree_remove(place->fd, "nothing", "nothing", &err), 0);
}

static void test_links_are_removed_not_followed(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;

	assert_int_equal(mkdirat(place->fd, "kept", 0755), 0);
	file_make(place, "kept/file");
	assert_int_equal(mkdirat(place->fd, "tree", 0755), 0);
	assert_int_equal(symlinkat("../kept", place->fd, "tree/link"), 0);
	assert_int_equal(symlinkat("tree/../kept", place->fd, "top"), 0);
	assert_int_equal(tree_remove(place->fd, "tree", "tree", &err), 0);
	assert_int_equal(tree_remove(place->fd, "top", "top", &err), 0);
	assert_false(exists(place, "tree"));
	assert_false(exists(place, "top"));
	assert_true(exists(place, "kept/file"));
}

/* Deeper than any limit on descriptors, and than any path can say. */
static void test_depth_costs_no_descriptors(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;
	owned_fd here = dup(place->fd);

	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(here, "down", 0755), 0);
		assert_int_equal(mkdirat(here, "aside", 0755), 0);
		next = openat(here, "down", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		own_close_fd(&here);
		here = next;
	}
	assert_int_equal(tree_remove(place->fd, "down", "down", &err), 0);
	assert_false(exists(place, "down"));
}

static void test_all_kinds_of_files_go(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;

	assert_int_equal(mkdirat(place->fd, "tree", 0755), 0);
	assert_int_equal(mkdirat(place->fd, "tree/closed", 0000), 0);
	file_make(place, "tree/.hidden");
	assert_int_equal(mkfifoat(place->fd, "tree/fifo", 0600), 0);
	assert_int_equal(symlinkat("/nowhere", place->fd, "tree/dangling"), 0);
	assert_int_equal(tree_remove(place->fd, "tree", "tree", &err), 0);
	assert_false(exists(place, "tree"));
}

/* Made between the look that refuses mounts and the removal; 77: no mounts can be made here. */
static int mounted_remove(const char *path)
{
	owned_fd dir = -1, file = -1;
	owned_error err = ERROR_INIT;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(dir, "tree", 0700) < 0 || fchdir(dir) < 0 || mount("none", "tree", "tmpfs", 0, NULL) < 0)
		return 77;
	file = openat(dir, "tree/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (file < 0 || tree_remove(dir, "tree", "tree", &err) == 0 || faccessat(dir, "tree/file", F_OK, 0) < 0)
		return 1;
	return strstr(err.message, "cannot remove what is mounted on tree") ? 0 : 2;
}

static void test_what_is_mounted_on_it_stays(void **state)
{
	const struct place *place = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(mounted_remove(place->path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlinkat(place->fd, "tree", AT_REMOVEDIR);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void test_a_mount_below_is_refused(void **state)
{
	owned_fd proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct place *place = *state;
	owned_error err = ERROR_INIT;

	assert_int_equal(tree_refuse_mounts(place->fd, place->path, &err), 0);
	assert_int_equal(tree_refuse_mounts(proc, "/proc", &err), -1);
	assert_non_null(strstr(err.message, "something is mounted on /proc"));
	assert_non_null(strstr(err.hint, "umount /proc"));
}

/* The name that somebody removes at the very moment it is to be opened; NULL: none. */
static const char *vanishing;

/* As many more are opened; -1: all. */
static int opens_left = -1;

/* In place of the C library's, for the code under test. */
int openat(int directory, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list more;

	va_start(more, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(more, mode_t);
	va_end(more);
	if (vanishing && strcmp(name, vanishing) == 0) {
		vanishing = NULL;
		unlinkat(directory, name, 0);
	}
	if (opens_left == 0) {
		errno = EMFILE;
		return -1;
	}
	opens_left -= opens_left > 0;
	return (int)syscall(SYS_openat, directory, name, flags, mode);
}

/* It would find in it what it has just made, and so on. */
static void test_a_copy_within_itself_is_refused(void **state)
{
	const struct place *place = *state;
	owned_fd from = -1, to = -1;
	owned_error err = ERROR_INIT;

	assert_int_equal(mkdirat(place->fd, "tree", 0755), 0);
	assert_int_equal(mkdirat(place->fd, "tree/srv", 0755), 0);
	assert_int_equal(mkdirat(place->fd, "tree/srv/copy", 0755), 0);
	from = openat(place->fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = openat(place->fd, "tree/srv/copy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	opens_left = 100;
	assert_int_equal(tree_copy(from, to, "tree", &err), -1);
	opens_left = -1;
	assert_string_equal(err.message, "tree: srv: cannot copy it into itself");
	assert_false(exists(place, "tree/srv/copy/srv/copy/srv"));
}

static void test_a_link_that_vanishes_does_not_take_its_file_along(void **state)
{
	static const char *const names[] = { "first", "second", "third" };
	const struct place *place = *state;
	struct stat facts;
	owned_error err = ERROR_INIT;
	owned_fd from = -1, to = -1;
	int present, vanished = 0;

	assert_int_equal(mkdirat(place->fd, "from", 0755), 0);
	assert_int_equal(mkdirat(place->fd, "to", 0755), 0);
	from = openat(place->fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = openat(place->fd, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file_make(&(struct place){ .fd = from }, names[0]);
	for (int i = 1; i < 3; i++)
		assert_int_equal(linkat(from, names[0], from, names[i], 0), 0);
	/* The one that is listed first is opened, and goes; the others are linked to its copy, had there been one. */
	for (int i = 0; i < 3; i++) {
		owned_fd copy = -1;

		assert_int_equal(mkdirat(to, names[i], 0755), 0);
		copy = openat(to, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		vanishing = names[i];
		assert_int_equal(tree_copy(from, copy, "it", &err), 0);
		present = 0;
		for (int j = 0; j < 3; j++)
			present += fstatat(copy, names[j], &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
				   facts.st_nlink == (vanishing ? 3 : 2);
		assert_int_equal(present, vanishing ? 3 : 2);
		vanished += !vanishing;
		vanishing = NULL;
		if (present == 2)
			assert_int_equal(linkat(from, names[(i + 1) % 3], from, names[i], 0), 0);
	}
	assert_int_not_equal(vanished, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_not_there_is_fine, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_links_are_removed_not_followed, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_depth_costs_no_descriptors, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_all_kinds_of_files_go, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_copy_within_itself_is_refused, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_what_is_mounted_on_it_stays, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_mount_below_is_refused, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_link_that_vanishes_does_not_take_its_file_along, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
