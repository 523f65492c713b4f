/*
 * The console's log file and ring buffer: no byte is lost or doubled at a
 * seam, whatever the sizes of the pieces are.
 */
#include "supervise/console_log.h"

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

#include "control/lines.h"
#include "lib/own.h"
#include "supervise/handover.h"
#include "supervise/ring.h"
#include "place.h"

static struct place place;
static char path[64], rotated[64];

static int make_place(void **state)
{
	(void)state;
	assert_int_equal(place_open(&place), 0);
	snprintf(path, sizeof path, "%s/log", place.path);
	snprintf(rotated, sizeof rotated, "%s/log.1", place.path);
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	return place_close(&place);
}

static void expect_file(const char *file, const char *text)
{
	owned_str have = lines_read(AT_FDCWD, file, NULL);

	if (!text) {
		assert_null(have);
		return;
	}
	assert_non_null(have);
	assert_string_equal(have, text);
}

static void feed(struct console_log *log, const char *text)
{
	console_log_write(log, (const unsigned char *)text, strlen(text));
}

static void test_rotation(void **state)
{
	struct console_log log;

	(void)state;
	unlink(path);
	assert_int_equal(console_log_open(&log, path, 10, true), 0);
	feed(&log, "0123456");
	expect_file(rotated, NULL);
	feed(&log, "789abc");
	expect_file(rotated, "0123456789");
	expect_file(path, "abc");
	feed(&log, "defghijklmnopqrstuvwxyzABCDEFGH");
	expect_file(rotated, "uvwxyzABCD");
	expect_file(path, "EFGH");
	console_log_close(&log);

	/* A later run goes on where this one ended. */
	assert_int_equal(console_log_open(&log, path, 10, true), 0);
	feed(&log, "IJKLMNOP");
	expect_file(rotated, "EFGHIJKLMN");
	expect_file(path, "OP");
	console_log_close(&log);
	unlink(rotated);
	unlink(path);
}

static void test_emptying(void **state)
{
	struct console_log log;

	(void)state;
	assert_int_equal(console_log_open(&log, path, 4, false), 0);
	feed(&log, "0123456789");
	expect_file(path, "89");
	expect_file(rotated, NULL);
	console_log_close(&log);
	unlink(path);
}

static void test_no_limit(void **state)
{
	struct console_log log;
	struct stat st;

	(void)state;
	assert_int_equal(console_log_open(&log, path, 0, true), 0);
	feed(&log, "0123456789");
	feed(&log, "abc");
	expect_file(path, "0123456789abc");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640, 0);
	console_log_close(&log);
	unlink(path);

	/* A limit on what is no file is no reason not to write. */
	assert_int_equal(console_log_open(&log, "/dev/null", 1, true), 0);
	feed(&log, "0123456789");
	assert_true(log.fd >= 0);
	console_log_close(&log);
}

static void expect_ring(const struct ring *ring, const char *text)
{
	char have[64] = "";
	owned_fd fd = ring_snapshot(ring);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, have, sizeof have), strlen(text));
	assert_string_equal(have, text);
}

static void test_ring(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct ring ring;

	(void)state;
	for (size_t piece = 1; piece <= 26; piece++) {
		assert_int_equal(ring_init(&ring, 10), 0);
		expect_ring(&ring, "");
		for (size_t at = 0; at < 26; at += piece)
			ring_write(&ring, (const unsigned char *)letters + at, piece < 26 - at ? piece : 26 - at);
		expect_ring(&ring, "qrstuvwxyz");
		ring_clear(&ring);
		expect_ring(&ring, "");
		ring_write(&ring, (const unsigned char *)"xy", 2);
		expect_ring(&ring, "xy");
		ring_done(&ring);
	}
	assert_int_equal(ring_init(&ring, 0), 0);
	ring_write(&ring, (const unsigned char *)"xy", 2);
	assert_int_equal(ring_init(&ring, UINT64_MAX), -1);
}

/* ---- the words for `lxs ended` ---- */

static void test_handover(void **state)
{
	static char *const good[] = { (char *)"web", (char *)"/var/lib/lxs", (char *)"256", (char *)"0",
		(char *)"-1", (char *)"2", (char *)"", (char *)"-1", (char *)"-1", (char *)"-1", (char *)"-1",
		(char *)"-1", (char *)"1", (char *)"-1", (char *)"-1", NULL };
	char *bad[16];
	struct handover handover;
	owned_error err = ERROR_INIT;
	int flags[] = { fcntl(0, F_GETFD), fcntl(1, F_GETFD), fcntl(2, F_GETFD) };

	(void)state;
	assert_int_equal(handover_parse(15, good, &handover, &err), 0);
	assert_string_equal(handover.name, "web");
	assert_int_equal(handover.wait_status, 256);
	assert_int_equal(handover.lock, -1);
	assert_int_equal(handover.control, 2);
	assert_null(handover.pidfile);
	assert_int_equal(handover.namespaces[HANDOVER_NET], 1);
	assert_int_equal(fcntl(1, F_GETFD), FD_CLOEXEC);
	for (int i = 0; i < 3; i++)
		fcntl(i, F_SETFD, flags[i]);
	assert_int_equal(handover_parse(14, good, &handover, &err), -1);
	for (int i = 2; i < 15; i++) {
		if (i == 6)
			continue;
		memcpy(bad, good, sizeof bad);
		bad[i] = (char *)"1x";
		assert_int_equal(handover_parse(15, bad, &handover, &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rotation), cmocka_unit_test(test_emptying), cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_ring),     cmocka_unit_test(test_handover),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
