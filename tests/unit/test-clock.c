/* The bounds of a container's clock, and the section of lxs.conf that sets them. */
#include "notify/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>

#include "host/clockconf.h"
#include "lib/file.h"
#include "lib/own.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)

static const struct clock_bounds bounds = { .max_step = 2 * SECOND, .max_slew = 500000 /* 500 ppm */ };
static const struct clock_timex now = { .tick = 10000, .freq = 0, .status = STA_NANO, .tai = 37 };

static const struct {
	struct clock_timex wanted;
	int answer;
	const char *why;
} timex_rows[] = {
	{ { .modes = 0 }, 0, NULL },
	{ { .modes = ADJ_FREQUENCY, .freq = 500 * 65536 }, 0, NULL },
	{ { .modes = ADJ_FREQUENCY, .freq = -500 * 65536 }, 0, NULL },
	{ { .modes = ADJ_FREQUENCY, .freq = 501 * 65536 }, -EPERM, "max_slew" },
	{ { .modes = ADJ_FREQUENCY, .freq = INT64_MIN }, -EPERM, "max_slew" },
	{ { .modes = ADJ_TICK, .tick = 10005 }, 0, NULL },
	{ { .modes = ADJ_TICK, .tick = 10006 }, -EPERM, "max_slew" },
	{ { .modes = ADJ_TICK, .tick = INT64_MAX }, -EPERM, "max_slew" },
	/* The two add up. */
	{ { .modes = ADJ_TICK | ADJ_FREQUENCY, .tick = 10005, .freq = 65536 }, -EPERM, "501.000 ppm" },
	{ { .modes = ADJ_TICK | ADJ_FREQUENCY, .tick = 10006, .freq = -100 * 65536 }, 0, NULL },
	{ { .modes = ADJ_OFFSET, .offset = 2 * SECOND }, 0, NULL },
	{ { .modes = ADJ_OFFSET, .offset = -2 * SECOND - 1 }, -EPERM, "offset" },
	{ { .modes = ADJ_OFFSET | ADJ_MICRO, .offset = 3000000 }, -EPERM, "offset of 3.0" },
	{ { .modes = ADJ_OFFSET_SINGLESHOT, .offset = 2000000 }, 0, NULL },
	{ { .modes = ADJ_OFFSET_SINGLESHOT, .offset = 2000001 }, -EPERM, "offset" },
	{ { .modes = ADJ_OFFSET_SS_READ, .offset = INT64_MAX }, 0, NULL },
	{ { .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 1, 999999999 } }, 0, NULL },
	{ { .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 2, 1 } }, -EPERM, "max_step" },
	{ { .modes = ADJ_SETOFFSET, .time = { -3, 999999 } }, -EPERM, "max_step" },
	{ { .modes = ADJ_SETOFFSET, .time = { -2, 5 } }, 0, NULL },
	{ { .modes = ADJ_SETOFFSET, .time = { INT64_MIN, INT64_MIN } }, -EPERM, "max_step" },
	{ { .modes = ADJ_STATUS, .status = STA_UNSYNC | STA_PLL }, 0, NULL },
	{ { .modes = ADJ_STATUS, .status = STA_INS }, 0, NULL },
	{ { .modes = ADJ_TAI, .constant = 38 }, 0, NULL },
	{ { .modes = ADJ_TAI, .constant = 0 }, -EPERM, "max_step" },
	{ { .modes = 0x0400 }, -EINVAL, "unknown" },
	{ { .modes = ADJ_OFFSET_SINGLESHOT | ADJ_FREQUENCY }, -EINVAL, "combination" },
	{ { .modes = 0x8000 }, -EINVAL, "combination" },
};

static void test_timex(void **state)
{
	for (size_t i = 0; i < sizeof timex_rows / sizeof timex_rows[0]; i++) {
		struct clock_ledger ledger = { 0 };
		char why[CLOCK_WHY] = "";
		int answer = clock_judge_timex(&bounds, &ledger, &timex_rows[i].wanted, &now, HOUR, why);

		if (answer != timex_rows[i].answer || (timex_rows[i].why && !strstr(why, timex_rows[i].why)))
			fail_msg("row %zu: %d, \"%s\"", i, answer, why);
	}
}

/* Steps add up, whatever their sign, and are forgiven as time goes by. */
static void test_ledger(void **state)
{
	struct clock_ledger ledger = { 0 };
	char why[CLOCK_WHY];

	assert_int_equal(clock_judge_step(&bounds, &ledger, SECOND, HOUR, why), 0);
	assert_int_equal(clock_judge_step(&bounds, &ledger, -SECOND, HOUR, why), 0);
	assert_int_equal(clock_judge_step(&bounds, &ledger, 1, HOUR, why), -EPERM);
	assert_int_equal(clock_judge_step(&bounds, &ledger, SECOND, HOUR + HOUR / 4, why), -EPERM);
	assert_int_equal(clock_judge_step(&bounds, &ledger, SECOND, HOUR + HOUR / 2 + 1, why), 0);
	assert_int_equal(clock_judge_step(&bounds, &ledger, 2 * SECOND, 3 * HOUR, why), 0);
	assert_int_equal(clock_judge_step(&bounds, &ledger, INT64_C(1) << 62, 9 * HOUR, why), -EPERM);
}

