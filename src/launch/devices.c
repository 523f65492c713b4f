/*
 * Applies device rules.  The program is assembled by hand: it is a chain of
 * comparisons, and a compiler or loader for it would be larger than the rest.
 * Called from the table, and by lxs-cgroup for a running container.
 */
#include "launch/devices.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control/lines.h"
#include "launch/cgroup.h"
#include "launch/report.h"
#include "lib/cgroup.h"
#include "lib/own.h"

/* By this name our program is known among others attached to a cgroup. */
static const char program_name[] = "lxs_devices";

/* What each register holds throughout. */
enum { RESULT = 0, CONTEXT = 1, TYPE = 2, WANTED = 3, MAJOR = 4, MINOR = 5, SCRATCH = 6 };

struct assembly {
	struct bpf_insn *code;
	size_t count;
};

static void emit(struct assembly *to, uint8_t code, uint8_t target, uint8_t source, int immediate)
{
	to->code[to->count++] = (struct bpf_insn){ .code = code, .dst_reg = target, .src_reg = source, .imm = immediate };
}

static void emit_load(struct assembly *to, uint8_t target, size_t offset)
{
	emit(to, BPF_LDX | BPF_MEM | BPF_W, target, CONTEXT, 0);
	to->code[to->count - 1].off = (short)offset;
}

static void emit_return(struct assembly *to, bool allow)
{
	emit(to, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, allow);
	emit(to, BPF_JMP | BPF_EXIT, 0, 0, 0);
}

