/*
 * Run directories: who owns one, what a crash leaves, what is refused.  As
 * root the test becomes an ordinary user first, whose run directories lie
 * where XDG_RUNTIME_DIR says.
 */
#include "control/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/journal.h"
#include "control/state.h"
#include "lib/own.h"
#include "place.h"

enum { NOBODY = 65534 };

static struct place place;

static int become_user(void **state)
{
	(void)state;
	assert_int_equal(place_open(&place), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(place.path, NOBODY, NOBODY), 0);
		assert_int_equal(setgroups(0, NULL), 0);
		assert_int_equal(setresgid(NOBODY, NOBODY, NOBODY), 0);
		assert_int_equal(setresuid(NOBODY, NOBODY, NOBODY), 0);
		/* A change of uid hides /proc/self from ourselves. */
		assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
	}
	return setenv("XDG_RUNTIME_DIR", place.path, 1);
}

static int remove_place(void **state)
{
	(void)state;
	return place_close(&place);
}

static int claim(const char *name, struct rundir *ret)
{
	owned_error err = ERROR_INIT;
	int answer = rundir_claim("/var/lib/lxs", name, ret, &err);

	if (answer < 0)
		print_message("%s\n", err.message);
	return answer;
}

static int look(const char *name)
{
	owned_error err = ERROR_INIT;
	owned_rundir run = RUNDIR_INIT;

	return rundir_open("/var/lib/lxs", name, &run, &err);
}

static void test_one_owner(void **state)
{
	struct rundir run = RUNDIR_INIT, second = RUNDIR_INIT;
	char expected[128];

	(void)state;
	assert_int_equal(look("one"), RUNDIR_ABSENT);
	assert_int_equal(claim("one", &run), RUNDIR_OPENED);
	snprintf(expected, sizeof expected, "%s/lxs/+var+lib+lxs/one", place.path);
	assert_string_equal(run.path, expected);
	assert_false(run.leftover);
	assert_int_equal(look("one"), RUNDIR_OPENED);
	assert_int_equal(claim("one", &second), RUNDIR_BUSY);
	rundir_remove(&run);
	assert_int_equal(look("one"), RUNDIR_ABSENT);
	assert_int_equal(access(expected, F_OK), -1);
	assert_int_equal(claim("one", &run), RUNDIR_OPENED);
	rundir_remove(&run);
}

/* The lock lives as long as any process that inherited it, and no longer. */
static void test_lock_is_inherited(void **state)
{
	struct rundir run = RUNDIR_INIT, second = RUNDIR_INIT;
	int hold[2], status;
	char byte;
	pid_t heir;

	(void)state;
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	assert_int_equal(claim("heir", &run), RUNDIR_OPENED);
	heir = fork();
	if (heir == 0) {
		close(hold[1]);
		_exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
	}
	rundir_done(&run);
	assert_int_equal(look("heir"), RUNDIR_OPENED);
	assert_int_equal(claim("heir", &second), RUNDIR_BUSY);
	close(hold[0]);
	close(hold[1]);
	assert_int_equal(waitpid(heir, &status, 0), heir);
	assert_int_equal(look("heir"), RUNDIR_ABSENT);
	assert_int_equal(claim("heir", &second), RUNDIR_OPENED);
	rundir_remove(&second);
}

static int count_undone(char *const *arguments, size_t count, struct error *err)
{
	(void)err;
	assert_int_equal(count, 1);
	assert_string_equal(arguments[0], "/sys/fs/cgroup/x");
	return 0;
}

