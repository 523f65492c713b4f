/*
 * Who calls, and with whose rights what is done: the namespace is opened with
 * the caller's, and afterwards nothing is kept of root's but CAP_NET_ADMIN.
 */
#include "usernic/usernic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/own.h"

int caller_become(struct error *err)
{
	if (geteuid() != 0) {
		error_set(err, 0, "only root can give interfaces, and this program does not run as root");
		return error_hint(err, "chmod u+s " PKGLIBEXECDIR "/lxs-user-nic, as root, lets users call it");
	}
	/* With the effective id go all effective capabilities; the saved one brings them back. */
	return seteuid(getuid()) < 0 ? error_set(err, errno, "cannot act as the caller") : 0;
}

static bool number_read(const char *text, int *ret)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > 0x7fffffff)
		return false;
	*ret = (int)number;
	return true;
}

int namespace_open(const char *word)
{
	char path[64];
	int number;

	if (strncmp(word, "fd:", 3) == 0)
		return number_read(word + 3, &number) ? fcntl(number, F_DUPFD_CLOEXEC, 3) : -1;
	if (!number_read(word, &number))
		return -1;
	snprintf(path, sizeof path, "/proc/%d/ns/net", number);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Without libcap: one capability is not worth a library in a program of this kind. */
int privilege_take(struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = 1U << CAP_NET_ADMIN, .permitted = 1U << CAP_NET_ADMIN },
	};
	sigset_t all;

	/* With the real id goes the caller's right to send it signals; those of his timers and limits are not heard. */
	if (seteuid(0) < 0 || setresuid(0, 0, 0) < 0)
		return error_set(err, errno, "cannot act as root");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (syscall(SYS_capset, &header, data) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot confine itself");
	return 0;
}

static bool is_ours(int namespace)
{
	struct stat theirs, ours;

	/* What cannot be told apart is taken for ours. */
	return fstat(namespace, &theirs) < 0 || stat("/proc/self/ns/net", &ours) < 0 ||
	       (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino);
}

bool namespace_belongs(int namespace, uid_t uid)
{
	owned_fd users = -1;
	struct statfs kind;
	uid_t owner;

	if (namespace < 0 || fstatfs(namespace, &kind) < 0 || kind.f_type != NSFS_MAGIC ||
	    ioctl(namespace, NS_GET_NSTYPE) != CLONE_NEWNET || is_ours(namespace))
		return false;
	users = ioctl(namespace, NS_GET_USERNS);
	return users >= 0 && ioctl(users, NS_GET_OWNER_UID, &owner) == 0 && owner == uid;
}
