/*
 * The files of a run directory: what is written is what is read, whatever is
 * in it and wherever a crash cut it off.
 */
#include "control/state.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/journal.h"
#include "control/lines.h"
#include "lib/own.h"

static int make_directory(void **state)
{
	static char path[32];
	struct rundir *run = malloc(sizeof *run);

	snprintf(path, sizeof path, "%s", "/tmp/test-state-XXXXXX");
	assert_non_null(mkdtemp(path));
	*run = (struct rundir){ .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .lock = -1, .journal = -1 };
	run->path = strdup(path);
	*state = run;
	return run->fd >= 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
	struct rundir *run = *state;

	rundir_remove(run);
	free(run);
	return 0;
}

static void put(const struct rundir *run, const char *file, const char *text)
{
	assert_int_equal(lines_replace(run->fd, file, text, strlen(text)), 0);
}

/* ---- state ---- */

/* What is prepared is not seen before it is committed. */
static void test_state_in_two_halves(void **context)
{
	const struct rundir *run = *context;
	struct run_state starting = { .state = STATE_STARTING }, running = { .state = STATE_RUNNING, .init = 7 };
	owned_run_state before = RUN_STATE_INIT, after = RUN_STATE_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(run_state_write(run, &starting, &err), 0);
	assert_int_equal(run_state_prepare(run, &running, &err), 0);
	assert_int_equal(run_state_read(run, &before, &err), RUNDIR_OPENED);
	assert_int_equal(before.state, STATE_STARTING);
	assert_int_equal(run_state_commit(run, &err), 0);
	assert_int_equal(run_state_read(run, &after, &err), RUNDIR_OPENED);
	assert_int_equal(after.state, STATE_RUNNING);
	assert_int_equal(run_state_commit(run, &err), -1);
}

static void test_state_round_trip(void **context)
{
	const struct rundir *run = *context;
	struct run_state in = {
		.state = STATE_FROZEN, .init = 4021, .supervisor = 4020, .init_start = 0xffffffffffff,
		.halt_signal = 37, .reboot_signal = 2, .stop_signal = 9, .has_cgroup_namespace = true,
		.bounding = 0x1fffffffeff, .no_new_privs = true, .tty_max = 4,
		.seccomp_profile = (char *)"/a=b\\n\tc", .cgroup_payload = (char *)"/sys/fs/cgroup/x\n/y",
		.interfaces = (char *)"",
	};
	owned_run_state out = RUN_STATE_INIT;
	owned_error err = ERROR_INIT;

	assert_int_equal(run_state_read(run, &out, &err), RUNDIR_ABSENT);
	assert_int_equal(run_state_write(run, &in, &err), 0);
	assert_int_equal(run_state_read(run, &out, &err), RUNDIR_OPENED);
	assert_int_equal(out.state, STATE_FROZEN);
	assert_int_equal(out.init, 4021);
	assert_int_equal(out.supervisor, 4020);
	assert_true(out.init_start == in.init_start && out.bounding == in.bounding);
	assert_int_equal(out.halt_signal, 37);
	assert_true(out.has_cgroup_namespace && out.no_new_privs && !out.personality_32bit);
	assert_string_equal(out.seccomp_profile, in.seccomp_profile);
	assert_string_equal(out.cgroup_payload, in.cgroup_payload);
	assert_string_equal(out.interfaces, "");
	assert_null(out.label);
	assert_int_equal(out.tty_max, 4);
}

static void test_state_set_keeps_the_rest(void **context)
{
	const struct rundir *run = *context;
	owned_run_state out = RUN_STATE_INIT;
	owned_error err = ERROR_INIT;

	put(run, "state", "state=RUNNING\ninit=7\nlabel=x\n");
	assert_int_equal(run_state_set(run, STATE_STOPPING, &err), 0);
	assert_int_equal(run_state_read(run, &out, &err), RUNDIR_OPENED);
	assert_int_equal(out.state, STATE_STOPPING);
	assert_int_equal(out.init, 7);
	assert_string_equal(out.label, "x");
}

