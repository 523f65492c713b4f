/*
 * Notifications of the kernel, from a child whose getppid(2) is left to us:
 * whether it still waits, and whose memory is opened.
 */
#include "notify/listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/own.h"
#include "lib/proc.h"

static volatile long secret = 1;

static _Noreturn void ask(int pipe)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof filter / sizeof *filter, filter };
	int fd;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	secret = 4711;
	if (write(pipe, &fd, sizeof fd) == sizeof fd && fd >= 0)
		syscall(SYS_getppid);
	_exit(0);
}

/* A child that has asked and waits, with which we share descriptors; *pid is it. */
static void listener_of_child(struct listener *listener, pid_t *pid)
{
	int ends[2], fd = -1;

	assert_int_equal(pipe(ends), 0);
	*pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (*pid == 0)
		ask(ends[1]);
	assert_int_equal(read(ends[0], &fd, sizeof fd), sizeof fd);
	close(ends[0]);
	close(ends[1]);
	if (fd < 0) {
		proc_wait(*pid);
		skip(); /* a filter above us has a listener already */
	}
	assert_int_equal(listener_open(listener, fd), 0);
	assert_int_equal(listener_take(listener), 1);
}

static void test_who_waits_is_known_by_his_memory(void **state)
{
	struct listener listener;
	owned_fd memory = -1;
	long found = 0;
	pid_t pid;

	(void)state;
	listener_of_child(&listener, &pid);
	assert_true(listener_stands(&listener));
	memory = listener_memory(&listener);
	assert_true(memory >= 0);
	assert_int_equal(pread(memory, &found, sizeof found, (off_t)(uintptr_t)&secret), sizeof found);
	assert_int_equal(found, 4711);
	kill(pid, SIGKILL);
	proc_wait(pid);
	close(listener.fd);
}

/* His pid is another's by now. */
static void test_who_has_gone_gives_no_memory(void **state)
{
	struct listener listener;
	pid_t pid;

	(void)state;
	listener_of_child(&listener, &pid);
	kill(pid, SIGKILL);
	proc_wait(pid);
	listener.request.notif.pid = (uint32_t)getpid();
	assert_false(listener_stands(&listener));
	assert_int_equal(listener_memory(&listener), -ESRCH);
	close(listener.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_waits_is_known_by_his_memory),
		cmocka_unit_test(test_who_has_gone_gives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
