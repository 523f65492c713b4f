/* Seccomp programs in words: of profiles of both formats, and of programs that libseccomp would not make. */
#include "policy/filter_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/seccomp.h>

#include "lib/file.h"
#include "lib/own.h"
#include "policy/filter.h"
#include "policy/filter_paths.h"

static struct arena *arena;

/* What a call of the native architecture meets under a profile. */
static const char *meets(const char *profile, const char *call)
{
	const struct filter_source source = { .path = "p", .text = profile, .kernel = "6.1" };
	owned_fd fd = memfd_create("filter", MFD_CLOEXEC);
	owned_error err = ERROR_INIT;
	owned_str bytes = NULL;
	struct filter_words *words;
	size_t length;

	if (filter_build(&source, fd, &err) < 0)
		fail_msg("%s", err.message);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(file_read_fd(fd, "p", &bytes, &length, &err), 0);
	length = (length - sizeof(struct filter_head)) / sizeof(struct sock_filter);
	assert_true(filter_words(arena, (const void *)(bytes + sizeof(struct filter_head)), length, &words) > 1);
	for (size_t i = 0; i < words->count; i++)
		for (size_t n = 0; n < words->groups[i].count; n++)
			if (strcmp(words->groups[i].calls[n], call) == 0)
				return words->groups[i].meets;
	return words->otherwise;
}

static void test_profiles(void **state)
{
	static const struct {
		const char *profile, *call, *meets;
	} rows[] = {
		{ "2\ndenylist\nswapon errno 1\n", "swapon", "errno EPERM" },
		{ "2\ndenylist\nswapon errno 1\n", "swapoff", "allow" },
		{ "2\ndenylist\nswapon kill\n", "swapon", "kill" },
		{ "2\ndenylist\nswapon kill_process\n", "swapon", "kill_process" },
		{ "2\ndenylist\nswapon notify\n", "swapon", "notify" },
		{ "2\ndenylist\nswapon log\n", "swapon", "log" },
		{ "2\ndenylist\nswapon trap\n", "swapon", "trap" },
		{ "2\ndenylist\nswapon trace 9\n", "swapon", "trace 9" },
		{ "2\ndenylist\nswapon errno 0\n", "swapon", "errno 0" },
		{ "2\nallowlist\nread\nwrite\n", "swapon", "kill" },
		{ "2\nallowlist errno 38\nread\n", "read", "allow" },
		{ "2\ndenylist\nswapon errno 1 [0,5,==]\n", "swapon", "errno EPERM when arg0 == 0x5, else allow" },
		{ "2\ndenylist\nswapon errno 1 [0,0x500000001,==]\n", "swapon", "errno EPERM when arg0 == 0x500000001, else allow" },
		{ "2\ndenylist\nswapon errno 1 [1,0x100,&=,0xff00]\n", "swapon",
		  "errno EPERM when arg1 & 0xff00 == 0x100, else allow" },
		{ "2\ndenylist\nswapon errno 1 [0,5,==] [1,6,==]\n", "swapon",
		  "errno EPERM when arg0 == 0x5 and arg1 == 0x6, else allow" },
		{ "2\ndenylist\nreject_force_umount\n", "umount2", "errno EACCES when arg1 & 0x1 == 0x1, else allow" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *said = meets(rows[i].profile, rows[i].call);

		if (strcmp(said, rows[i].meets) != 0)
			fail_msg("said \"%s\", not \"%s\"", said, rows[i].meets);
	}
}

/* Every comparison of a 64-bit argument, by running what the words came from. */
static void test_comparisons(void **state)
{
	assert_string_equal(meets("2\ndenylist\nswapon errno 1 [0,5,!=]\n", "swapon"), "allow when arg0 == 0x5, else errno EPERM");
	assert_non_null(strstr(meets("2\ndenylist\nswapon errno 1 [0,5,>]\n", "swapon"), "arg0 > 0x5"));
	assert_non_null(strstr(meets("2\ndenylist\nswapon errno 1 [0,5,>=]\n", "swapon"), "arg0 >= 0x5"));
	assert_non_null(strstr(meets("2\ndenylist\nswapon errno 1 [0,5,<]\n", "swapon"), "0x5"));
}

static void test_alternatives(void **state)
{
	assert_string_equal(meets("{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [ { \"names\": [ \"personality\" ], "
				  "\"action\": \"SCMP_ACT_ALLOW\", \"args\": [ { \"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\" }, "
				  "{ \"index\": 0, \"value\": 9, \"op\": \"SCMP_CMP_EQ\" } ] } ] }", "personality"),
			    "allow when arg0 == 0x9 or arg0 == 0x8, else errno EPERM");
}

/* Another architecture is killed, as libseccomp makes it, unless the program says so. */
static void test_others(void **state)
{
	static const struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct filter_words *words;
	size_t count = filter_words(arena, all, 1, &words);

	assert_string_equal(words[count - 1].architecture, "others");
	assert_string_equal(words[count - 1].otherwise, "allow");
	assert_int_equal(words[0].count, 0);
	assert_string_equal(words[0].otherwise, "allow");
}

/* Programs that somebody wrote by hand, and what no seccomp program may do. */
static void test_paths(void **state)
{
	static const struct sock_filter stored[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LD | BPF_IMM, 7),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 3),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_filter endless[] = { BPF_STMT(BPF_LD | BPF_IMM, 7) };
	static const struct sock_filter divides[] = { BPF_STMT(BPF_ALU | BPF_DIV, 0), BPF_STMT(BPF_RET | BPF_K, 0) };
	static struct path paths[PATHS_MAX];

	assert_int_equal(filter_paths(stored, 8, 0, 7, paths), 1);
	assert_int_equal(paths[0].action, SECCOMP_RET_KILL_THREAD);
	assert_int_equal(filter_paths(stored, 8, 0, 8, paths), 1);
	assert_int_equal(paths[0].action, SECCOMP_RET_ALLOW);
	assert_int_equal(filter_paths(endless, 1, 0, 0, paths), -1);
	assert_int_equal(filter_paths(divides, 2, 0, 0, paths), -1);
	assert_int_equal(filter_paths(divides, 0, 0, 0, paths), -1);
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
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_alternatives),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
