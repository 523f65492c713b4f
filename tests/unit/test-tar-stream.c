/* image/tar_stream.c: members of a tarball, whole, cut off and forged. */
#include "image/tar_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/own.h"

enum { BLOCK = 512 };

/* A tarball of two texts, in memory; the caller closes it. */
static int tarball(struct sha256 *hash)
{
	int fd = memfd_create("tarball", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(tar_put(fd, "first", "one", 3, hash, NULL), 0);
	assert_int_equal(tar_put(fd, "second", "", 0, hash, NULL), 0);
	assert_int_equal(tar_put_end(fd, NULL), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

#define owned_reader __attribute__((cleanup(tar_reader_done))) struct tar_reader

static void test_members(void **state)
{
	struct sha256 made, seen;
	char one[SHA256_TEXT], other[SHA256_TEXT];
	owned_error err = ERROR_INIT;
	owned_str text = NULL;
	owned_fd fd = -1;
	struct tar_member member;

	(void)state;
	sha256_init(&made);
	sha256_init(&seen);
	fd = tarball(&made);
	owned_reader reader = { .fd = fd, .shown = "it", .hash = &seen };
	assert_int_equal(tar_next(&reader, &member, &err), 1);
	assert_string_equal(member.name, "first");
	assert_int_equal(tar_take(&reader, &member, 3, &text, &err), 0);
	assert_string_equal(text, "one");
	assert_int_equal(tar_next(&reader, &member, &err), 1);
	assert_int_equal(tar_pass(&reader, &member, -1, &err), 0);
	assert_int_equal(tar_next(&reader, &member, &err), 0);
	assert_int_equal(tar_finish(&reader, &err), 0);
	sha256_end(&made, one);
	sha256_end(&seen, other);
	assert_string_equal(one, other);
}

/* 0: read to its end. */
static int read_all(int fd, struct error *err)
{
	owned_reader reader = { .fd = fd, .shown = "it" };
	struct tar_member member;
	int answer;

	lseek(fd, 0, SEEK_SET);
	while ((answer = tar_next(&reader, &member, err)) > 0)
		if (tar_pass(&reader, &member, -1, err) < 0)
			return -1;
	return answer < 0 ? -1 : tar_finish(&reader, err);
}

static void test_cut_off(void **state)
{
	(void)state;
	for (off_t length = 0; length < 4 * BLOCK; length += 64) {
		owned_fd fd = tarball(NULL);
		owned_error err = ERROR_INIT;

		/* The first block of zeros is the end, the second one is custom. */
		if (length > 3 * BLOCK)
			continue;
		assert_int_equal(ftruncate(fd, length), 0);
		assert_int_equal(read_all(fd, &err), -1);
		assert_non_null(strstr(err.message, "ends too early"));
	}
}

/* A header with something changed, and a checksum that fits. */
static void header_write(int fd, off_t at, size_t place, const char *bytes, size_t length)
{
	unsigned char block[BLOCK];
	char text[8];
	unsigned sum = 0;

	assert_int_equal(pread(fd, block, BLOCK, at), BLOCK);
	memcpy(block + place, bytes, length);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf(text, sizeof text, "%06o", sum);
	memcpy(block + 148, text, 7);
	assert_int_equal(pwrite(fd, block, BLOCK, at), BLOCK);
}

static void test_forged(void **state)
{
	static const struct { size_t place; const char *bytes; size_t length; const char *says; } rows[] = {
		{ 0, "../x", 5, "no place in a container" },
		{ 0, "/x", 3, "no place in a container" },
		{ 0, "a/..", 5, "no place in a container" },
		{ 0, "", 1, "no place in a container" },
		{ 156, "L", 1, "of a kind that no container has" },
		{ 156, "g", 1, "of a kind that no container has" },
		{ 156, "2", 1, "has contents" },
		{ 124, "9", 1, "the size of a member is no number" },
		{ 124, "\x80", 1, "the size of a member is no number" },
		{ 257, "USTAR", 5, "not in POSIX format" },
		{ 156, "x", 1, "an extended header cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_fd fd = tarball(NULL);
		owned_error err = ERROR_INIT;

		header_write(fd, 0, rows[i].place, rows[i].bytes, rows[i].length);
		assert_int_equal(read_all(fd, &err), -1);
		if (!strstr(err.message, rows[i].says))
			fail_msg("row %zu: %s", i, err.message);
	}
}

/* Records of an extended header: the name and the size that count are theirs. */
static void test_extended(void **state)
{
	static const struct { const char *records, *name; bool good; } rows[] = {
		{ "13 path=long\n", "long", true },
		{ "10 path=a\n10 path=b\n", "b", true },
		{ "13 path=../x\n", NULL, false },
		{ "99 path=long\n", NULL, false },
		{ "4 a\n", NULL, false },
		{ "10 size=x\n", NULL, false },
		{ "0 path=a\n", NULL, false },
		{ "path=a\n", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_fd fd = memfd_create("tarball", MFD_CLOEXEC);
		owned_reader reader = { .fd = fd, .shown = "it" };
		owned_error err = ERROR_INIT;
		struct tar_member member;

		assert_int_equal(tar_put(fd, "ignored", rows[i].records, strlen(rows[i].records), NULL, &err), 0);
		assert_int_equal(tar_put(fd, "short", "", 0, NULL, &err), 0);
		header_write(fd, 0, 156, "x", 1);
		lseek(fd, 0, SEEK_SET);
		if (tar_next(&reader, &member, &err) != (rows[i].good ? 1 : -1))
			fail_msg("%s: %s", rows[i].records, err.message ? err.message : "taken");
		if (rows[i].good)
			assert_string_equal(member.name, rows[i].name);
	}
}

static void test_behind_the_end(void **state)
{
	owned_fd fd = tarball(NULL);
	owned_error err = ERROR_INIT;

	(void)state;
	lseek(fd, 0, SEEK_END);
	assert_int_equal(write(fd, "\0x", 2), 2);
	assert_int_equal(read_all(fd, &err), -1);
	assert_non_null(strstr(err.message, "follows its end"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members), cmocka_unit_test(test_cut_off),        cmocka_unit_test(test_forged),
		cmocka_unit_test(test_extended), cmocka_unit_test(test_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
