/*
 * faulty WHAT N COMMAND [ARG...]: runs it, and at the Nth call by which it or
 * a child of it would change a file or a mount, something happens in place of
 * the call.  WHAT is `kill`: COMMAND's first process gets SIGKILL, as by
 * kill(1), and what it has started is left to itself; or an errno value, 5 for
 * EIO, 28 for ENOSPC: the call fails with it.
 *
 * Exit: that of COMMAND; 250: it was killed; 251: it made fewer calls.  What
 * was hit is printed on descriptor 9, if that is open: "CALL PATH".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "registers of x86-64 only"
#endif

enum { KILLED = 250, TOO_FEW = 251, NO_ARGUMENT = -1 };

/* `path`: the argument that is one; `fd`: the one that is a descriptor of what is written. */
static const struct row { int number; const char *name; int path, fd; } rows[] = {
#define ROW(name, path, fd) { SYS_##name, #name, path, fd }
	ROW(open, 0, -1), ROW(openat, 1, -1), ROW(creat, 0, -1), ROW(write, -1, 0), ROW(pwrite64, -1, 0), ROW(writev, -1, 0),
	ROW(sendfile, -1, 0), ROW(copy_file_range, -1, 2), ROW(ftruncate, -1, 0), ROW(truncate, 0, -1), ROW(fallocate, -1, 0),
	ROW(rename, 0, -1), ROW(renameat, 1, -1), ROW(renameat2, 1, -1), ROW(link, 0, -1), ROW(linkat, 1, -1),
	ROW(unlink, 0, -1), ROW(unlinkat, 1, -1), ROW(mkdir, 0, -1), ROW(mkdirat, 1, -1), ROW(rmdir, 0, -1),
	ROW(symlink, 1, -1), ROW(symlinkat, 2, -1), ROW(mknod, 0, -1), ROW(mknodat, 1, -1), ROW(chmod, 0, -1),
	ROW(fchmod, -1, 0), ROW(fchmodat, 1, -1), ROW(chown, 0, -1), ROW(fchown, -1, 0), ROW(lchown, 0, -1),
	ROW(fchownat, 1, -1), ROW(utimensat, 1, -1), ROW(setxattr, 0, -1), ROW(lsetxattr, 0, -1), ROW(fsetxattr, -1, 0),
	ROW(fsync, -1, 0), ROW(syncfs, -1, 0), ROW(mount, 1, -1), ROW(move_mount, 3, -1), ROW(umount2, 0, -1), ROW(fsmount, -1, -1),
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const kinds[] = { "kill" };

static void fail(const char *what)
{
	perror(what);
	exit(252);
}

/* The listed calls are shown to the tracer, all others are none of its business. */
static void filter_load(void)
{
	struct sock_filter filter[2 * ROWS + 2];
	size_t count = 0;

	filter[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ROWS; i++) {
		filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rows[i].number, 0, 1);
		filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){ (unsigned short)count, filter }) < 0)
		fail("seccomp");
}

static const struct row *row_of(long number)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

static unsigned long argument(const struct user_regs_struct *registers, int number)
{
	const unsigned long arguments[] = { registers->rdi, registers->rsi, registers->rdx, registers->r10, registers->r8 };

	return arguments[number];
}

/* The path that the call is about, "" when it has none. */
static void path_of(pid_t pid, const struct user_regs_struct *registers, const struct row *row, char path[PATH_MAX])
{
	char link[64];
	ssize_t length = 0;

	path[0] = '\0';
	if (row->fd >= 0) {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", pid, (int)argument(registers, row->fd));
		length = readlink(link, path, PATH_MAX - 1);
		path[length > 0 ? length : 0] = '\0';
		return;
	}
	for (size_t at = 0; row->path >= 0 && at + sizeof(long) < PATH_MAX; at += sizeof(long)) {
		long word = ptrace(PTRACE_PEEKDATA, pid, argument(registers, row->path) + at, NULL);

		memcpy(path + at, &word, sizeof word);
		path[at + sizeof word] = '\0';
		if (strlen(path) < at + sizeof word)
			return;
	}
}

/* Pipes, sockets, terminals and the kernel's own files are not what is meant; nor is an open that only looks. */
static int changes(const struct user_regs_struct *registers, const struct row *row, const char *path)
{
	static const char *const others[] = { "pipe:", "socket:", "anon_inode", "/proc/", "/dev/", "/memfd:", "/sys/" };
	unsigned long flags = row->number == SYS_open ? registers->rsi : registers->rdx;

	/* What it says is not what it does. */
	if (row->fd >= 0 && (int)argument(registers, row->fd) < 3)
		return 0;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strncmp(path, others[i], strlen(others[i])) == 0)
			return 0;
	return (row->number != SYS_open && row->number != SYS_openat) || (flags & (O_CREAT | O_TRUNC)) != 0;
}

struct fault { int error; long number, seen; pid_t first; int killed; };

static void at_call(pid_t pid, struct fault *fault)
{
	struct user_regs_struct registers;
	const struct row *row;
	char path[PATH_MAX];

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0 || !(row = row_of((long)registers.orig_rax)))
		return;
	path_of(pid, &registers, row, path);
	if (!changes(&registers, row, path) || ++fault->seen != fault->number)
		return;
	dprintf(9, "%s %s\n", row->name, path);
	if (fault->error == 0) {
		fault->killed = 1;
		kill(fault->first, SIGKILL);
		return;
	}
	registers.orig_rax = -1UL;
	registers.rax = (unsigned long)-fault->error;
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
}

/* One thing that a process of it has come to; goes on with it. */
static void attend(pid_t pid, int status, struct fault *fault)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_SECCOMP)
		at_call(pid, fault);
	/* A new process begins with a stop of its own, and so does what exec(2) made. */
	ptrace(PTRACE_CONT, pid, NULL, event || signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
}

static int follow(struct fault *fault)
{
	int status, result = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid > 0 && WIFSTOPPED(status))
			attend(pid, status, fault);
		else if (pid == fault->first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	if (fault->killed)
		return KILLED;
	return fault->seen < fault->number ? TOO_FEW : result;
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	struct fault fault = { 0 };
	int status;

	if (argc < 4)
		return 252;
	fault.error = strcmp(argv[1], kinds[0]) == 0 ? 0 : (int)strtol(argv[1], NULL, 10);
	fault.number = strtol(argv[2], NULL, 10);
	fault.first = fork();
	if (fault.first == 0) {
		close(9);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			fail("trace");
		raise(SIGSTOP);
		filter_load();
		execvp(argv[3], argv + 3);
		fail(argv[3]);
	}
	if (waitpid(fault.first, &status, 0) != fault.first || ptrace(PTRACE_SETOPTIONS, fault.first, NULL, options) < 0)
		fail("trace");
	ptrace(PTRACE_CONT, fault.first, NULL, 0);
	return follow(&fault);
}
