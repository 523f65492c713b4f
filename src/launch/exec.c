/*
 * From a confined process to init.  Called from the table; only launch_exec(),
 * which opens the small init, runs on the host side.
 */
#include "launch/exec.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/report.h"
#include "lib/own.h"
#include "lib/program.h"

#define SMALL_INIT PKGLIBEXECDIR "/lxs-init"

int launch_exec(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_exec *args = step->args;

	if (!args->small_init || launch->small_init >= 0)
		return 0;
	launch->small_init = program_hold(SMALL_INIT);
	if (launch->small_init < 0)
		return error_set(err, -launch->small_init, "cannot open %s", SMALL_INIT);
	return 0;
}

int inside_stdio(struct inside *inside, const struct step *step)
{
	const struct step_stdio *args = step->args;
	bool terminals_only = args && args->terminals_only;

	if (setsid() < 0 && errno != EPERM)
		return -errno;
	if (inside->console < 0)
		return 0;
	for (int fd = 0; fd < 3; fd++)
		if ((!terminals_only || isatty(fd)) && dup2(inside->console, fd) < 0)
			return -errno;
	/* With the small init the command takes the terminal, and only one session can have it. */
	if (!terminals_only && ioctl(0, TIOCSCTTY, 0) < 0)
		return inside_fail(inside, errno, "the console cannot become the controlling terminal");
	return 0;
}

/* A directory of the container, without /proc's magic links: they would lead to descriptors of the host. */
static int directory_open(int at, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, at, path, &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

/* Walks down from "/", making what is missing (0755).  A descriptor or -errno. */
static int directory_make(const char *path)
{
	int at = directory_open(AT_FDCWD, "/");

	while (at >= 0) {
		char word[256];
		size_t length;
		int next;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 0)
			break;
		if (length >= sizeof word) {
			close(at);
			return -ENAMETOOLONG;
		}
		memcpy(word, path, length);
		word[length] = '\0';
		next = directory_open(at, word);
		if (next == -ENOENT && mkdirat(at, word, 0755) == 0)
			next = directory_open(at, word);
		close(at);
		at = next;
		path += length;
	}
	return at;
}

int inside_directory_change(struct inside *inside, const struct step *step)
{
	const struct step_text *args = step->args;
	owned_fd directory = directory_open(AT_FDCWD, args->text);

	if (directory == -ENOENT)
		directory = directory_make(args->text);
	if (directory == -ELOOP)
		return inside_fail(inside, ECANCELED, "a link of /proc would lead out of the container");
	if (directory < 0)
		return directory;
	return fchdir(directory) < 0 ? -errno : 0;
}

static int groups_set(const struct step_identity *args)
{
	if (args->keep_groups)
		return 0;
	if (syscall(SYS_setgroups, args->group_count, args->groups) < 0) {
		/* Without CAP_SETGID only the empty list may stay as it is. */
		if (args->group_count == 0 && errno == EPERM)
			return 0;
		return -errno;
	}
	return 0;
}

int inside_identity(struct inside *inside, const struct step *step)
{
	const struct step_identity *args = step->args;
	int code;

	for (int fd = 0; fd < 3; fd++)
		if (args->uid != 0 && isatty(fd) && fchown(fd, args->uid, -1) < 0 && errno != EPERM)
			return inside_fail(inside, errno, "the terminal cannot be given to uid %u", args->uid);
	code = groups_set(args);
	if (code < 0)
		return inside_fail(inside, -code, "setgroups");
	if (args->gid != getegid() && syscall(SYS_setresgid, args->gid, args->gid, args->gid) < 0)
		return inside_fail(inside, errno, "gid %u", args->gid);
	if (args->uid != geteuid() && syscall(SYS_setresuid, args->uid, args->uid, args->uid) < 0)
		return inside_fail(inside, errno, "uid %u", args->uid);
	return prctl(PR_SET_PDEATHSIG, args->death_signal, 0, 0, 0) < 0 ? -errno : 0;
}

