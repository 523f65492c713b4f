/*
 * From a profile to a program for the kernel, by libseccomp.  The rules are
 * added for the native architecture and each one this kernel runs beside it,
 * as LXC does.  Apart from launch/seccomp.c because a start needs this only when the
 * program is not in the cache.
 */
#include "policy/filter.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"
#include "policy/profile_json.h"

/* Machines by libseccomp's token: LXC's word, and what runs there as well. */
static const struct machine {
	uint32_t native;
	const char *section;
	uint32_t beside[2];
} machines[] = {
	{ SCMP_ARCH_X86_64, "x86_64", { SCMP_ARCH_X86, SCMP_ARCH_X32 } },
	{ SCMP_ARCH_X86, "x86", { 0 } },
	{ SCMP_ARCH_AARCH64, "arm64", { SCMP_ARCH_ARM } },
	{ SCMP_ARCH_ARM, "arm", { 0 } },
	{ SCMP_ARCH_PPC64LE, "ppc64le", { 0 } },
	{ SCMP_ARCH_PPC64, "ppc64", { SCMP_ARCH_PPC } },
	{ SCMP_ARCH_PPC, "ppc", { 0 } },
	{ SCMP_ARCH_MIPS64, "mips64", { SCMP_ARCH_MIPS, SCMP_ARCH_MIPS64N32 } },
	{ SCMP_ARCH_MIPSEL64, "mipsel64", { SCMP_ARCH_MIPSEL, SCMP_ARCH_MIPSEL64N32 } },
	{ SCMP_ARCH_S390X, "s390x", { SCMP_ARCH_S390 } },
	{ SCMP_ARCH_S390, "s390", { 0 } },
	{ SCMP_ARCH_RISCV64, "riscv64", { 0 } },
};

static const struct machine *machine_here(void)
{
	static const struct machine unknown = { SCMP_ARCH_NATIVE, "", { 0 } };
	uint32_t native = seccomp_arch_native();

	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (machines[i].native == native)
			return &machines[i];
	return &unknown;
}

const char *seccomp_native(void)
{
	return machine_here()->section;
}

static uint32_t action_value(struct profile_action action)
{
	static const uint32_t values[] = {
		[VERB_KILL] = SCMP_ACT_KILL, [VERB_KILL_PROCESS] = SCMP_ACT_KILL_PROCESS, [VERB_ALLOW] = SCMP_ACT_ALLOW,
		[VERB_TRAP] = SCMP_ACT_TRAP, [VERB_NOTIFY] = SCMP_ACT_NOTIFY, [VERB_LOG] = SCMP_ACT_LOG,
		[VERB_ERRNO] = SCMP_ACT_ERRNO(0), [VERB_TRACE] = SCMP_ACT_TRACE(0),
	};

	/* Only errno and trace have a number. */
	return values[action.verb] | action.number;
}

static struct scmp_arg_cmp argument_value(const struct profile_argument *argument)
{
	static const enum scmp_compare compares[] = {
		[COMPARE_NE] = SCMP_CMP_NE, [COMPARE_LT] = SCMP_CMP_LT, [COMPARE_LE] = SCMP_CMP_LE,
		[COMPARE_EQ] = SCMP_CMP_EQ, [COMPARE_GE] = SCMP_CMP_GE, [COMPARE_GT] = SCMP_CMP_GT,
		[COMPARE_MASKED] = SCMP_CMP_MASKED_EQ,
	};
	bool masked = argument->compare == COMPARE_MASKED;

	return (struct scmp_arg_cmp){
		argument->index, compares[argument->compare],
		masked ? argument->mask : argument->value, masked ? argument->value : 0,
	};
}

/* ---- names ---- */

enum { SYSCALL_NUMBERS = 600 };

/* The native syscall whose name is nearest; allocated, NULL: none. */
static char *nearest_syscall(const char *written)
{
	unsigned best = text_tolerance(written) + 1;
	char *found = NULL;

	for (int number = 0; number < SYSCALL_NUMBERS; number++) {
		owned_str name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
		unsigned distance = name ? text_distance(written, name) : best;

		if (distance >= best)
			continue;
		best = distance;
		free(found);
		found = steal_ptr(name);
	}
	return found;
}

/* "PATH:LINE" or "PATH: syscalls[N]"; returns `text`. */
static const char *rule_place(const struct profile *profile, const char *path, const struct profile_rule *rule,
			      char text[static 512])
{
	snprintf(text, 512, profile->json ? "%.480s: syscalls[%u]" : "%.480s:%u", path, rule->line);
	return text;
}

