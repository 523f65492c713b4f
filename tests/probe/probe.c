/*
 * What a container looks like from inside.  A static program that tests put
 * into containers, as the command or as init: it needs no library, no shell
 * and no distribution, answers one question on standard output and leaves.
 * `probe serve` stays as init instead.
 */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct question questions[] = {
	{ "call", "NUMBER [ARGUMENT]...", 1, ask_call }, /* "ok" or the errno word; @TEXT is where TEXT lies */
	{ "caps", "SET", 1, ask_caps },            /* bounding, effective, permitted, inheritable, ambient */
	{ "cgroup", "", 0, ask_cgroup },
	{ "core", "", 0, ask_core },               /* the cookie of its core scheduling domain, or the errno word */
	{ "cwd", "", 0, ask_cwd },
	{ "env", "[NAME]", 0, ask_env },
	{ "exit", "CODE", 1, ask_exit },
	{ "fds", "", 0, ask_fds },                 /* open ones, one number a line */
	{ "filtered", "COMMAND [ARGUMENT]...", 1, ask_filtered }, /* becomes it, under a seccomp filter that allows all */
	{ "hostname", "", 0, ask_hostname },
	{ "id", "", 0, ask_id },                   /* uid=U gid=G groups=A,B */
	{ "keyring", "", 0, ask_keyring },         /* number of the session keyring */
	{ "links", "", 0, ask_links },             /* name flags mac mtu */
	{ "addresses", "", 0, ask_addresses },     /* name address/prefix */
	{ "list", "PATH", 1, ask_list },
	{ "log", "SOCKET", 1, ask_log },           /* is the log of the system there: a line for each message */
	{ "mount", "PATH", 1, ask_mount },         /* type source options of what is mounted there */
	{ "mounts", "", 0, ask_mounts },
	{ "nnp", "", 0, ask_nnp },
	{ "ns", "KIND", 1, ask_ns },
	{ "open", "PATH", 1, ask_open },           /* "ok" or the errno word */
	{ "personality", "", 0, ask_personality }, /* persona machine */
	{ "pid", "", 0, ask_pid },                 /* pid=P ppid=P pgid=P sid=S */
	{ "poweroff", "", 0, ask_poweroff },
	{ "read", "PATH", 1, ask_read },
	{ "readlink", "PATH", 1, ask_readlink },
	{ "reboot", "", 0, ask_reboot },
	{ "rlimit", "NAME", 1, ask_rlimit },       /* soft hard */
	{ "seccomp", "", 0, ask_seccomp },
	{ "serve", "[stubborn]", 0, ask_serve },
	{ "signal", "NUMBER", 1, ask_signal },
	{ "stat", "PATH", 1, ask_stat },           /* type mode uid:gid [major:minor] */
	{ "sysctl", "NAME", 1, ask_sysctl },
	{ "try", "CALL", 1, ask_try },             /* "ok" or the errno word */
	{ "tty", "", 0, ask_tty },
	{ "write", "PATH TEXT", 2, ask_write },
};

int fail(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	return 1;
}

/* strerrorname_np() is glibc's alone. */
const char *error_word(int error)
{
	static char number[16];
	static const struct { int error; const char *word; } words[] = {
		{ EACCES, "EACCES" }, { EBADF, "EBADF" }, { EBUSY, "EBUSY" }, { EEXIST, "EEXIST" },
		{ EFAULT, "EFAULT" }, { EINVAL, "EINVAL" }, { EISDIR, "EISDIR" }, { ELOOP, "ELOOP" },
		{ ENODEV, "ENODEV" }, { ENOENT, "ENOENT" }, { ENOEXEC, "ENOEXEC" }, { ENOSYS, "ENOSYS" },
		{ ENOTDIR, "ENOTDIR" }, { ENXIO, "ENXIO" }, { EPERM, "EPERM" }, { EROFS, "EROFS" },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].error == error)
			return words[i].word;
	snprintf(number, sizeof number, "%d", error);
	return number;
}

/* As init of a container the program has no arguments of its own: it serves. */
static const struct question *question_find(const char *name)
{
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
		if (strcmp(questions[i].name, name) == 0)
			return &questions[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "serve";
	const struct question *question = question_find(name);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!question) {
		fprintf(stderr, "probe: unknown question '%s'\n", name);
		return 2;
	}
	if (argc - 2 < question->arguments) {
		fprintf(stderr, "usage: probe %s %s\n", question->name, question->usage);
		return 2;
	}
	return question->ask(argc > 1 ? argv + 2 : argv + 1);
}