static void test_state_from_elsewhere(void **context)
{
	static const struct { const char *text; int answer; } cases[] = {
		{ "state=RUNNING\nfuture=1\n", RUNDIR_OPENED },
		{ "", RUNDIR_OPENED },
		{ "state=RUNNING\ninit=x\n", -1 },
		{ "state=DANCING\n", -1 },
		{ "nonsense\n", -1 },
		{ "init=99999999999999999999\n", -1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		owned_run_state out = RUN_STATE_INIT;
		owned_error err = ERROR_INIT;

		put(*context, "state", cases[i].text);
		if (run_state_read(*context, &out, &err) != cases[i].answer)
			fail_msg("'%s' is answered wrongly", cases[i].text);
	}
}

static void test_pidfd_is_of_that_process(void **context)
{
	struct run_state self = { .init = getpid(), .init_start = process_start_time(getpid()) };
	owned_error err = ERROR_INIT;
	owned_fd fd = run_state_pidfd(&self, &err);

	(void)context;
	assert_true(fd >= 0 && self.init_start > 0);
	self.init_start++;
	assert_int_equal(run_state_pidfd(&self, &err), -1);
	assert_int_equal(err.code, ESRCH);
}

/* ---- journal ---- */

static char undone[256];

static int note(char *const *arguments, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		strncat(undone, arguments[i], sizeof undone - strlen(undone) - 1);
		strncat(undone, "|", sizeof undone - strlen(undone) - 1);
	}
	return strcmp(arguments[0], "stuck") == 0 ? error_set(err, EBUSY, "cannot undo it") : 0;
}

static const struct journal_kind kinds[] = { { "rmdir", note }, { "with\ttab", note }, { NULL, NULL } };

static void add(struct rundir *run, const char *kind, const char *first, const char *second)
{
	const char *const arguments[] = { first, second, NULL };
	owned_error err = ERROR_INIT;

	assert_int_equal(journal_add(run, kind, arguments, &err), 0);
}

static void test_journal_backwards(void **context)
{
	struct rundir *run = *context;
	owned_error err = ERROR_INIT;

	undone[0] = '\0';
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_int_equal(journal_open(run, &err), 0);
	add(run, "rmdir", "/a", NULL);
	add(run, "with\ttab", "line\nbreak", "back\\slash\\n");
	add(run, "rmdir", "", "/c");
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_string_equal(undone, "|/c|line\nbreak|back\\slash\\n|/a|");

	/* What was undone is gone, and the journal goes on where it is. */
	undone[0] = '\0';
	add(run, "rmdir", "/d", NULL);
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_string_equal(undone, "/d|");
}

static void test_journal_goes_on_after_a_failure(void **context)
{
	struct rundir *run = *context;
	owned_error err = ERROR_INIT;

	undone[0] = '\0';
	put(run, "journal", "rmdir\t/a\nrmdir\tstuck\nunheard\tx\nrmdir\t/b\n");
	assert_int_equal(journal_undo(run, kinds, &err), -1);
	assert_string_equal(undone, "/b|stuck|/a|");
	assert_non_null(strstr(err.message, "unheard"));

	/* The failures alone are tried again. */
	undone[0] = '\0';
	assert_int_equal(journal_undo(run, kinds, &err), -1);
	assert_string_equal(undone, "stuck|");
}

static void test_journal_cut_off_by_a_crash(void **context)
{
	struct rundir *run = *context;
	owned_error err = ERROR_INIT;

	undone[0] = '\0';
	put(run, "journal", "rmdir\t/a\nrmdir\t/never-beg");
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_string_equal(undone, "/a|");

	undone[0] = '\0';
	put(run, "journal", "rmdir\t/a\nrmdir\t/never-beg");
	assert_int_equal(journal_open(run, &err), 0);
	add(run, "rmdir", "/b", NULL);
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_string_equal(undone, "/b|/a|");
}

static void test_journal_of_another_boot(void **context)
{
	struct rundir *run = *context;
	owned_error err = ERROR_INIT;

	/* What has these names now is not what was journalled. */
	undone[0] = '\0';
	put(run, "journal", "boot\tlong-ago\nrmdir\t/a\nrmdir\tstuck\n");
	assert_int_equal(journal_undo(run, kinds, &err), 0);
	assert_string_equal(undone, "");

	/* What is added to such a journal counts all the same. */
	put(run, "journal", "boot\tlong-ago\nrmdir\t/a\n");
	assert_int_equal(journal_open(run, &err), 0);
	add(run, "rmdir", "/b", NULL);
	add(run, "rmdir", "stuck", NULL);
	assert_int_equal(journal_undo(run, kinds, &err), -1);
	assert_string_equal(undone, "stuck|/b|");

	/* A failure is still of this boot when it is tried again. */
	undone[0] = '\0';
	assert_int_equal(journal_open(run, &err), 0);
	add(run, "rmdir", "/c", NULL);
	assert_int_equal(journal_undo(run, kinds, &err), -1);
	assert_string_equal(undone, "/c|stuck|");
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(test_state_round_trip),
		IN_DIRECTORY(test_state_in_two_halves),
		IN_DIRECTORY(test_state_set_keeps_the_rest),
		IN_DIRECTORY(test_state_from_elsewhere),
		cmocka_unit_test(test_pidfd_is_of_that_process),
		IN_DIRECTORY(test_journal_backwards),
		IN_DIRECTORY(test_journal_goes_on_after_a_failure),
		IN_DIRECTORY(test_journal_cut_off_by_a_crash),
		IN_DIRECTORY(test_journal_of_another_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
