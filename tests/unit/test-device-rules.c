/*
 * Device rules as text and as program.  The kernel offers no trial run of such
 * a program, so the few instructions it is made of are interpreted here.
 */
#include "launch/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t context_word(const struct bpf_cgroup_dev_ctx *context, int offset)
{
	uint32_t word;

	assert_in_range(offset, 0, sizeof *context - sizeof word);
	memcpy(&word, (const char *)context + offset, sizeof word);
	return word;
}

static bool interpret(const struct bpf_insn *code, size_t count, const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t r[16] = { 0 };

	for (size_t at = 0; at < count; at++) {
		const struct bpf_insn *insn = &code[at];
		uint64_t immediate = (uint64_t)(int64_t)insn->imm;

		switch (insn->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(insn->src_reg, 1);
			r[insn->dst_reg] = context_word(context, insn->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X: r[insn->dst_reg] = r[insn->src_reg]; break;
		case BPF_ALU64 | BPF_MOV | BPF_K: r[insn->dst_reg] = immediate; break;
		case BPF_ALU64 | BPF_AND | BPF_K: r[insn->dst_reg] &= immediate; break;
		case BPF_ALU64 | BPF_RSH | BPF_K: r[insn->dst_reg] >>= immediate; break;
		case BPF_JMP | BPF_JNE | BPF_K: at += r[insn->dst_reg] != immediate ? (size_t)insn->off : 0; break;
		case BPF_JMP | BPF_JEQ | BPF_K: at += r[insn->dst_reg] == immediate ? (size_t)insn->off : 0; break;
		case BPF_JMP | BPF_EXIT: return r[0] == 1;
		default: fail_msg("instruction %#x is not expected", insn->code);
		}
	}
	fail_msg("the program runs past its end");
	return false;
}

static void rules_read(struct arena *arena, const char *const *lines, struct device_rules *rules)
{
	for (; *lines; lines++) {
		bool allow = strncmp(*lines, "allow ", 6) == 0;
		struct device_rule rule;

		assert_null(device_rule_parse(arena, *lines + (allow ? 6 : 5), allow, &rule));
		device_rules_add(arena, rules, rule);
	}
}

/* "c 1:3 rw": would it be allowed? */
static bool is_allowed(const struct device_rules *rules, const char *request)
{
	struct bpf_insn *code = calloc(DEVICE_PROGRAM_MAX(rules->count), sizeof *code);
	owned_arena arena = arena_new();
	struct device_rule want;
	struct bpf_cgroup_dev_ctx context;
	size_t count = device_program(rules->items, rules->count, code);
	bool answer;

	assert_in_range(count, 1, DEVICE_PROGRAM_MAX(rules->count));
	assert_null(device_rule_parse(arena, request, true, &want));
	context.access_type = (want.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR) |
			      ((want.access & 1 ? BPF_DEVCG_ACC_READ : 0) | (want.access & 2 ? BPF_DEVCG_ACC_WRITE : 0) |
			       (want.access & 4 ? BPF_DEVCG_ACC_MKNOD : 0)) << 16;
	context.major = (uint32_t)want.major;
	context.minor = (uint32_t)want.minor;
	answer = interpret(code, count, &context);
	/* Who has only the list comes to the same answer. */
	assert_int_equal(device_rules_allow(rules, &want), answer);
	free(code);
	return answer;
}

static const struct {
	const char *rules[6];
	const char *yes[4], *no[5];
} programs[] = {
	{ { "deny a" }, { NULL }, { "c 1:3 r", "b 8:0 m" } },
	{ { "allow a" }, { "c 1:3 rwm", "b 8:0 m" }, { NULL } },
	{ { NULL }, { "c 1:3 rwm" }, { NULL } },
	{ { "deny a", "allow c 1:3 rwm" }, { "c 1:3 rwm", "c 1:3 r" }, { "c 1:5 r", "b 1:3 r", "c 2:3 r" } },
	{ { "deny a", "allow c *:* m", "allow b 8:* r" }, { "c 5:5 m", "b 8:1 r" }, { "c 5:5 r", "b 8:1 rw", "b 9:1 r" } },
	/* two rules for one device add up */
	{ { "deny a", "allow c 1:3 r", "allow c 1:3 w" }, { "c 1:3 rw" }, { "c 1:3 rm" } },
	/* a denial of one letter denies requests that ask for it among others */
	{ { "allow a", "deny c 1:3 w" }, { "c 1:3 r", "c 1:5 w" }, { "c 1:3 w", "c 1:3 rw" } },
	/* later lines count more */
	{ { "deny a", "allow c 1:* rw", "deny c 1:3 w" }, { "c 1:5 rw", "c 1:3 r" }, { "c 1:3 rw" } },
	{ { "allow a", "deny c 1:* rw", "allow c 1:3 r" }, { "c 1:3 r" }, { "c 1:3 rw", "c 1:5 r" } },
	{ { "allow a", "deny c 1:3 rwm", "deny a", "allow b 8:0 r" }, { "b 8:0 r" }, { "c 1:5 r" } },
	/* type a with numbers is both */
	{ { "deny a", "allow a 8:0 r" }, { "b 8:0 r", "c 8:0 r" }, { "b 8:1 r" } },
};

static void test_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		owned_arena arena = arena_new();
		struct device_rules rules = { 0 };

		rules_read(arena, programs[i].rules, &rules);
		for (size_t j = 0; programs[i].yes[j]; j++)
			if (!is_allowed(&rules, programs[i].yes[j]))
				fail_msg("program %zu denies %s", i, programs[i].yes[j]);
		for (size_t j = 0; programs[i].no[j]; j++)
			if (is_allowed(&rules, programs[i].no[j]))
				fail_msg("program %zu allows %s", i, programs[i].no[j]);
	}
}

static void test_text(void **state)
{
	static const char *const good[] = { "a", "c 1:3 rwm", "b *:* m", "c 136:* rw", "/dev/fuse rw", "a *:5 r" };
	static const char *const bad[] = { "", "d 1:3 r", "c", "c 1:3", "c 1:3 ", "c 1:3 x", "c 1 3 r", "c :3 r", "c 1: r",
					   "c1:3 r", "c 99999999:3 r", "/dev/fuse", "aa", "c 1:3r" };
	owned_arena arena = arena_new();
	char text[DEVICE_RULE_TEXT];
	struct device_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_null(device_rule_parse(arena, good[i], false, &rule));
		device_rule_format(&rule, text);
		if (rule.type != 'a')
			assert_string_equal(text + strlen("deny "), good[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!device_rule_parse(arena, bad[i], true, &rule))
			fail_msg("'%s' is taken for a rule", bad[i]);
}

static void test_resolve(void **state)
{
	struct device_rule null = { .type = 'c', .major = -1, .minor = -1, .path = "/dev/null" };
	struct device_rule directory = { .path = "/" }, missing = { .path = "/nonexistent" };

	(void)state;
	assert_int_equal(device_rule_resolve(&null), 0);
	assert_int_equal(null.type, 'c');
	assert_int_equal(null.major, 1);
	assert_int_equal(null.minor, 3);
	assert_true(device_rule_resolve(&directory) < 0);
	assert_true(device_rule_resolve(&missing) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
