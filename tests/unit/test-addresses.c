/* container/addresses.c: what is in the network namespace of another process, and that ours is ours afterwards. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/addresses_proc.h"
#include "lib/netlink.h"
#include "lib/own.h"

/* A process in a network namespace of its own, with addresses beside the kernel's own on lo. */
static pid_t stranger_start(void)
{
	static const struct netlink_address all[] = {
		{ .family = AF_INET, .bytes = { 10, 1, 2, 3 }, .prefix = 24 },
		{ .family = AF_INET, .bytes = { 10, 1, 2, 4 }, .prefix = 24 },
		{ .family = AF_INET6, .bytes = { 0xfd, [13] = 2, [15] = 3 }, .prefix = 64 },
	};
	struct netlink_veth veth = { .host_name = "inner", .peer_name = "outer" };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		owned_fd socket = -1;

		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		socket = netlink_open();
		veth.peer = getpid();
		if (netlink_veth_add(socket, &veth) < 0)
			_exit(1);
		for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
			if (netlink_address_add(socket, netlink_index(socket, "inner"), &all[i]) < 0)
				_exit(1);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void test_other_namespace(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct address_list addresses;
	struct name_list interfaces;
	struct stat before, after;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = stranger_start();
	assert_int_equal(stat("/proc/self/ns/net", &before), 0);
	assert_int_equal(addresses_read(pid, arena, &addresses, &interfaces, &err), 0);
	assert_int_equal(stat("/proc/self/ns/net", &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(addresses.count, 3);
	assert_string_equal(addresses.items[0].text, "10.1.2.3");
	assert_int_equal(interfaces.count, 3);
	assert_string_equal(interfaces.items[0], "inner");
	assert_string_equal(interfaces.items[1], "lo");
	assert_string_equal(interfaces.items[2], "outer");
	/* Who may not go there is told the same. */
	addresses = (struct address_list){ 0 };
	interfaces = (struct name_list){ 0 };
	assert_int_equal(addresses_proc_read(pid, arena, &addresses, &interfaces), 0);
	assert_int_equal(addresses.count, 3);
	assert_string_equal(addresses.items[0].text, "10.1.2.3");
	assert_int_equal(addresses.items[0].family, AF_INET);
	assert_string_equal(addresses.items[2].text, "fd00::2:3");
	assert_int_equal(addresses.items[2].family, AF_INET6);
	assert_int_equal(interfaces.count, 3);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_no_process(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct address_list addresses;

	(void)state;
	assert_int_equal(addresses_read(0, arena, &addresses, NULL, &err), -1);
	assert_int_equal(err.code, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_namespace),
		cmocka_unit_test(test_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
