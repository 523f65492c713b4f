/* Types of values: what each text parses to, and which are refused or doubted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include "config/types.h"

static void check_answer(const char *text, int answer, int expected, const struct error *err)
{
	if (answer != expected)
		fail_msg("'%s': %d instead of %d (%s)", text, answer, expected, err->message ? err->message : "no message");
}

/* Texts and the numbers they stand for; `answer` as parse() gives it. */
static const struct number_row {
	const struct key_type *type;
	const char *text;
	int answer;
	int64_t number;
} numbers[] = {
	{ &type_unsigned, "0", 0, 0 },
	{ &type_unsigned, " 7", 0, 7 },
	{ &type_unsigned, "0x10", 0, 16 },
	{ &type_unsigned, "010", 0, 8 },
	{ &type_unsigned, "4294967295", 0, 4294967295 },
	{ &type_unsigned, "4294967296", -1, 0 },
	{ &type_unsigned, "99999999999999999999999", -1, 0 },
	{ &type_unsigned, "-1", -1, 0 },
	{ &type_unsigned, "+1", -1, 0 },
	{ &type_unsigned, "1x", -1, 0 },
	{ &type_unsigned, "1 ", -1, 0 },
	{ &type_signed, "-5", 0, -5 },
	{ &type_signed, "2147483648", -1, 0 },
	{ &type_signed, "last", -1, 0 },
	{ &type_integer, "4294967295", -1, 0 },
	{ &type_bytes, "1000", 0, 1000 },
	{ &type_bytes, "10M", PARSE_DOUBTFUL, 500000 },
	{ &type_size, "auto", 0, 131072 },
	{ &type_size, "1", 0, 4096 },
	{ &type_size, "0", 0, 4096 },
	{ &type_size, "5000", 0, 8192 },
	{ &type_size, "64KB", 0, 65536 },
	{ &type_size, "1 mb", 0, 1048576 },
	{ &type_size, "100k", PARSE_DOUBTFUL, 4096 },
	{ &type_size, "64XB", -1, 0 },
	{ &type_size, "-1", -1, 0 },
	{ &type_size, "99999999999999GB", -1, 0 },
	{ &type_signal, "9", 0, 9 },
	{ &type_signal, "0", 0, 0 },
	{ &type_signal, "65", -1, 0 },
	{ &type_signal, "SIGPWR", 0, SIGPWR },
	{ &type_signal, "sigterm", 0, SIGTERM },
	{ &type_signal, "PWR", -1, 0 },
	{ &type_signal, "SIGRTMIN", -1, 0 },
	{ &type_signal, "SIGRTMIN+99", -1, 0 },
	{ &type_capability, "sys_time", 0, 25 },
	{ &type_capability, "checkpoint_restore", 0, 40 },
	{ &type_capability, "25", 0, 25 },
	{ &type_capability, "64", -1, 0 },
	{ &type_capability, "CAP_SYS_TIME", -1, 0 },
	{ &type_capability, "SYS_TIME", -1, 0 },
	{ &type_capability, "none", -1, 0 },
	{ &type_capability_keep, "none", 0, -1 },
	{ &type_arch, "i386", 0, PER_LINUX32 },
	{ &type_arch, "amd64", 0, PER_LINUX },
	{ &type_arch, "AMD64", -1, 0 },
	{ &type_log_level, "debug", 0, 1 },
	{ &type_log_level, "8", 0, 8 },
	{ &type_log_level, "9", -1, 0 },
	{ &type_offset, "90m", 0, 5400000000000 },
	{ &type_offset, "-10s", 0, -10000000000 },
	{ &type_offset, "5ms", 0, 5000000 },
	{ &type_offset, "5", -1, 0 },
	{ &type_offset, "5 s", -1, 0 },
	{ &type_offset, "9999999999h", -1, 0 },
	{ &type_net, "VETH", 0, NET_VETH },
	{ &type_net, "bridge", -1, 0 },
	{ &type_mtu, "1500", 0, 1500 },
	{ &type_mtu, "15oo", PARSE_BROKEN, 0 },
	{ &type_vlan, "65536", -1, 0 },
	{ &type_vlan_port, "none", 0, -1 },
	{ &type_vlan_port, "4095", -1, 0 },
	{ &type_queues, "0", -1, 0 },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const struct number_row *row = &numbers[i];
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct value value = { .text = row->text };

		check_answer(row->text, row->type->parse(arena, row->text, &value, &err), row->answer, &err);
		if (row->answer >= 0 && row->answer != PARSE_BROKEN && value.number != row->number)
			fail_msg("'%s' is %lld", row->text, (long long)value.number);
		assert_int_equal(row->answer != 0, err.message != NULL);
	}
}

