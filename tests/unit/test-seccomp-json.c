/* Seccomp profiles in JSON: what is read, which conditions hold where, and what is refused with which place. */
#include "policy/profile_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/seccomp.h>

#include "lib/own.h"
#include "policy/filter.h"

static struct arena *arena;
static const struct profile_place here = { "x86_64", UINT64_C(1) << 21 /* sys_admin */, "6.1.0-13-amd64" };

static struct profile good_at(const char *text, const struct profile_place *place)
{
	owned_error err = ERROR_INIT;
	struct profile profile;

	if (profile_json_parse(arena, "p", text, place, &profile, &err) < 0)
		fail_msg("%s", err.message);
	return profile;
}

/* A profile whose rules are `rules`. */
static const char *with_rules(const char *rules)
{
	return arena_printf(arena, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [ %s ] }", rules);
}

static void test_actions(void **state)
{
	static const struct {
		const char *members;
		enum profile_verb verb;
		unsigned number;
	} rows[] = {
		{ "\"action\": \"SCMP_ACT_ALLOW\"", VERB_ALLOW, 0 },
		{ "\"action\": \"SCMP_ACT_ERRNO\"", VERB_ERRNO, 1 },
		{ "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38", VERB_ERRNO, 38 },
		{ "\"action\": \"SCMP_ACT_KILL\"", VERB_KILL, 0 },
		{ "\"action\": \"SCMP_ACT_KILL_THREAD\"", VERB_KILL, 0 },
		{ "\"action\": \"SCMP_ACT_KILL_PROCESS\"", VERB_KILL_PROCESS, 0 },
		{ "\"action\": \"SCMP_ACT_TRAP\", \"errnoRet\": null", VERB_TRAP, 0 },
		{ "\"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 9", VERB_TRACE, 9 },
		{ "\"action\": \"SCMP_ACT_LOG\", \"errnoRet\": 9", VERB_LOG, 0 },
		{ "\"action\": \"SCMP_ACT_NOTIFY\"", VERB_NOTIFY, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct profile profile = good_at(with_rules(arena_printf(arena, "{ \"names\": [ \"read\", \"write\" ], %s }",
									 rows[i].members)), &here);

		assert_int_equal(profile.count, 2);
		assert_string_equal(profile.rules[1].name, "write");
		assert_int_equal(profile.rules[0].action.verb, rows[i].verb);
		assert_int_equal(profile.rules[0].action.number, rows[i].number);
		assert_int_equal(profile.otherwise.verb, VERB_ERRNO);
		assert_int_equal(profile.otherwise.number, 1);
	}
}

static void test_arguments(void **state)
{
	struct profile profile = good_at(with_rules(
		"{ \"name\": \"clone\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": [ { \"index\": 0, \"value\": 2114060288, "
		"\"valueTwo\": 1, \"op\": \"SCMP_CMP_MASKED_EQ\" }, { \"index\": 1, \"value\": 5, \"op\": \"SCMP_CMP_GE\" } ] }, "
		"{ \"names\": [ \"personality\" ], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [ "
		"{ \"index\": 0, \"value\": 0, \"op\": \"SCMP_CMP_EQ\" }, "
		"{ \"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\" } ] }"), &here);

	assert_int_equal(profile.count, 3);
	assert_int_equal(profile.rules[0].argument_count, 2);
	assert_int_equal(profile.rules[0].arguments[0].compare, COMPARE_MASKED);
	assert_int_equal(profile.rules[0].arguments[0].mask, 2114060288);
	assert_int_equal(profile.rules[0].arguments[0].value, 1);
	assert_int_equal(profile.rules[0].arguments[1].compare, COMPARE_GE);
	/* Two conditions on one argument are two rules. */
	assert_int_equal(profile.rules[1].argument_count, 1);
	assert_int_equal(profile.rules[2].arguments[0].value, 8);
}

static void test_conditions(void **state)
{
	static const struct profile_place other = { "arm64", 0, "4.4.0" };
	static const struct {
		const char *members;
		bool here, other;
	} rows[] = {
		{ "\"includes\": {}", true, true },
		{ "\"includes\": { \"caps\": [ \"CAP_SYS_ADMIN\" ] }", true, false },
		{ "\"includes\": { \"caps\": [ \"CAP_SYS_ADMIN\", \"CAP_BPF\" ] }", false, false },
		{ "\"excludes\": { \"caps\": [ \"CAP_SYS_ADMIN\", \"CAP_BPF\" ] }", false, true },
		{ "\"includes\": { \"arches\": [ \"amd64\", \"x32\" ] }", true, false },
		{ "\"includes\": { \"arches\": [ \"arm\", \"arm64\" ] }", false, true },
		{ "\"excludes\": { \"arches\": [ \"s390\", \"s390x\" ] }", true, true },
		{ "\"excludes\": { \"arches\": [ \"amd64\" ] }", false, true },
		{ "\"includes\": { \"minKernel\": \"4.8\" }", true, false },
		{ "\"includes\": { \"minKernel\": \"4.4\" }", true, true },
		{ "\"excludes\": { \"minKernel\": \"4.8\" }", false, true },
		{ "\"includes\": { \"minKernel\": \"4.8\", \"caps\": [ \"CAP_BPF\" ] }", false, false },
		{ "\"includes\": { \"caps\": [ \"CAP_SYS_ADMIN\" ] }, \"excludes\": { \"arches\": [ \"amd64\" ] }", false, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = with_rules(arena_printf(arena, "{ \"names\": [ \"mount\" ], \"action\": \"SCMP_ACT_ALLOW\", %s }",
							   rows[i].members));

		if (good_at(text, &here).count != rows[i].here || good_at(text, &other).count != rows[i].other)
			fail_msg("%s", rows[i].members);
	}
}

static void test_architectures(void **state)
{
	struct profile list = good_at("{ \"defaultAction\": \"SCMP_ACT_KILL\", \"architectures\": "
				      "[ \"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\" ] }", &here);
	struct profile map = good_at("{ \"defaultAction\": \"SCMP_ACT_KILL\", \"archMap\": [ "
		"{ \"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": [ \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\" ] }, "
		"{ \"architecture\": \"SCMP_ARCH_AARCH64\", \"subArchitectures\": [ \"SCMP_ARCH_ARM\" ] } ] }", &here);

	assert_int_equal(list.architecture_count, 1);
	assert_string_equal(list.architectures[0], "x86");
	assert_int_equal(map.architecture_count, 2);
	assert_string_equal(map.architectures[1], "x32");
}

static void test_flags(void **state)
{
	struct profile profile = good_at("{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": "
		"[ \"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_TSYNC\" ] }", &here);

	assert_int_equal(profile.flags, SECCOMP_FILTER_FLAG_LOG);
}

#define ALLOW "\"action\": \"SCMP_ACT_ALLOW\""

static void test_refused(void **state)
{
	static const struct {
		const char *text, *says, *hint;
	} rows[] = {
		{ "", "p:1: ", NULL },
		{ "{\n\"defaultAction\": }", "p:2: ", NULL },
		{ "[]", "p: a profile must be an object", NULL },
		{ "{}", "p: defaultAction is missing", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_DENY\" }", "p: 'SCMP_ACT_DENY' is no action", "actions are" },
		{ "{ \"defaultActon\": \"SCMP_ACT_KILL\" }", "p: a profile has no member 'defaultActon'",
		  "did you mean defaultAction?" },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"architectures\": [ \"x86\" ] }", "p: 'x86' is no architecture", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"flags\": [ \"NO_SUCH\" ] }", "p: the flag 'NO_SUCH'", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"listenerPath\": \"/run/x\" }", "p: listenerPath", "lxc.seccomp.notify.proxy" },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": {} }", "p: syscalls must be an array", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { " ALLOW " } ] }", "p: syscalls[0]: a rule needs names", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW " }, "
		  "{ \"names\": [ 7 ], " ALLOW " } ] }", "p: syscalls[1]: names must be an array of texts", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW
		  ", \"exclude\": { \"caps\": [ \"CAP_BPF\" ] } } ] }", "p: syscalls[0]: a rule has no member 'exclude'",
		  "did you mean excludes?" },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW
		  ", \"includes\": { \"caps\": [ \"SYS_ADMIN\" ] } } ] }", "p: syscalls[0]: there is no capability 'SYS_ADMIN'", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW
		  ", \"includes\": { \"minKernel\": \"new\" } } ] }", "p: syscalls[0]: minKernel must be", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW
		  ", \"args\": [ { \"index\": 6, \"value\": 1, \"op\": \"SCMP_CMP_EQ\" } ] } ] }", "p: syscalls[0]: index must be", NULL },
		{ "{ \"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [ { \"names\": [ \"read\" ], " ALLOW
		  ", \"args\": [ { \"index\": 0, \"value\": 1, \"op\": \"==\" } ] } ] }", "p: syscalls[0]: '==' is no operator", "operators" },
		{ "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000 }", "p: defaultErrnoRet must be", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_error err = ERROR_INIT;
		struct profile profile;

		assert_int_equal(profile_json_parse(arena, "p", rows[i].text, &here, &profile, &err), -1);
		if (strncmp(err.message, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("said \"%s\", not \"%s\"", err.message, rows[i].says);
		if (rows[i].hint && (!err.hint || !strstr(err.hint, rows[i].hint)))
			fail_msg("hint \"%s\", not \"%s\"", err.hint, rows[i].hint);
	}
}

static off_t compile(const char *text, struct error *err)
{
	const struct filter_source source = { .path = "p", .text = text, .capabilities = 0, .kernel = "6.1" };
	owned_fd fd = memfd_create("filter", MFD_CLOEXEC);
	struct stat status;

	if (filter_build(&source, fd, err) < 0 || fstat(fd, &status) < 0)
		return -1;
	return status.st_size;
}

/* What is not known cannot be allowed, and may not go unnoticed when it was to be refused. */
static void test_unknown_names(void **state)
{
	owned_error err = ERROR_INIT;

	assert_true(compile(with_rules("{ \"names\": [ \"read\", \"of_times_to_come\" ], " ALLOW " }"), &err) > 0);
	assert_int_equal(compile("{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [ { \"names\": [ \"kexec_laod\" ], "
				 "\"action\": \"SCMP_ACT_ERRNO\" } ] }", &err), -1);
	assert_string_equal(err.message, "p: syscalls[0]: there is no system call 'kexec_laod'");
	assert_string_equal(err.hint, "did you mean kexec_load?");
}

/* Also a name twice, or for no architecture of ours, is nothing to complain about. */
static void test_compile(void **state)
{
	owned_error err = ERROR_INIT;

	if (compile(with_rules("{ \"names\": [ \"read\", \"read\", \"riscv_flush_icache\" ], " ALLOW " }, "
			       "{ \"names\": [ \"read\" ], " ALLOW " }"), &err) < 0)
		fail_msg("%s", err.message);
}

static int setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_compile),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
