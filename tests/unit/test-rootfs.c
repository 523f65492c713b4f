/*
 * The zoo of symbolic links that lib/rootfs.h must not be led out by.
 */
#include "lib/rootfs.h"

#include <errno.h>
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

/* The root lies one level below a directory that stands for the host. */
struct zoo {
	struct place host;
	int root;
};

static int make_zoo(void **state)
{
	struct zoo *zoo = calloc(1, sizeof *zoo);

	assert_int_equal(place_open(&zoo->host), 0);
	assert_int_equal(mkdirat(zoo->host.fd, "secret", 0755), 0);
	assert_int_equal(mkdirat(zoo->host.fd, "root", 0755), 0);
	zoo->root = openat(zoo->host.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(zoo->root >= 0);
	assert_int_equal(mkdirat(zoo->root, "usr", 0755), 0);
	assert_int_equal(mkdirat(zoo->root, "usr/lib", 0755), 0);
	*state = zoo;
	return 0;
}

static int remove_zoo(void **state)
{
	struct zoo *zoo = *state;
	int answer = place_close(&zoo->host);

	close(zoo->root);
	free(zoo);
	return answer;
}

static const struct {
	const char *contents; /* of a link called "link" in the root */
	const char *path;     /* what is opened */
	int result;           /* 0: opened; or -errno */
} links[] = {
	{ "usr/lib", "link", 0 },
	{ "usr/lib", "/link", 0 },
	{ "usr/../usr", "link/lib", 0 },
	{ "/usr", "link", -EXDEV },
	{ "/usr", "link/lib", -EXDEV },
	{ "..", "link", -EXDEV },
	{ "../secret", "link", -EXDEV },
	{ "usr/../../secret", "link", -EXDEV },
	{ "/proc/self/root", "link", -EXDEV },
	{ "link", "link", -ELOOP },
	{ "gone", "link", -ENOENT },
};

static void test_links(void **state)
{
	struct zoo *zoo = *state;

	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		owned_fd fd = -1;

		assert_int_equal(symlinkat(links[i].contents, zoo->root, "link"), 0);
		fd = rootfs_open(zoo->root, links[i].path, O_PATH);
		if (links[i].result == 0 ? fd < 0 : fd != links[i].result)
			fail_msg("link -> %s: %s gives %d", links[i].contents, links[i].path, fd);
		assert_int_equal(unlinkat(zoo->root, "link", 0), 0);
	}
}

static void test_dots_stay_beneath(void **state)
{
	struct zoo *zoo = *state;
	owned_fd up = rootfs_open(zoo->root, "..", O_PATH);
	owned_fd far = rootfs_open(zoo->root, "usr/../../secret", O_PATH);
	owned_fd near = rootfs_open(zoo->root, "/usr/../usr/lib", O_PATH);

	assert_int_equal(up, -EXDEV);
	assert_int_equal(far, -EXDEV);
	assert_true(near >= 0);
}

static void test_magic_links(void **state)
{
	owned_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	owned_fd fd = rootfs_open(proc, "self/root", O_PATH);

	(void)state;
	assert_int_equal(fd, -ELOOP);
}

static void test_directory_makes_parents(void **state)
{
	struct zoo *zoo = *state;
	owned_fd fd = rootfs_directory(zoo->root, "/a//b/c/", 0700);
	struct stat facts;

	assert_true(fd >= 0);
	assert_int_equal(fstatat(zoo->root, "a/b/c", &facts, 0), 0);
	assert_int_equal(facts.st_mode, S_IFDIR | 0700);
	assert_int_equal(fstatat(zoo->root, "a/b", &facts, 0), 0);
	assert_int_equal(facts.st_mode, S_IFDIR | 0755);
}

