/* lib/sha256.c: the examples of FIPS 180-4, every length around a block, and whole files. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/own.h"
#include "lib/sha256.h"

static void knows_the_standards_examples(void **state)
{
	static const struct { const char *text, *sum; } rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char sum[SHA256_TEXT];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sha256_of(rows[i].text, sum);
		assert_string_equal(sum, rows[i].sum);
	}
}

/* However the bytes arrive, and whatever is left for the last block, the sum is one. */
static void pieces_make_no_difference(void **state)
{
	char text[300], whole[SHA256_TEXT], pieces[SHA256_TEXT];
	struct sha256 hash;

	memset(text, 'x', sizeof text);
	for (size_t length = 0; length < sizeof text; length++) {
		sha256_init(&hash);
		sha256_add(&hash, text, length);
		sha256_end(&hash, whole);
		sha256_init(&hash);
		for (size_t at = 0, part; at < length; at += part) {
			part = length - at < 7 ? length - at : 7;
			sha256_add(&hash, text + at, part);
		}
		sha256_end(&hash, pieces);
		assert_string_equal(whole, pieces);
	}
}

static void sums_a_file(void **state)
{
	char name[] = "/tmp/lxs-sha256.XXXXXX", block[1000], sum[SHA256_TEXT];
	owned_fd fd = mkostemp(name, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(name);
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, block, sizeof block), sizeof block);
	assert_int_equal(sha256_file(fd, sum), 0);
	assert_string_equal(sum, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	assert_int_equal(sha256_file(-1, sum), -EBADF);
}

static void tells_what_is_a_sum(void **state)
{
	assert_true(sha256_is_text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	assert_false(sha256_is_text("E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	assert_false(sha256_is_text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "));
	assert_false(sha256_is_text("../../etc/passwd"));
	assert_false(sha256_is_text(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_standards_examples),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(sums_a_file),
		cmocka_unit_test(tells_what_is_a_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