static bool is_known(const struct profile_rule *rule)
{
	return !rule->name || seccomp_syscall_resolve_name(rule->name) != __NR_SCMP_ERROR;
}

/*
 * LXC passes over names it does not know; a slip then leaves a hole nobody
 * sees.  A name that exists on any architecture is fine.
 */
static int names_check(const struct profile *profile, const char *path, struct error *err)
{
	char place[512];

	for (size_t i = 0; i < profile->count; i++) {
		const struct profile_rule *rule = &profile->rules[i];
		owned_str near = NULL;

		if (rule->if_known || is_known(rule))
			continue;
		error_set(err, 0, "%s: there is no system call '%s'", rule_place(profile, path, rule, place), rule->name);
		near = nearest_syscall(rule->name);
		if (near)
			return error_hint(err, "did you mean %s?", near);
		return error_hint(err, "the installed libseccomp does not know it: correct the name or remove the line");
	}
	return 0;
}

/* ---- compiling ---- */

/* One filter, for one architecture at first; others are merged into it. */
struct compiler {
	const struct profile *profile;
	const char *path;
	struct error *err;
};

/*
 * libseccomp takes numbers of the native architecture for any filter and
 * translates them by name; negative ones stand for syscalls of others.
 * -EDOM: not there on this architecture.
 */
static int rule_add(const struct compiler *compiler, scmp_filter_ctx filter, const struct profile_rule *rule)
{
	struct scmp_arg_cmp arguments[PROFILE_ARGUMENTS];
	int number = rule->name ? seccomp_syscall_resolve_name(rule->name) : (int)rule->number, code;
	char place[512];

	/* No different from what happens anyway. */
	if (!is_known(rule) || action_value(rule->action) == action_value(compiler->profile->otherwise))
		return 0;
	for (size_t i = 0; i < rule->argument_count; i++)
		arguments[i] = argument_value(&rule->arguments[i]);
	code = seccomp_rule_add_exact_array(filter, action_value(rule->action), number,
					    (unsigned)rule->argument_count, arguments);
	if (code < 0 && code != -EDOM)
		return error_set(compiler->err, -code, "%s: libseccomp refuses the rule",
				 rule_place(compiler->profile, compiler->path, rule, place));
	return 0;
}

static int umount_add(const struct compiler *compiler, scmp_filter_ctx filter)
{
	struct scmp_arg_cmp forced = { 1, SCMP_CMP_MASKED_EQ, MNT_FORCE, MNT_FORCE };
	int code;

	if (!compiler->profile->reject_force_umount)
		return 0;
	code = seccomp_rule_add_exact_array(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(umount2), 1, &forced);
	if (code < 0 && code != -EDOM)
		return error_set(compiler->err, -code, "%s: libseccomp refuses reject_force_umount", compiler->path);
	return 0;
}

static int rules_add(const struct compiler *compiler, scmp_filter_ctx filter)
{
	const struct profile *profile = compiler->profile;

	for (size_t i = 0; i < profile->count; i++)
		if (rule_add(compiler, filter, &profile->rules[i]) < 0)
			return -1;
	return umount_add(compiler, filter);
}

