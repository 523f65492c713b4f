/* lxc.init.cmd and lxc.execute.cmd as words, with LXC's rules of quoting. */
#include "plan/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_words(void **state)
{
	static const struct {
		const char *text, *words[6];
	} rows[] = {
		{ "", { NULL } },
		{ "  \t ", { NULL } },
		{ "/sbin/init", { "/sbin/init" } },
		{ "  /sbin/init  splash\tquiet ", { "/sbin/init", "splash", "quiet" } },
		{ "sh -c 'echo a b'", { "sh", "-c", "echo a b" } },
		{ "sh -c \"it's\"", { "sh", "-c", "it's" } },
		{ "a'b c'd", { "a'b", "c'd" } },
		{ "a\\ b", { "a\\", "b" } },
		{ "'unended word", { "unended word" } },
		{ "'' x", { "", "x" } },
		{ "'a'b", { "a", "b" } },
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char **words = words_split(arena, rows[i].text);
		size_t n = 0;

		for (; rows[i].words[n]; n++) {
			assert_non_null(words[n]);
			assert_string_equal(words[n], rows[i].words[n]);
		}
		assert_null(words[n]);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