static const char *environment_find(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

static const struct { unsigned machine; const char *name; } machines[] = {
	{ EM_X86_64, "x86_64" }, { EM_386, "i386" }, { EM_AARCH64, "aarch64" }, { EM_ARM, "arm" },
	{ EM_PPC64, "ppc64" }, { EM_PPC, "ppc" }, { EM_S390, "s390" }, { EM_RISCV, "riscv" }, { EM_MIPS, "mips" },
	{ 0, NULL },
};

/* "#!/bin/sh -e" names /bin/sh; a program has a dynamic loader whose name is deeper in it. */
static int interpreter_explain(struct inside *inside, const char *head)
{
	const char *name = head + 2;

	if (strncmp(head, "#!", 2) != 0)
		return inside_fail(inside, ECANCELED, "the dynamic loader it needs is not there");
	name += strspn(name, " \t");
	return inside_fail(inside, ECANCELED, "its interpreter %.*s is not there", (int)strcspn(name, " \t\n"), name);
}

static int format_explain(struct inside *inside, const Elf32_Ehdr *head)
{
	if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0)
		return inside_fail(inside, ENOEXEC, "it is neither a program nor a script with a '#!' line");
	for (int i = 0; machines[i].name; i++)
		if (machines[i].machine == head->e_machine)
			return inside_fail(inside, ENOEXEC, "it is built for %s", machines[i].name);
	return inside_fail(inside, ENOEXEC, "it is built for another architecture (ELF machine %u)", head->e_machine);
}

/* Why a file that is there cannot be executed: the errno value alone misleads. */
static int exec_explain(struct inside *inside, const char *path, int code)
{
	owned_fd file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); /* it may be a fifo */
	union {
		Elf32_Ehdr elf;
		char text[128];
	} head = { .text = "" };

	if (file < 0 || read(file, head.text, sizeof head - 1) < 0)
		return -code;
	if (code == ENOENT)
		return interpreter_explain(inside, head.text);
	return code == ENOEXEC ? format_explain(inside, &head.elf) : -code;
}

/* As execvp(3), with the PATH init will have.  -errno. */
static int exec_search(struct inside *inside, char *const *argv, char *const *environment)
{
	const char *list = environment_find(environment, "PATH");
	char path[4096];
	int found = ENOENT;

	if (strchr(argv[0], '/')) {
		execve(argv[0], argv, environment);
		return exec_explain(inside, argv[0], errno);
	}
	for (list = list ? list : DEFAULT_PATH; list; list = strchr(list, ':') ? strchr(list, ':') + 1 : NULL) {
		snprintf(path, sizeof path, "%.*s/%s", (int)strcspn(list, ":"), list, argv[0]);
		execve(path, argv, environment);
		if (errno == ENOEXEC || (errno == ENOENT && access(path, F_OK) == 0))
			return exec_explain(inside, path, errno);
		if (errno != ENOENT && errno != ENOTDIR)
			found = errno;
	}
	return inside_fail(inside, found, "not found in %.700s", environment_find(environment, "PATH") ?
			   environment_find(environment, "PATH") : DEFAULT_PATH);
}

int inside_exec(struct inside *inside, const struct step *step)
{
	const struct step_exec *args = step->args;
	char **environment = (char **)args->environment;

	for (char **entry = environment; *entry; entry++)
		if (strcmp(*entry, "container_ttys=") == 0 && *inside->container_ttys)
			*entry = inside->container_ttys;
	/* Descriptors of a caller that forgot to close them stay out. */
	syscall(SYS_close_range, 3 + inside->passed, ~0U, CLOSE_RANGE_CLOEXEC);
	if (!args->small_init)
		return exec_search(inside, args->argv, environment);
	syscall(SYS_execveat, inside->launch->small_init, "", args->argv, environment, AT_EMPTY_PATH);
	return inside_fail(inside, errno, "the small init");
}
