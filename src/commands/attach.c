/* lxs-attach: its options, handed to container_attach(). */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/personality.h>

#include "commands/commands.h"
#include "commands/lists.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

struct attach {
	unsigned elevate;
	bool clear_env, remount;
	unsigned long long namespaces;
	long long personality, uid, gid;
	const char *pty_log, *label;
	struct strings keep, set;
};

#define FIELD(name) offsetof(struct attach, name)

static int add_elevation(void *data, const char *word, struct error *err)
{
	static const struct { const char *word; unsigned bit; } rows[] = {
		{ "CAP", ATTACH_ELEVATE_CAP }, { "CGROUP", ATTACH_ELEVATE_CGROUP }, { "LSM", ATTACH_ELEVATE_LSM },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(word, rows[i].word) != 0)
			continue;
		*(unsigned *)data |= rows[i].bit;
		return 0;
	}
	return error_set(err, 0, "-e knows CAP, CGROUP and LSM, not '%s'", word);
}

static int parse_elevate(void *options, const char *argument, struct error *err)
{
	struct attach *attach = options;

	attach->elevate = argument && *argument ? 0 : ATTACH_ELEVATE_ALL;
	return argument ? list_each(argument, &attach->elevate, add_elevation, err) : 0;
}

/* With fewer namespaces the command sees the host, where the container's restrictions mean little: LXC's rule. */
static int parse_namespaces(void *options, const char *argument, struct error *err)
{
	struct attach *attach = options;

	attach->elevate = ATTACH_ELEVATE_ALL;
	return list_namespaces(argument, &attach->namespaces, err);
}

static int parse_arch(void *options, const char *argument, struct error *err)
{
	static const char *const bits32[] = {
		"arm", "armel", "armhf", "armv7l", "athlon", "i386", "i486", "i586", "i686", "linux32", "mips",
		"mipsel", "ppc", "powerpc", "x32", "x86", NULL };
	static const char *const bits64[] = {
		"aarch64", "amd64", "arm64", "linux64", "loongarch64", "loong64", "mips64", "mips64el", "ppc64",
		"ppc64el", "ppc64le", "powerpc64", "riscv64", "s390x", "x86_64", NULL };
	const struct { const char *const *names; long long personality; } sets[] = {
		{ bits32, PER_LINUX32 }, { bits64, PER_LINUX },
	};
	struct attach *attach = options;

	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		for (const char *const *name = sets[i].names; *name; name++) {
			if (strcmp(*name, argument) != 0)
				continue;
			attach->personality = sets[i].personality;
			return 0;
		}
	}
	return error_set(err, 0, "unknown architecture '%s'", argument);
}

static int parse_id(const char *option, const char *text, long long *ret, struct error *err)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	/* 4294967295 is (uid_t)-1, which setuid(2) takes for "leave it". */
	if (text[0] < '0' || text[0] > '9' || *end || errno || number >= 4294967295ULL)
		return error_set(err, 0, "%s needs a number, not '%s'", option, text);
	*ret = (long long)number;
	return 0;
}

static int parse_uid(void *options, const char *argument, struct error *err)
{
	return parse_id("--uid", argument, &((struct attach *)options)->uid, err);
}

static int parse_gid(void *options, const char *argument, struct error *err)
{
	return parse_id("--gid", argument, &((struct attach *)options)->gid, err);
}

static const struct option_row rows[] = {
	{ 'e', "elevated-privileges", "LIST",
	  "keep privileges that the container does not have: CAP, CGROUP,\n"
	  "LSM, joined by '|'; without a list all three", OPTION_OPTIONAL_CUSTOM, 0, parse_elevate },
	{ 'a', "arch", "ARCH", "the architecture that the command shall see", OPTION_CUSTOM, 0, parse_arch },
	{ 's', "namespaces", "LIST",
	  "attach to these namespaces only: MOUNT, PID, UTSNAME, IPC, USER,\n"
	  "NETWORK, CGROUP, TIME, joined by '|'; implies -e", OPTION_CUSTOM, 0, parse_namespaces },
	{ 'R', "remount-sys-proc", NULL, "mount /proc and /sys anew when MOUNT is not among -s", OPTION_FLAG,
	  FIELD(remount), NULL },
	{ 0, "clear-env", NULL, "begin with an empty environment", OPTION_FLAG, FIELD(clear_env), NULL },
	{ 0, "keep-env", NULL, "keep the environment (default)", OPTION_FLAG_OFF, FIELD(clear_env), NULL },
	{ 'L', "pty-log", "FILE", "append what the terminal shows to FILE", OPTION_STRING, FIELD(pty_log), NULL },
	{ 'v', "set-var", "VAR=VALUE", "set a variable for the command; may be repeated", OPTION_STRINGS,
	  FIELD(set), NULL },
	{ 0, "keep-var", "VAR", "keep this variable despite --clear-env; may be repeated", OPTION_STRINGS,
	  FIELD(keep), NULL },
	{ 'u', "uid", "UID", "run the command with this user id", OPTION_CUSTOM, 0, parse_uid },
	{ 'g', "gid", "GID", "run the command with this group id", OPTION_CUSTOM, 0, parse_gid },
	{ 'c', "context", "LABEL", "run the command with this security label", OPTION_STRING, FIELD(label), NULL },
	{ 0 },
};

static void attach_prepare(void *options)
{
	*(struct attach *)options = (struct attach){ .personality = -1, .uid = -1, .gid = -1 };
}

static int check(const struct attach *attach, struct error *err)
{
	if (attach->label && (attach->elevate & ATTACH_ELEVATE_LSM))
		return error_set(err, 0, "a label (-c) and elevated LSM privileges (-e, -s) exclude each other");
	for (size_t i = 0; i < attach->set.count; i++) {
		const char *equals = strchr(attach->set.items[i], '=');

		if (!equals || equals == attach->set.items[i])
			return error_set(err, 0, "--set-var needs VAR=VALUE, not '%s'", attach->set.items[i]);
	}
	return 0;
}

static int attach_run(struct invocation *call, struct error *err)
{
	const struct attach *attach = call->options;
	const struct attach_options options = {
		.command = call->count ? call->arguments : NULL,
		.elevate = attach->elevate,
		.namespaces = attach->namespaces,
		.remount_sys_proc = attach->remount,
		.clear_env = attach->clear_env,
		.keep = (char *const *)attach->keep.items,
		.set = (char *const *)attach->set.items,
		.personality = attach->personality,
		.pty_log = attach->pty_log,
		.label = attach->label,
		.uid = attach->uid,
		.gid = attach->gid,
	};
	int code;

	if (check(attach, err) < 0)
		return -1;
	/* Only a config that was asked for is read: run state has all that the running container needs. */
	code = container_attach(&call->container, &options, err);
	if (code > 0 && err->message && !call->quiet)
		error_print(err, stderr, call->program, call->container.name);
	return code;
}

const struct command command_attach = {
	.name = "attach",
	.summary = "Run a command, or a shell, in a running container.",
	.synopsis = "[options] [-- COMMAND [ARG...]]",
	.options = rows,
	.options_size = sizeof(struct attach),
	.needs = NEEDS_NAME | RCFILE_SHORT,
	.prepare = attach_prepare,
	.run = attach_run,
};
