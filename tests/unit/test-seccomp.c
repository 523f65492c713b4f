/* Profiles of both formats: what is read, what is refused with which line, and what a filter is made of. */
#include "policy/filter.h"

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
#include <linux/filter.h>

#include "lib/own.h"

static struct arena *arena;

static int parse(const char *text, struct profile *ret, struct error *err)
{
	return profile_parse(arena, "p", text, "x86_64", ret, err);
}

static struct profile good(const char *text)
{
	owned_error err = ERROR_INIT;
	struct profile profile;

	if (parse(text, &profile, &err) < 0)
		fail_msg("%s", err.message);
	return profile;
}

static void test_format_1(void **state)
{
	struct profile profile = good("1\nallowlist\n0\n3 close\n103\n");

	assert_int_equal(profile.count, 3);
	assert_int_equal(profile.otherwise.verb, VERB_KILL);
	assert_null(profile.rules[1].name);
	assert_int_equal(profile.rules[1].number, 3);
	assert_int_equal(profile.rules[1].action.verb, VERB_ALLOW);
}

static void test_styles(void **state)
{
	static const struct {
		const char *text;
		enum profile_verb otherwise, usual;
	} rows[] = {
		{ "2\ndenylist\nmount\n", VERB_ALLOW, VERB_KILL },
		{ "2\nblacklist\nmount\n", VERB_ALLOW, VERB_KILL },
		{ "2\nallowlist\nmount\n", VERB_KILL, VERB_ALLOW },
		{ "2\nwhitelist trap\nmount\n", VERB_TRAP, VERB_ALLOW },
		{ "2\nallowlist errno 38\nmount\n", VERB_ERRNO, VERB_ALLOW },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct profile profile = good(rows[i].text);

		assert_int_equal(profile.otherwise.verb, rows[i].otherwise);
		assert_int_equal(profile.count, 1);
		assert_int_equal(profile.rules[0].action.verb, rows[i].usual);
	}
}