static scmp_filter_ctx filter_new(const struct compiler *compiler, uint32_t arch)
{
	scmp_filter_ctx filter = seccomp_init(action_value(compiler->profile->otherwise));

	if (!filter) {
		error_set(compiler->err, ENOMEM, "%s: no filter can be made", compiler->path);
		return NULL;
	}
	/* Only lxc.no_new_privs sets that, and a tracer that skips a syscall may do so. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	seccomp_attr_set(filter, SCMP_FLTATR_API_TSKIP, 1);
	if (arch != seccomp_arch_native() &&
	    (seccomp_arch_remove(filter, SCMP_ARCH_NATIVE) < 0 || seccomp_arch_add(filter, arch) < 0)) {
		error_set(compiler->err, 0, "%s: libseccomp has no such architecture", compiler->path);
		seccomp_release(filter);
		return NULL;
	}
	if (rules_add(compiler, filter) < 0) {
		seccomp_release(filter);
		return NULL;
	}
	return filter;
}

static int other_merge(const struct compiler *compiler, scmp_filter_ctx filter, uint32_t arch)
{
	scmp_filter_ctx other = filter_new(compiler, arch);
	int code = other ? seccomp_merge(filter, other) : -1;

	if (code < 0 && other) {
		seccomp_release(other);
		return error_set(compiler->err, -code, "%s: filters cannot be merged", compiler->path);
	}
	return code < 0 ? -1 : 0;
}

enum { ARCHITECTURES = 16 };

/* The architectures beside the native one; how many, or -1. */
static int others_list(const struct compiler *compiler, uint32_t others[static ARCHITECTURES])
{
	const struct profile *profile = compiler->profile;
	const uint32_t *beside = machine_here()->beside;
	int count = 0;

	for (int i = 0; !profile->json && !profile->by_number && i < 2 && beside[i]; i++)
		others[count++] = beside[i];
	for (size_t i = 0; i < profile->architecture_count; i++) {
		uint32_t arch = seccomp_arch_resolve_name(profile->architectures[i]);
		int seen = 0;

		while (seen < count && others[seen] != arch)
			seen++;
		if (arch == 0 || count == ARCHITECTURES)
			return error_set(compiler->err, 0, "%s: libseccomp has no architecture '%s'", compiler->path,
					 profile->architectures[i]);
		if (seen == count)
			others[count++] = arch;
	}
	return count;
}

/* ---- calls that are newer than the profile ---- */

enum { X32_BIT = 0x40000000, FLOOR_SIZE = 6 };

/* The greatest number of a call that a rule names. */
static int greatest_number(const struct profile *profile, uint32_t arch)
{
	int greatest = -1;

	for (size_t i = 0; i < profile->count; i++) {
		const char *name = profile->rules[i].name;
		int number = name ? seccomp_syscall_resolve_name_arch(arch, name) : -1;

		greatest = number > greatest ? number : greatest;
	}
	return greatest;
}

/*
 * A profile that lists what is allowed and refuses the rest with EPERM refuses
 * calls that were not invented when it was written, and C libraries fall back
 * to older calls on ENOSYS only.  As with runc, numbers beyond those it names
 * are answered so.
 */
static int floor_write(const struct profile *profile, uint32_t arch, int fd)
{
	int greatest = greatest_number(profile, arch);
	const struct sock_filter program[FLOOR_SIZE] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (unsigned)greatest, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	/* Its token is none that the kernel knows. */
	if (arch == SCMP_ARCH_X32 || greatest < 0)
		return 0;
	return write(fd, program, sizeof program) == sizeof program ? 0 : -1;
}

static bool wants_floor(const struct profile *profile)
{
	return profile->json && profile->otherwise.verb == VERB_ERRNO && profile->otherwise.number != ENOSYS;
}

/* ---- the whole ---- */

/* What stands before libseccomp's program. */
static int head_write(const struct compiler *compiler, const uint32_t *others, int count, int fd)
{
	const struct filter_head head = { compiler->profile->flags };
	int code = write(fd, &head, sizeof head) == sizeof head ? 0 : -1;

	if (wants_floor(compiler->profile)) {
		code |= floor_write(compiler->profile, seccomp_arch_native(), fd);
		for (int i = 0; i < count; i++)
			code |= floor_write(compiler->profile, others[i], fd);
	}
	return code < 0 ? error_set(compiler->err, errno, "%s: the filter cannot be kept", compiler->path) : 0;
}

int seccomp_compile(const struct profile *profile, const char *path, int fd, struct error *err)
{
	const struct compiler compiler = { profile, path, err };
	uint32_t others[ARCHITECTURES];
	int count = others_list(&compiler, others), code;
	scmp_filter_ctx filter;

	if (count < 0 || names_check(profile, path, err) < 0 || head_write(&compiler, others, count, fd) < 0)
		return -1;
	filter = filter_new(&compiler, seccomp_arch_native());
	if (!filter)
		return -1;
	for (int i = 0; i < count; i++)
		if (other_merge(&compiler, filter, others[i]) < 0) {
			seccomp_release(filter);
			return -1;
		}
	code = seccomp_export_bpf(filter, fd);
	seccomp_release(filter);
	return code < 0 ? error_set(err, -code, "%s: the filter cannot be compiled", path) : 0;
}

int filter_build(const struct filter_source *source, int fd, struct error *err)
{
	const struct profile_place place = { seccomp_native(), source->capabilities, source->kernel };
	owned_arena arena = arena_new();
	struct profile profile;
	int parsed;

	if (source->text[strspn(source->text, " \t\r\n")] == '{')
		parsed = profile_json_parse(arena, source->path, source->text, &place, &profile, err);
	else
		parsed = profile_parse(arena, source->path, source->text, place.native, &profile, err);
	return parsed < 0 ? -1 : seccomp_compile(&profile, source->path, fd, err);
}

const char *filter_builder(void)
{
	const struct scmp_version *(*function)(void) = seccomp_version;
	Dl_info found;
	void *address;

	memcpy(&address, &function, sizeof address);
	return dladdr(address, &found) && found.dli_fname ? found.dli_fname : "";
}
