/* What a hook is run with: the shell's line and the environment; and what is said when it fails. */
#include "launch/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An environment is made of texts that may be changed. */
#define WORD(text) ((char[]){ text })

static struct step_hook hook_of(const char *command, unsigned version)
{
	return (struct step_hook){ .type = "pre-start", .command = command, .section = "lxc", .version = version };
}

static void test_line(void **state)
{
	static const struct {
		const char *command, *extra, *name, *line;
		unsigned version;
	} rows[] = {
		{ "/bin/hook", NULL, "web", "exec /bin/hook 'web' 'lxc' 'pre-start'", 0 },
		{ "/bin/hook a b", "more", "web", "exec /bin/hook a b 'web' 'lxc' 'pre-start' more", 0 },
		{ "/bin/hook a b", NULL, "web", "exec /bin/hook a b", 1 },
		{ "/bin/hook", "more", "web", "exec /bin/hook more", 1 },
		{ "/bin/hook", NULL, "it's; rm x", "exec /bin/hook 'it'\\''s; rm x' 'lxc' 'pre-start'", 0 },
	};
	char line[HOOK_LINE_MAX];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct step_hook hook = hook_of(rows[i].command, rows[i].version);

		hook.extra = rows[i].extra;
		assert_int_equal(hook_line(&hook, rows[i].name, line), 0);
		assert_string_equal(line, rows[i].line);
	}
}

static void test_line_too_long(void **state)
{
	char command[HOOK_LINE_MAX + 10], line[HOOK_LINE_MAX];
	struct step_hook hook;

	for (size_t length = HOOK_LINE_MAX - 40; length < sizeof command; length++) {
		memset(command, 'x', length - 1);
		command[length - 1] = '\0';
		hook = hook_of(command, 0);
		/* Whatever the length: it fits whole or it is refused, never cut. */
		if (hook_line(&hook, "a'b", line) == 0)
			assert_string_equal(line + strlen(line) - strlen("'pre-start'"), "'pre-start'");
	}
	assert_true(hook_line(&hook, "web", line) < 0);
}

static void test_environment(void **state)
{
	char *const base[] = { WORD("PATH=/bin"), WORD("LXC_NAME=old"), WORD("HOME=/root"), NULL };
	char *const overlay[] = { WORD("LXC_NAME=web"), WORD("A=1"), WORD("A=2"), NULL };
	char *room[HOOK_ENVIRONMENT_MAX];

	assert_int_equal(hook_environment(base, overlay, room), 0);
	assert_string_equal(room[0], "PATH=/bin");
	assert_string_equal(room[1], "LXC_NAME=web");
	assert_string_equal(room[2], "HOME=/root");
	assert_string_equal(room[3], "A=2");
	assert_null(room[4]);
}

static void test_run(void **state)
{
	char detail[LAUNCH_DETAIL] = "";
	struct step_hook hook = hook_of("sh -c 'test \"$1 $2 $3\" = \"web lxc pre-start\"' sh", 0);

	assert_int_equal(hook_run(&hook, "web", 0, detail, sizeof detail), 0);
	hook = hook_of("sh -c 'echo one; echo two >&2; exit 3'", 1);
	assert_true(hook_run(&hook, "web", 0, detail, sizeof detail) < 0);
	assert_string_equal(detail, "it exited with 3 and printed:\n    one\n    two");
	hook = hook_of("sh -c 'kill -TERM $$'", 1);
	assert_true(hook_run(&hook, "web", 0, detail, sizeof detail) < 0);
	assert_string_equal(detail, "it was killed by SIGTERM");
}

static void test_run_environment(void **state)
{
	char *environment[] = { WORD("LXC_NAME=web"), NULL };
	char detail[LAUNCH_DETAIL] = "";
	struct step_hook hook = hook_of("sh -c 'test \"$LXC_NAME $LXC_PID\" = \"web 77\"'", 1);

	hook.environment = environment;
	assert_int_equal(hook_run(&hook, "web", 77, detail, sizeof detail), 0);
}

/* More than a pipe holds, and a daemon that keeps the pipe open: neither may block. */
static void test_run_does_not_block(void **state)
{
	char detail[LAUNCH_DETAIL] = "";
	struct step_hook hook = hook_of("sh -c 'head -c 300000 /dev/zero | tr \"\\0\" x; exit 1'", 1);

	assert_true(hook_run(&hook, "web", 0, detail, sizeof detail) < 0);
	hook = hook_of("sh -c 'sleep 2 & exit 0'", 1);
	assert_int_equal(hook_run(&hook, "web", 0, detail, sizeof detail), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_too_long),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_environment),
		cmocka_unit_test(test_run_does_not_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