static void test_leftover(void **state)
{
	static const char *const arguments[] = { "/sys/fs/cgroup/x", NULL };
	static const struct journal_kind kinds[] = { { "cgroup", count_undone }, { NULL, NULL } };
	const struct run_state running = { .state = STATE_RUNNING, .init = 1 };
	owned_error err = ERROR_INIT;
	struct rundir run = RUNDIR_INIT;

	(void)state;
	assert_int_equal(rundir_claim_leftover("/var/lib/lxs", "crashed", &run, &err), RUNDIR_ABSENT);
	assert_int_equal(claim("crashed", &run), RUNDIR_OPENED);
	assert_int_equal(journal_open(&run, &err), 0);
	assert_int_equal(journal_add(&run, "cgroup", arguments, &err), 0);
	assert_int_equal(run_state_write(&run, &running, &err), 0);
	rundir_done(&run); /* as if killed */

	assert_int_equal(look("crashed"), RUNDIR_ABSENT);
	assert_int_equal(rundir_claim_leftover("/var/lib/lxs", "crashed", &run, &err), RUNDIR_OPENED);
	assert_true(run.leftover);
	assert_int_equal(journal_undo(&run, kinds, &err), 0);
	rundir_remove(&run);
}

static void test_paths_do_not_meet(void **state)
{
	static const char *const paths[] = { "/a/b", "/a+b", "/a%2Bb", "/a" };
	char longer[3000];
	struct rundir runs[5];
	owned_error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(rundir_claim(paths[i], "c", &runs[i], &err), RUNDIR_OPENED);
	memset(longer, 'x', sizeof longer);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(rundir_claim(longer, "c", &runs[4], &err), RUNDIR_OPENED);
	for (size_t i = 0; i < 5; i++)
		rundir_remove(&runs[i]);
}

static void test_unsafe_is_refused(void **state)
{
	char path[128], target[128];
	struct rundir run = RUNDIR_INIT;
	owned_error err = ERROR_INIT;

	(void)state;
	assert_int_equal(claim("unsafe", &run), RUNDIR_OPENED);
	rundir_remove(&run);
	snprintf(path, sizeof path, "%s/lxs", place.path);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(rundir_claim("/var/lib/lxs", "unsafe", &run, &err), -1);
	assert_non_null(strstr(err.message, "written by others"));
	assert_int_equal(chmod(path, 0700), 0);

	snprintf(path, sizeof path, "%s/lxs/+var+lib+lxs/link", place.path);
	snprintf(target, sizeof target, "%s/elsewhere", place.path);
	assert_int_equal(mkdir(target, 0700), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(rundir_claim("/var/lib/lxs", "link", &run, &err), -1);
	assert_non_null(strstr(err.message, path));
	assert_non_null(strstr(err.message, "is a link: refused"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(target), 0);
}

/* What is in the way of the place itself is named, with what to do; looking finds nothing there and is no error. */
static void test_place_is_missing(void **state)
{
	static const struct {
		const char *name, *target, *tail, *message, *hint;
	} cases[] = {
		{ "dangling", "/nowhere/at/all", "", "cannot open", "is a link to /nowhere/at/all" },
		{ "dangling", "/nowhere/at/all", "/run", "cannot make", "is a link to /nowhere/at/all" },
		{ "closed", NULL, "/run", "cannot make", "set it to a directory of yours" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rundir run = RUNDIR_INIT;
		owned_error err = ERROR_INIT;
		char path[128], whole[160];

		snprintf(path, sizeof path, "%s/%s", place.path, cases[i].name);
		snprintf(whole, sizeof whole, "%s%s", path, cases[i].tail);
		assert_int_equal(cases[i].target ? symlink(cases[i].target, path) : mkdir(path, 0500), 0);
		assert_int_equal(setenv("XDG_RUNTIME_DIR", whole, 1), 0);
		assert_int_equal(look("any"), RUNDIR_ABSENT);
		assert_int_equal(rundir_claim("/var/lib/lxs", "any", &run, &err), -1);
		assert_non_null(strstr(err.message, cases[i].message));
		assert_non_null(strstr(err.message, whole));
		assert_non_null(strstr(err.hint, cases[i].hint));
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(setenv("XDG_RUNTIME_DIR", place.path, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_lock_is_inherited),
		cmocka_unit_test(test_leftover),
		cmocka_unit_test(test_paths_do_not_meet),
		cmocka_unit_test(test_unsafe_is_refused),
		cmocka_unit_test(test_place_is_missing),
	};

	return cmocka_run_group_tests(tests, become_user, remove_place);
}
