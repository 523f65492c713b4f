/*
 * The least that any container manager must do: new namespaces, a rootfs
 * pivoted into, /proc, and the program.  What lxs needs above this is its own
 * work.  Usage: floor ROOTFS PROGRAM [ARG...]; exits as the program does.
 */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int inside(const char *rootfs, char **command)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(rootfs) < 0 ||
	    syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		perror("floor");
		return 126;
	}
	execve(command[0], command, environ);
	perror(command[0]);
	return 127;
}

int main(int argc, char **argv)
{
	struct clone_args clone = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	long pid;
	int status;

	if (argc < 3) {
		fputs("usage: floor ROOTFS PROGRAM [ARG...]\n", stderr);
		return 2;
	}
	pid = syscall(SYS_clone3, &clone, sizeof clone);
	if (pid < 0) {
		perror("clone3");
		return 1;
	}
	if (pid == 0)
		_exit(inside(argv[1], argv + 2));
	if (waitpid((pid_t)pid, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
