/*
 * Tells a seccomp program in words (filter_words.h).  Names of calls and
 * architectures are libseccomp's.  Called by container/inspect_seccomp.c.
 */
#include "policy/filter_words.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/own.h"
#include "lib/text.h"
#include "policy/filter_paths.h"

enum { NUMBERS = 1024, UNKNOWN_NUMBER = 0x3fffffff, X32_BIT = 0x40000000 };

/* ---- actions ---- */

static const char *errno_words(struct arena *arena, uint32_t number)
{
	const char *name = number ? strerrorname_np((int)number) : NULL;

	return name ? arena_printf(arena, "errno %s", name) : arena_printf(arena, "errno %u", number);
}

const char *filter_action_words(struct arena *arena, uint32_t action)
{
	static const struct {
		uint32_t action;
		const char *word;
	} plain[] = {
		{ SECCOMP_RET_KILL_PROCESS, "kill_process" }, { SECCOMP_RET_KILL_THREAD, "kill" }, { SECCOMP_RET_TRAP, "trap" },
		{ SECCOMP_RET_USER_NOTIF, "notify" }, { SECCOMP_RET_LOG, "log" }, { SECCOMP_RET_ALLOW, "allow" },
	};

	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		return errno_words(arena, action & SECCOMP_RET_DATA);
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
		return arena_printf(arena, "trace %u", action & SECCOMP_RET_DATA);
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if ((action & SECCOMP_RET_ACTION_FULL) == plain[i].action)
			return plain[i].word;
	return "kill_process"; /* what the kernel makes of actions it does not know */
}

/* ---- conditions ---- */

/* The two halves of an argument, as a path has compared them. */
static bool is_half(const struct path_test *test, unsigned argument, bool high)
{
	uint32_t offset = (uint32_t)offsetof(struct seccomp_data, args) + 8 * argument;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return test->offset == offset + (high ? 4 : 0);
#else
	return test->offset == offset + (high ? 0 : 4);
#endif
}

/* The equality that holds for one half, which makes all else said of it needless; NULL: none. */
static const struct path_test *equality(const struct path *path, unsigned argument, bool high)
{
	for (size_t i = 0; i < path->count; i++)
		if (is_half(&path->tests[i], argument, high) && path->tests[i].operation == BPF_JEQ && path->tests[i].holds)
			return &path->tests[i];
	return NULL;
}

static void join(struct buffer *text, const char *word)
{
	if (text->length > 0)
		buffer_printf(text, " %s ", word);
}

static void test_words(struct buffer *text, const struct path_test *test, const char *name)
{
	static const char *const signs[][2] = { { "!=", "==" }, { "<=", ">" }, { "<", ">=" } };
	size_t row = test->operation == BPF_JEQ ? 0 : test->operation == BPF_JGT ? 1 : 2;

	join(text, "and");
	if (test->operation == BPF_JSET)
		buffer_printf(text, "%s & %#x %s 0", name, test->value & test->mask, test->holds ? "!=" : "==");
	else if (test->mask != UINT32_MAX)
		buffer_printf(text, "%s & %#x %s %#x", name, test->mask, signs[row][test->holds], test->value);
	else
		buffer_printf(text, "%s %s %#x", name, signs[row][test->holds], test->value);
}

static void both_words(struct buffer *text, unsigned argument, const struct path_test *high, const struct path_test *low)
{
	uint64_t mask = (uint64_t)high->mask << 32 | low->mask, value = (uint64_t)high->value << 32 | low->value;

	join(text, "and");
	if (mask != UINT64_MAX)
		buffer_printf(text, "arg%u & %#llx == %#llx", argument, (unsigned long long)mask, (unsigned long long)value);
	else
		buffer_printf(text, "arg%u == %#llx", argument, (unsigned long long)value);
}

/* What is said of a half beside an equality of it is left out; and that the upper half is 0 where the lower one is told. */
static void half_words(struct buffer *text, const struct path *path, unsigned argument, bool high, const char *name)
{
	const struct path_test *equal = equality(path, argument, high);

	for (size_t i = 0; i < path->count; i++)
		if (is_half(&path->tests[i], argument, high) && (!equal || equal == &path->tests[i]))
			test_words(text, &path->tests[i], name);
}

static void argument_words(struct buffer *text, const struct path *path, unsigned argument)
{
	const struct path_test *high = equality(path, argument, true), *low = equality(path, argument, false);
	char name[8], upper[16];

	snprintf(name, sizeof name, "arg%u", argument);
	snprintf(upper, sizeof upper, "arg%u>>32", argument);
	if (high && low) {
		both_words(text, argument, high, low);
		return;
	}
	if (!high || high->value != 0)
		half_words(text, path, argument, true, upper);
	half_words(text, path, argument, false, name);
}

/* All of one way's conditions; "" when there is none to tell. */
static void path_words(struct buffer *text, const struct path *path)
{
	for (unsigned argument = 0; argument < 6; argument++)
		argument_words(text, path, argument);
}

