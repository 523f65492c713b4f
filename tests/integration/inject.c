/*
 * inject PID PATH: what open(2) says when that process asks for PATH, for
 * reading and then for making it anew: two errno values, 0 for an open that
 * worked (and is closed again).  inject PID OTHER: what kill(2) says when it
 * looks for the process OTHER, and connect(2) when it calls where nobody
 * listens, by TCP.  The process is stopped in a system call of
 * its own, made to do these, and goes on as if nothing had been.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "registers of x86-64 only"
#endif

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

/* One system call in the stopped process, at the instruction it is in. */
static long call(pid_t pid, const struct user_regs_struct *saved, long number, long first, long second, long third,
		 long fourth)
{
	struct user_regs_struct registers = *saved;
	int status;

	registers.rip = saved->rip - 2;
	registers.rax = (unsigned long)number;
	registers.orig_rax = -1UL;
	registers.rdi = (unsigned long)first;
	registers.rsi = (unsigned long)second;
	registers.rdx = (unsigned long)third;
	registers.r10 = (unsigned long)fourth;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &registers) < 0 || ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 ||
	    waitpid(pid, &status, 0) != pid || ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		fail("single step");
	return (long)registers.rax;
}

static long errno_of(long result)
{
	return result < 0 ? -result : 0;
}

static void ask_opens(pid_t pid, const struct user_regs_struct *saved, long path)
{
	static const int flags[] = { O_RDONLY, O_WRONLY | O_CREAT };

	for (int i = 0; i < 2; i++) {
		long result = call(pid, saved, SYS_openat, AT_FDCWD, path, flags[i], 0600);

		printf("%s%ld", i ? " " : "", errno_of(result));
		if (result >= 0)
			call(pid, saved, SYS_close, result, 0, 0, 0);
	}
}

static void ask_others(pid_t pid, const struct user_regs_struct *saved, long other, long address)
{
	long fd = call(pid, saved, SYS_socket, AF_INET, SOCK_STREAM, 0, 0);

	printf("%ld ", errno_of(call(pid, saved, SYS_kill, other, 0, 0, 0)));
	printf("%ld", errno_of(call(pid, saved, SYS_connect, fd, address, sizeof(struct sockaddr_in), 0)));
	call(pid, saved, SYS_close, fd, 0, 0, 0);
}

int main(int argc, char **argv)
{
	const struct sockaddr_in nobody = {
		.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	pid_t pid = argc == 3 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
	long other = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct user_regs_struct saved;
	char room[256] = "";
	long address;
	int status;

	if (pid <= 0 || strlen(argv[2]) >= sizeof room)
		return 2;
	if (other)
		memcpy(room, &nobody, sizeof nobody);
	else
		strcpy(room, argv[2]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 ||
	    waitpid(pid, &status, 0) != pid || ptrace(PTRACE_GETREGS, pid, NULL, &saved) < 0)
		fail("stop");
	address = (long)saved.rsp - 8192;
	for (size_t at = 0; at < sizeof room; at += sizeof(long)) {
		long word;

		memcpy(&word, room + at, sizeof word);
		if (ptrace(PTRACE_POKEDATA, pid, address + (long)at, word) < 0)
			fail("write");
	}
	if (other)
		ask_others(pid, &saved, other, address);
	else
		ask_opens(pid, &saved, address);
	putchar('\n');
	/* The call it was in is begun anew by the kernel, as after any signal. */
	if (ptrace(PTRACE_SETREGS, pid, NULL, &saved) < 0 || ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0)
		fail("let go");
	return 0;
}