/* Texts and what get_config_item() answers for them; NULL: refused. */
static const struct text_row {
	const struct key_type *type;
	const char *text, *answer;
} texts[] = {
	{ &type_path, "/var//lib/./x/", "/var/lib/x" },
	{ &type_path, "/a/../b", "/a/../b" },
	{ &type_path, "/", "/" },
	{ &type_path, "//", "/" },
	{ &type_path, "./a", "a" },
	{ &type_rootfs_path, "dir:/x//y", "/x/y" },
	{ &type_rootfs_path, "/x", "/x" },
	{ &type_bool, "0x1", "1" },
	{ &type_bool, "2", NULL },
	{ &type_bool, "yes", NULL },
	{ &type_bool_any, "7", "7" },
	{ &type_limit, "5", "5" },
	{ &type_limit, "5:6", "5:6" },
	{ &type_limit, "5 : unlimited", "5:unlimited" },
	{ &type_limit, "6:6", "6" },
	{ &type_limit, "unlimited", "unlimited" },
	{ &type_limit, ":5", "0:5" },
	{ &type_limit, "5:6:7", NULL },
	{ &type_limit, "5x", NULL },
	{ &type_limit, "-5", NULL },
	{ &type_idmap, "u 0 100000 65536", "u 0 100000 65536" },
	{ &type_idmap, "\tg 0x0  0100 1", "g 0 64 1" },
	{ &type_idmap, "b 0 1 2", NULL },
	{ &type_idmap, "u 0 1", NULL },
	{ &type_idmap, "u 0 1 2 3", NULL },
	{ &type_idmap, "u0 1 2 3", NULL },
	{ &type_environment, "A=b=c", "A=b=c" },
	{ &type_environment, "LXS_TEST_GIVEN", "LXS_TEST_GIVEN=here" },
	{ &type_environment, "LXS_TEST_MISSING", NULL },
	{ &type_cgroup_dir, "a//b/", "a/b" },
	{ &type_cgroup_dir, "/a", NULL },
	{ &type_cgroup_dir, "a/..b", NULL },
	{ &type_cgroup_name, "a", "a" },
	{ &type_cgroup_name, "..", NULL },
	{ &type_rootfs_options, "ro,idmap=container", "ro,idmap=container" },
	{ &type_rootfs_options, "ro,optional", NULL },
	{ &type_notify_proxy, "unix:/run/x", "/run/x" },
	{ &type_notify_proxy, "unix:@x", "x" },
	{ &type_notify_proxy, "tcp:x", NULL },
	{ &type_address4, "10.0.3.5/24", "10.0.3.5/24" },
	{ &type_address4, "10.0.3.5", "10.0.3.5/8" },
	{ &type_address4, "172.16.3.5", "172.16.3.5/16" },
	{ &type_address4, "192.168.3.5 192.168.3.255", "192.168.3.5/24" },
	{ &type_address4, "192.168.3.5/24 nowhere", NULL },
	{ &type_address4, "10.0.3.5/33", NULL },
	{ &type_address4, "10.0.3.256", NULL },
	{ &type_address4, "10.0.3.5/", NULL },
	{ &type_address6, "FD00::0:5", "fd00::5/64" },
	{ &type_address6, "fd00::5/x", NULL },
	{ &type_gateway4, "auto", "auto" },
	{ &type_gateway4, "10.0.3.1", "10.0.3.1" },
	{ &type_gateway4, "fd00::1", NULL },
	{ &type_gateway6, "dev", "dev" },
	{ &type_route4, "10.1.0.0/16", "10.1.0.0/16" },
	{ &type_route4, "10.1.0.0", NULL },
	{ &type_route6, "fd01::/64", "fd01::/64" },
	{ &type_mount_auto, "proc", "proc:mixed" },
	{ &type_mount_auto, "cgroup:ro:force", "" },
	{ &type_mount_auto, "proc:ro", NULL },
	{ &type_mount_auto, "shmounts:", NULL },
	{ &type_namespace, "PID", "pid" },
	{ &type_namespace, "mount", NULL },
	{ &type_log_facility, "LOCAL3", "local3" },
	{ &type_offset, "90m", "5400s" },
	{ &type_offset, "5us", "5000ns" },
};