/* What the kernel works off bit by bit moves the clock as well, one offset after the other. */
static void test_offsets_add_up(void **state)
{
	const struct clock_timex wanted = { .modes = ADJ_OFFSET, .offset = 1500000000 };
	struct clock_ledger ledger = { 0 };
	char why[CLOCK_WHY];

	assert_int_equal(clock_judge_timex(&bounds, &ledger, &wanted, &now, HOUR, why), 0);
	assert_int_equal(clock_judge_timex(&bounds, &ledger, &wanted, &now, HOUR + SECOND, why), -EPERM);
	assert_int_equal(clock_judge_timex(&bounds, &ledger, &wanted, &now, 3 * HOUR, why), 0);
}

static void test_no_steps(void **state)
{
	static const struct clock_bounds none = { 0 };
	struct clock_ledger ledger = { 0 };
	char why[CLOCK_WHY];

	assert_int_equal(clock_judge_step(&none, &ledger, 0, HOUR, why), 0);
	assert_int_equal(clock_judge_step(&none, &ledger, 1, HOUR, why), -EPERM);
}

/* ---- lxs.conf ---- */

static char path[] = "/tmp/lxs-test-clock.XXXXXX";

static const struct {
	const char *text;
	int answer;
	struct clock_grant grant;
	const char *says;
} conf_rows[] = {
	{ "", CLOCK_NOT_GRANTED, { 0 }, NULL },
	{ "lxc.lxcpath = /srv\n", CLOCK_NOT_GRANTED, { 0 }, NULL },
	{ "clock { owner = \"t\" }", CLOCK_GRANTED, { "t", 0, 1000 * SECOND, 100000000, NULL }, NULL },
	{ "lxc.lxcpath = /srv\nremote x { url = \"y\" }\nclock {\n owner = t\n user = root\n max_step = 0.25\n"
	  " max_slew = 500\n record = \"/r\"\n}\n", CLOCK_GRANTED, { "t", 0, SECOND / 4, 500000, "/r" }, NULL },
	{ "# clock { owner = x }\nremote r { clock = \"}\" }\n\tclock\n{ owner = 't}' }", CLOCK_GRANTED,
	  { "t}", 0, 1000 * SECOND, 100000000, NULL }, NULL },
	{ "clocks { owner = x }", CLOCK_NOT_GRANTED, { 0 }, NULL },
	{ "clock { }", -1, { 0 }, "owner must name" },
	{ "clock { owner = a }\nclock { owner = b }", -1, { 0 }, "one owner only" },
	{ "clock { owner = a\n max_stepp = 1 }", -1, { 0 }, ":2: not understood" },
	{ "clock { owner = a max_step = -1 }", -1, { 0 }, "max_step must be" },
	{ "clock { owner = a max_slew = 100001 }", -1, { 0 }, "max_slew must be" },
	{ "clock { owner = a max_step = nan }", -1, { 0 }, "max_step must be" },
	{ "clock { owner = a user = nosuchuser }", -1, { 0 }, "no user 'nosuchuser'" },
	{ "clock { owner = a record = here }", -1, { 0 }, "absolute path" },
};

static void test_conf(void **state)
{
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof conf_rows / sizeof conf_rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct clock_grant grant = { 0 };
		int answer;

		assert_int_equal(file_replace(path, conf_rows[i].text, strlen(conf_rows[i].text), 0600, &err), 0);
		answer = clock_grant_read_from(arena, path, &grant, &err);
		if (answer != conf_rows[i].answer || (conf_rows[i].says && !strstr(err.message, conf_rows[i].says)))
			fail_msg("row %zu: %d, \"%s\"", i, answer, err.message ? err.message : "");
		if (answer != CLOCK_GRANTED)
			continue;
		assert_string_equal(grant.owner, conf_rows[i].grant.owner);
		assert_int_equal(grant.user, conf_rows[i].grant.user);
		assert_int_equal(grant.max_step, conf_rows[i].grant.max_step);
		assert_int_equal(grant.max_slew, conf_rows[i].grant.max_slew);
		assert_int_equal(!grant.record, !conf_rows[i].grant.record);
	}
}

static void test_conf_of_others(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct clock_grant grant;

	assert_int_equal(file_replace(path, "clock { owner = a }", 19, 0600, &err), 0);
	assert_int_equal(chmod(path, 0622), 0);
	assert_int_equal(clock_grant_read_from(arena, path, &grant, &err), -1);
	assert_non_null(strstr(err.message, "must belong to root"));
	error_done(&err);
	assert_int_equal(clock_grant_read_from(arena, "/nowhere/lxs.conf", &grant, &err), CLOCK_NOT_GRANTED);
}

static int enter(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int leave(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timex),
		cmocka_unit_test(test_ledger), cmocka_unit_test(test_offsets_add_up),
		cmocka_unit_test(test_no_steps),
		cmocka_unit_test(test_conf),
		cmocka_unit_test(test_conf_of_others),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