/* The words of LXC, as it reads them, and those it does not have. */
static void test_actions(void **state)
{
	static const struct {
		const char *word;
		enum profile_verb verb;
		unsigned number;
	} rows[] = {
		{ "kill", VERB_KILL, 0 }, { "killed", VERB_KILL, 0 }, { "kill_process", VERB_KILL_PROCESS, 0 },
		{ "errno 7", VERB_ERRNO, 7 }, { "allow", VERB_ALLOW, 0 }, { "trap", VERB_TRAP, 0 },
		{ "trace", VERB_TRACE, 0 }, { "trace 300", VERB_TRACE, 300 }, { "log", VERB_LOG, 0 },
		{ "notify", VERB_NOTIFY, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct profile profile = good(arena_printf(arena, "2\ndenylist\nmount %s [0,1,!=] # why\n", rows[i].word));

		assert_int_equal(profile.rules[0].action.verb, rows[i].verb);
		assert_int_equal(profile.rules[0].action.number, rows[i].number);
		assert_int_equal(profile.rules[0].argument_count, 1);
	}
}

static void test_rules(void **state)
{
	struct profile profile = good("2\ndenylist\n# a comment\n[all]\nreject_force_umount # why\nmount errno 1\n"
				      "kexec_load # not here\n"
				      "ioctl errno 5 [1,0x5412,SCMP_CMP_EQ] [2,7,&=,0xff]\n");
	const struct profile_rule *rule = &profile.rules[2];

	assert_true(profile.reject_force_umount);
	assert_int_equal(profile.count, 3);
	assert_int_equal(profile.rules[0].action.verb, VERB_ERRNO);
	assert_int_equal(profile.rules[0].action.number, 1);
	assert_int_equal(profile.rules[1].action.verb, VERB_KILL);
	assert_string_equal(rule->name, "ioctl");
	assert_int_equal(rule->line, 8);
	assert_int_equal(rule->argument_count, 2);
	assert_int_equal(rule->arguments[0].index, 1);
	assert_int_equal(rule->arguments[0].value, 0x5412);
	assert_int_equal(rule->arguments[0].compare, COMPARE_EQ);
	assert_int_equal(rule->arguments[1].compare, COMPARE_MASKED);
	assert_int_equal(rule->arguments[1].mask, 0xff);
}

/* A section of another machine hides its rules; one of this machine restricts nothing. */
static void test_sections(void **state)
{
	struct profile profile = good("2\ndenylist\n[arm64]\nmount\n[X86]\nswapon\n[all]\nreboot\n");

	assert_int_equal(profile.count, 2);
	assert_string_equal(profile.rules[0].name, "swapon");
	assert_string_equal(profile.rules[1].name, "reboot");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "p:1: the first line must be the format" },
		{ "3\ndenylist\n", "p:1: the first line" },
		{ "2\n", "p:2: '' is not a style" },
		{ "2\ndenyliste\n", "p:2: 'denyliste' is not a style" },
		{ "2\ndenylist debug\n", "p:2: 'debug' profiles" },
		{ "2\ndenylist \n", "p:2: '' is no action" },
		{ "2\ndenylist\n[arm46]\n", "p:3: unknown section '[arm46]'" },
		{ "2\ndenylist\n[X86_64]\n[x86_64\n", "p:4: unknown section" },
		{ "2\ndenylist\n[Arm]\n", "p:3: unknown section" },
		{ "2\ndenylist\nmount forbid\n", "p:3: 'forbid' is no action" },
		{ "2\ndenylist\nmount errno\n", "p:3: 'errno' needs a number" },
		{ "2\ndenylist\nmount errno 5000\n", "p:3: 'errno' needs a number" },
		{ "2\ndenylist\nmount kill [6,1,==]\n", "p:3: '[6,1,==]' cannot be understood" },
		{ "2\ndenylist\nmount kill [0,1,~]\n", "p:3: '[0,1,~]' cannot" },
		{ "2\ndenylist\nmount kill [0,1,==] x\n", "p:3: 'x' is more than a rule has" },
		{ "2\ndenylist\n mount\n", "p:3: a rule begins" },
		{ "1\ndenylist\n0\n", "p:2: a profile of format 1" },
		{ "1\nallowlist\nmount\n", "p:3: format 1 has a syscall number" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_error err = ERROR_INIT;
		struct profile profile;

		assert_int_equal(parse(rows[i].text, &profile, &err), -1);
		if (strncmp(err.message, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("said \"%s\", not \"%s\"", err.message, rows[i].says);
	}
}

static off_t compile(const char *text, struct error *err)
{
	owned_fd fd = memfd_create("filter", MFD_CLOEXEC);
	struct profile profile = good(text);
	struct stat st;

	if (seccomp_compile(&profile, "p", fd, err) < 0)
		return -1;
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size % sizeof(struct sock_filter), 0);
	return st.st_size - (off_t)sizeof(struct filter_head);
}

static void test_compile(void **state)
{
	owned_error err = ERROR_INIT;
	off_t one = compile("2\ndenylist\n[all]\nkexec_load errno 1\n", &err);

	assert_true(one > 0);
	assert_true(compile("2\ndenylist\n[all]\nkexec_load errno 1\nopen_by_handle_at errno 1\n", &err) > one);
	/* A rule that changes nothing is no error, and neither is a syscall of another architecture alone. */
	assert_true(compile("2\ndenylist\nmount allow\n", &err) > 0);
	assert_true(compile("2\ndenylist\nsocketcall errno 1\n", &err) > 0);
	assert_true(compile("1\nallowlist\n0\n1\n60\n", &err) > 0);
	assert_true(compile("2\nallowlist errno 38\nread\nwrite allow [0,2,<=]\n", &err) > 0);
	assert_true(compile("2\ndenylist\nmount notify\nswapon log\nptrace trace 7\nreboot kill_process\n", &err) > 0);
}

static void test_unknown_syscall(void **state)
{
	owned_error err = ERROR_INIT;

	assert_int_equal(compile("2\ndenylist\n[all]\nopen_by_handle_att errno 1\n", &err), -1);
	assert_string_equal(err.message, "p:4: there is no system call 'open_by_handle_att'");
	assert_string_equal(err.hint, "did you mean open_by_handle_at?");
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
		cmocka_unit_test(test_format_1),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_compile),
		cmocka_unit_test(test_unknown_syscall),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
