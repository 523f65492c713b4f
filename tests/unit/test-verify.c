/*
 * The last look at init before it runs (launch_verify()), on a process that is
 * confined in too little: this one and children of it.
 */
#include "launch/security.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/own.h"
#include "lib/proc.h"

static const struct sock_filter filter[] = { BPF_STMT(BPF_RET | BPF_K, 0x7fff0000) };

/* What is said of `pid`, "" when nothing is wrong with it. */
static char *verdict(pid_t pid, struct step_verify wanted)
{
	struct step step = { .kind = STEP_VERIFY, .args = &wanted };
	struct launch launch = { .init = pid, .filter = filter };
	owned_error err = ERROR_INIT;

	return strdup(launch_verify(&launch, &step, &err) == 0 ? "" : err.message);
}

static uint64_t own_bounding(void)
{
	uint64_t bounding = 0;

	for (unsigned number = 0; number < 64; number++)
		if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) > 0)
			bounding |= UINT64_C(1) << number;
	return bounding;
}

static void test_what_is_asked_for_is_there(void **state)
{
	owned_str said = verdict(getpid(), (struct step_verify){ .bounding = own_bounding() });

	(void)state;
	assert_string_equal(said, "");
}

static void test_a_capability_too_many(void **state)
{
	uint64_t bounding = own_bounding();
	owned_str said = verdict(getpid(), (struct step_verify){ .bounding = bounding & (bounding - 1) });

	(void)state;
	if (bounding == 0)
		skip();
	assert_non_null(strstr(said, "capabilities it must not have"));
}

static void test_no_new_privs_and_the_filter_are_missed(void **state)
{
	owned_str privileged = verdict(getpid(), (struct step_verify){ .bounding = UINT64_MAX, .no_new_privs = true });
	owned_str free = verdict(getpid(), (struct step_verify){ .bounding = UINT64_MAX, .filter = true });

	(void)state;
	assert_string_equal(privileged, "init runs without no_new_privs");
	assert_string_equal(free, "init runs without its seccomp filter");
}

static _Noreturn void inherit_and_wait(int ready)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	char done = 0;

	if (syscall(SYS_capget, &header, sets) == 0) {
		sets[0].inheritable = sets[0].permitted;
		done = (char)(sets[0].permitted && syscall(SYS_capset, &header, sets) == 0);
	}
	if (write(ready, &done, 1) == 1)
		pause();
	_exit(0);
}

static void test_what_is_inherited(void **state)
{
	owned_str said = NULL;
	int ends[2];
	char done = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		inherit_and_wait(ends[1]);
	assert_int_equal(read(ends[0], &done, 1), 1);
	said = verdict(pid, (struct step_verify){ .bounding = UINT64_MAX });
	kill(pid, SIGKILL);
	proc_wait(pid);
	close(ends[0]);
	close(ends[1]);
	assert_string_equal(said, done ? "init holds inheritable or ambient capabilities" : "");
}

static void test_who_cannot_be_looked_at_is_refused(void **state)
{
	owned_str said = NULL;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	proc_wait(pid);
	said = verdict(pid, (struct step_verify){ .bounding = UINT64_MAX });
	assert_string_not_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for_is_there),
		cmocka_unit_test(test_a_capability_too_many),
		cmocka_unit_test(test_no_new_privs_and_the_filter_are_missed),
		cmocka_unit_test(test_what_is_inherited),
		cmocka_unit_test(test_who_cannot_be_looked_at_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