static void test_directory_through_links(void **state)
{
	struct zoo *zoo = *state;
	owned_fd inside = -1;
	owned_fd escaped = -1;

	assert_int_equal(symlinkat("usr", zoo->root, "link"), 0);
	inside = rootfs_directory(zoo->root, "link/x/y", 0755);
	assert_true(inside >= 0);
	assert_int_equal(faccessat(zoo->root, "usr/x/y", F_OK, 0), 0);
	assert_int_equal(symlinkat("../secret", zoo->root, "out"), 0);
	escaped = rootfs_directory(zoo->root, "out/x", 0755);
	assert_int_equal(escaped, -EXDEV);
	assert_int_equal(faccessat(zoo->host.fd, "secret/x", F_OK, 0), -1);
}

static void test_file(void **state)
{
	struct zoo *zoo = *state;
	owned_fd fd = rootfs_file(zoo->root, "etc/deep/file", 0600);
	owned_fd again = rootfs_file(zoo->root, "etc/deep/file", 0600);
	owned_fd escaped = -1;
	struct stat facts;

	assert_true(fd >= 0 && again >= 0);
	assert_int_equal(fstatat(zoo->root, "etc/deep/file", &facts, 0), 0);
	assert_int_equal(facts.st_mode, S_IFREG | 0600);
	assert_int_equal(symlinkat("../secret/file", zoo->root, "out"), 0);
	escaped = rootfs_file(zoo->root, "out", 0600);
	assert_int_equal(escaped, -EXDEV);
	assert_int_equal(faccessat(zoo->host.fd, "secret/file", F_OK, 0), -1);
}

static void test_modes_ignore_the_umask(void **state)
{
	struct zoo *zoo = *state;
	mode_t mask = umask(077);
	owned_fd fd = rootfs_directory(zoo->root, "open/wide", 0777);
	struct stat facts;

	assert_int_equal(umask(mask), 077);
	assert_int_equal(fstat(fd, &facts), 0);
	assert_int_equal(facts.st_mode, S_IFDIR | 0777);
}

static void test_read_and_write(void **state)
{
	struct zoo *zoo = *state;
	char text[16];
	owned_fd fd = rootfs_file(zoo->root, "file", 0600);

	assert_true(fd >= 0);
	assert_int_equal(rootfs_write(zoo->root, "file", "hello"), 0);
	assert_int_equal(rootfs_read(zoo->root, "file", text, sizeof text), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(rootfs_write(zoo->root, "missing", "hello"), -ENOENT);
	assert_int_equal(symlinkat("/etc/passwd", zoo->root, "out"), 0);
	assert_int_equal(rootfs_read(zoo->root, "out", text, sizeof text), -EXDEV);
}

static void test_symlink_and_parent(void **state)
{
	struct zoo *zoo = *state;
	const char *name;
	owned_fd parent = rootfs_parent(zoo->root, "/usr/lib/x", &name);

	assert_true(parent >= 0);
	assert_string_equal(name, "x");
	assert_int_equal(rootfs_symlink(zoo->root, "lib", "usr/lib64"), 0);
	assert_int_equal(rootfs_symlink(zoo->root, "lib", "usr/lib64"), -EEXIST);
	assert_int_equal(rootfs_parent(zoo->root, "..", &name), -EINVAL);
	assert_int_equal(rootfs_parent(zoo->root, "/", &name), -EINVAL);
}

static void test_refusals_have_words(void **state)
{
	(void)state;
	assert_non_null(strstr(rootfs_refusal(EXDEV), "symbolic link"));
	assert_non_null(rootfs_refusal(ELOOP));
	assert_null(rootfs_refusal(ENOENT));
}

#define ZOO_TEST(test) cmocka_unit_test_setup_teardown(test, make_zoo, remove_zoo)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZOO_TEST(test_links),
		ZOO_TEST(test_dots_stay_beneath),
		cmocka_unit_test(test_magic_links),
		ZOO_TEST(test_directory_makes_parents),
		ZOO_TEST(test_directory_through_links),
		ZOO_TEST(test_file),
		ZOO_TEST(test_modes_ignore_the_umask),
		ZOO_TEST(test_read_and_write),
		ZOO_TEST(test_symlink_and_parent),
		cmocka_unit_test(test_refusals_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