/* The kernel's letters: BPF_DEVCG_ACC_MKNOD 1, READ 2, WRITE 4. */
static int kernel_access(unsigned access)
{
	return ((access & 1) ? BPF_DEVCG_ACC_READ : 0) | ((access & 2) ? BPF_DEVCG_ACC_WRITE : 0) |
	       ((access & 4) ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* Jumps of a rule that does not apply lead behind it; `off` counts instructions. */
static void emit_rule(struct assembly *to, const struct device_rule *rule)
{
	size_t jumps[4], used = 0;

	jumps[used++] = to->count;
	emit(to, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (rule->major >= 0) {
		jumps[used++] = to->count;
		emit(to, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, rule->major);
	}
	if (rule->minor >= 0) {
		jumps[used++] = to->count;
		emit(to, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, rule->minor);
	}
	if (rule->allow) {
		/* These letters are settled; when none is left, all were allowed. */
		emit(to, BPF_ALU64 | BPF_AND | BPF_K, WANTED, 0, ~kernel_access(rule->access));
		jumps[used++] = to->count;
		emit(to, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 0);
	} else {
		emit(to, BPF_ALU64 | BPF_MOV | BPF_X, SCRATCH, WANTED, 0);
		emit(to, BPF_ALU64 | BPF_AND | BPF_K, SCRATCH, 0, kernel_access(rule->access));
		jumps[used++] = to->count;
		emit(to, BPF_JMP | BPF_JEQ | BPF_K, SCRATCH, 0, 0);
	}
	emit_return(to, rule->allow);
	for (size_t i = 0; i < used; i++)
		to->code[jumps[i]].off = (short)(to->count - jumps[i] - 1);
}

size_t device_program(const struct device_rule *rules, size_t count, struct bpf_insn *program)
{
	struct assembly to = { program, 0 };
	size_t first = 0;

	emit_load(&to, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(&to, BPF_ALU64 | BPF_MOV | BPF_X, WANTED, TYPE, 0);
	emit(&to, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0xffff);
	emit(&to, BPF_ALU64 | BPF_RSH | BPF_K, WANTED, 0, 16);
	emit_load(&to, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	emit_load(&to, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = 0; i < count; i++)
		if (rules[i].type == 'a')
			first = i;
	/* Newest first: a later line counts more. */
	for (size_t i = count; i > first + 1; i--)
		emit_rule(&to, &rules[i - 1]);
	emit_return(&to, count == 0 || rules[first].allow);
	return to.count;
}

int device_rule_resolve(struct device_rule *rule)
{
	struct stat node;

	if (!rule->path)
		return 0;
	if (stat(rule->path, &node) < 0)
		return -errno;
	if (!S_ISCHR(node.st_mode) && !S_ISBLK(node.st_mode))
		return -ENODEV;
	rule->type = S_ISCHR(node.st_mode) ? 'c' : 'b';
	rule->major = (int)major(node.st_rdev);
	rule->minor = (int)minor(node.st_rdev);
	rule->path = NULL;
	return 0;
}

/* ---- attaching ---- */

static int bpf_call(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int program_load(const struct bpf_insn *code, size_t count)
{
	union bpf_attr attr = { 0 };

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insn_cnt = (uint32_t)count;
	attr.insns = (uintptr_t)code;
	attr.license = (uintptr_t)"GPL";
	memcpy(attr.prog_name, program_name, sizeof program_name);
	return bpf_call(BPF_PROG_LOAD, &attr);
}

static bool is_ours(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)program;
	attr.info.info_len = sizeof info;
	attr.info.info = (uintptr_t)&info;
	return bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strcmp(info.name, program_name) == 0;
}

/* Our program attached to this cgroup, or -1. */
static int program_attached(int cgroup)
{
	uint32_t ids[64];
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = sizeof ids / sizeof ids[0];
	if (bpf_call(BPF_PROG_QUERY, &attr) < 0)
		return -1;
	for (uint32_t i = 0, count = attr.query.prog_cnt; i < count; i++) {
		union bpf_attr open = { .prog_id = ids[i] };
		owned_fd program = bpf_call(BPF_PROG_GET_FD_BY_ID, &open);

		if (program >= 0 && is_ours(program))
			return steal_fd(&program);
	}
	return -1;
}

int device_program_attach(int cgroup, const struct device_rule *rules, size_t count)
{
	struct bpf_insn *code = calloc(DEVICE_PROGRAM_MAX(count), sizeof *code);
	owned_fd program = -1, before = -1;
	union bpf_attr attr = { 0 };

	if (!code)
		return -ENOMEM;
	program = program_load(code, device_program(rules, count, code));
	own_free(&code);
	if (program < 0)
		return -errno;
	before = program_attached(cgroup);
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (before >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)before;
	}
	return bpf_call(BPF_PROG_ATTACH, &attr) < 0 ? -errno : 0;
}

/* ---- v1 ---- */

static int rule_write(int cgroup, const struct device_rule *rule)
{
	char text[DEVICE_RULE_TEXT];

	device_rule_format(rule, text);
	return cgroup_write(cgroup, rule->allow ? "devices.allow" : "devices.deny", strchr(text, ' ') + 1);
}

static int rules_write(int cgroup, const struct device_rule *rules, size_t count)
{
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++) {
		/* A new cgroup allows what its parent allows, and says so itself: `allow a` would need all of it. */
		if (i == 0 && rules[i].type == 'a' && rules[i].allow)
			continue;
		code = rule_write(cgroup, &rules[i]);
	}
	return code;
}

/* ---- what is in force, as text: a program cannot be read back, nor exceptions from "all are allowed" on v1 ---- */

static bool must_be_kept(const struct device_rules *rules, bool v2)
{
	return v2 || (rules->count > 1 && rules->items[0].allow);
}

int device_rules_save(int run_dir, const struct device_rules *rules)
{
	owned_str list = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&list, &length);
	char text[DEVICE_RULE_TEXT];

	if (!out)
		return -errno;
	for (size_t i = 0; i < rules->count; i++) {
		device_rule_format(&rules->items[i], text);
		fprintf(out, "%s\n", text);
	}
	if (fclose(out) != 0 || lines_replace(run_dir, "devices", list, length) < 0)
		return -errno;
	return 0;
}

int launch_cgroup_devices(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_cgroup_devices *args = step->args;
	char room[PATH_MAX];
	owned_fd cgroup = cgroup_open(launch_cgroup_actual(launch, args->directory, room, sizeof room));
	struct device_rules rules = { .count = args->count };
	int code = 0;

	if (cgroup < 0)
		return launch_report(step, -cgroup, "", err);
	rules.items = arena_alloc(launch->plan->arena, args->count * sizeof *rules.items);
	memcpy(rules.items, args->rules, args->count * sizeof *rules.items);
	for (size_t i = 0; i < args->count; i++) {
		code = device_rule_resolve(&rules.items[i]);
		if (code < 0)
			return launch_report(step, -code, rules.items[i].path, err);
	}
	code = args->v2 ? device_program_attach(cgroup, rules.items, rules.count)
			: rules_write(cgroup, rules.items, rules.count);
	if (code == 0 && must_be_kept(&rules, args->v2))
		code = device_rules_save(launch->run->fd, &rules);
	return code < 0 ? launch_report(step, -code, "", err) : 0;
}