/* The ways to one action, as "ACTION when A or B". */
static void action_words(struct arena *arena, struct buffer *out, const struct path *paths, int count, uint32_t action)
{
	owned_buffer all = { 0 };

	for (int i = 0; i < count; i++) {
		owned_buffer one = { 0 };

		if (paths[i].action != action)
			continue;
		path_words(&one, &paths[i]);
		join(&all, "or");
		buffer_puts(&all, buffer_text(&one));
	}
	join(out, "or");
	buffer_printf(out, "%s when %s", filter_action_words(arena, action), buffer_text(&all));
}

static bool seen_before(const struct path *paths, int at)
{
	for (int i = 0; i < at; i++)
		if (paths[i].action == paths[at].action)
			return true;
	return false;
}

/* The last way is the one on which nothing that was asked for was so: what happens else. */
static const char *call_words(struct arena *arena, const struct sock_filter *program, size_t length, uint32_t arch,
			      uint32_t number)
{
	struct path *paths __attribute__((cleanup(own_free))) = calloc(PATHS_MAX, sizeof *paths);
	int count = paths ? filter_paths(program, length, arch, number, paths) : -1;
	owned_buffer out = { 0 };

	if (count <= 0)
		return "what cannot be told in words";
	for (int i = 0; i < count; i++)
		if (paths[i].action != paths[count - 1].action && !seen_before(paths, i))
			action_words(arena, &out, paths, count, paths[i].action);
	if (out.length == 0)
		return filter_action_words(arena, paths[count - 1].action);
	return arena_printf(arena, "%s, else %s", buffer_text(&out), filter_action_words(arena, paths[count - 1].action));
}

/* ---- architectures ---- */

static struct filter_group *group_of(struct arena *arena, struct filter_words *words, const char *meets)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->groups[i].meets, meets) == 0)
			return &words->groups[i];
	words->groups = arena_append(arena, words->groups, &words->count, sizeof *words->groups);
	words->groups[words->count - 1].meets = meets;
	return &words->groups[words->count - 1];
}

static void call_add(struct arena *arena, struct filter_words *words, const char *meets, const char *name)
{
	struct filter_group *group = group_of(arena, words, meets);

	group->calls = arena_append(arena, group->calls, &group->count, sizeof *group->calls);
	group->calls[group->count - 1] = arena_strdup(arena, name);
}

/* The largest group is told in one word instead of its names. */
static void largest_fold(struct filter_words *words)
{
	size_t largest = 0;

	for (size_t i = 1; i < words->count; i++)
		if (words->groups[i].count > words->groups[largest].count)
			largest = i;
	words->otherwise = words->groups[largest].meets;
	memmove(&words->groups[largest], &words->groups[largest + 1], (words->count - largest - 1) * sizeof *words->groups);
	words->count--;
}

static void architecture_tell(struct arena *arena, const struct sock_filter *program, size_t length, uint32_t token,
			      uint32_t arch, uint32_t first, struct filter_words *ret)
{
	for (uint32_t i = 0; i < NUMBERS; i++) {
		owned_str name = seccomp_syscall_resolve_num_arch(token, (int)(first + i));

		if (name)
			call_add(arena, ret, call_words(arena, program, length, arch, first + i), name);
	}
	call_add(arena, ret, call_words(arena, program, length, arch, first ? first + NUMBERS : UNKNOWN_NUMBER),
		 "unknown numbers");
	largest_fold(ret);
}

size_t filter_words(struct arena *arena, const struct sock_filter *program, size_t length, struct filter_words **ret)
{
	static const struct {
		uint32_t native, token, arch, first;
		const char *name;
	} rows[] = {
		{ SCMP_ARCH_X86_64, SCMP_ARCH_X86_64, SCMP_ARCH_X86_64, 0, "x86_64" },
		{ SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X86, 0, "x86" },
		{ SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86_64, X32_BIT, "x32" },
		{ SCMP_ARCH_AARCH64, SCMP_ARCH_AARCH64, SCMP_ARCH_AARCH64, 0, "aarch64" },
		{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, SCMP_ARCH_ARM, 0, "arm" },
	};
	uint32_t native = seccomp_arch_native();
	struct filter_words *words = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].native != native)
			continue;
		words = arena_append(arena, words, &count, sizeof *words);
		words[count - 1].architecture = rows[i].name;
		architecture_tell(arena, program, length, rows[i].token, rows[i].arch, rows[i].first, &words[count - 1]);
	}
	if (count == 0) {
		words = arena_append(arena, words, &count, sizeof *words);
		words[0].architecture = "native";
		architecture_tell(arena, program, length, native, native, 0, &words[0]);
	}
	words = arena_append(arena, words, &count, sizeof *words);
	words[count - 1].architecture = "others";
	words[count - 1].otherwise = call_words(arena, program, length, 0, 0);
	*ret = words;
	return count;
}