static void test_texts(void **state)
{
	(void)state;
	setenv("LXS_TEST_GIVEN", "here", 1);
	unsetenv("LXS_TEST_MISSING");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct text_row *row = &texts[i];
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct value value = { .text = row->text };

		check_answer(row->text, row->type->parse(arena, row->text, &value, &err), row->answer ? 0 : -1, &err);
		if (row->answer)
			assert_string_equal(row->type->format ? row->type->format(arena, &value) : value.text, row->answer);
	}
}

static void test_realtime_signals(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct value value;

	(void)state;
	assert_int_equal(type_signal.parse(arena, "sigrtmin+3", &value, &err), 0);
	assert_int_equal(value.number, SIGRTMIN + 3);
	assert_int_equal(type_signal.parse(arena, "SIGRTMAX-1", &value, &err), 0);
	assert_int_equal(value.number, SIGRTMAX - 1);
}

/* Random digits are digits, and never make the address of a group. */
static void test_hardware_addresses(void **state)
{
	owned_arena arena = arena_new();

	(void)state;
	for (int i = 0; i < 100; i++) {
		owned_error err = ERROR_INIT;
		struct value value = { 0 };

		assert_int_equal(type_hwaddr.parse(arena, "xx:16:3E:XX:00:ff", &value, &err), 0);
		assert_int_equal(strlen(value.text), 17);
		assert_int_equal(strspn(value.text, "0123456789abcdef:E"), 17);
		assert_memory_equal(value.text + 2, ":16:3E:", 7);
		assert_int_equal(strtoul(value.text, NULL, 16) & 1, 0);
		assert_int_equal(type_hwaddr.parse(arena, "10:66:6a:00:00", &value, &err), PARSE_BROKEN);
		assert_int_equal(type_hwaddr.parse(arena, "10:66:6a:00:00:0g", &value, &err), PARSE_BROKEN);
	}
}

static void test_interface_names(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct value value = { .text = "eth0" };

	(void)state;
	assert_int_equal(type_interface.parse(arena, "eth0", &value, &err), 0);
	assert_string_equal(value.text, "eth0");
	assert_int_equal(type_interface.parse(arena, "averyverylongname", &value, &err), PARSE_BROKEN);
	assert_string_equal(value.text, "averyverylongna");
}

static void test_hints(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	struct value value;

	(void)state;
	assert_int_equal(type_capability.parse(arena, "sys_tiem", &value, &err), -1);
	assert_string_equal(err.hint, "did you mean sys_time?");
	error_done(&err);
	assert_int_equal(type_capability.parse(arena, "CAP_SYS_TIME", &value, &err), -1);
	assert_non_null(strstr(err.hint, "without cap_"));
	error_done(&err);
	assert_int_equal(type_net.parse(arena, "vet", &value, &err), -1);
	assert_string_equal(err.hint, "did you mean veth?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_realtime_signals),
		cmocka_unit_test(test_hardware_addresses),
		cmocka_unit_test(test_interface_names),
		cmocka_unit_test(test_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
