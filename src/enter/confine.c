/*
 * Giving up: what the container's init may not do, the command may not do
 * either.  The order of these functions is in enter.c.
 */
#include "enter/request.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { FILTER_MAX = 32768 }; /* bytes: BPF_MAXINSNS instructions of 8 */

/* Nobody inside may trace us or look through /proc at what we hold, from now until the exec. */
int protect_self(struct request *request)
{
	(void)request;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return report(ENTER_PROTECT, errno, NULL);
	/* The caller's keys stay outside.  Without keyrings in the kernel there is nothing to keep. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return report(ENTER_PROTECT, errno, "session keyring");
	return 0;
}

/* Opened in the host's /proc: a guest's own could lead the label elsewhere. */
int open_label(struct request *request)
{
	if (!request->label)
		return 0;
	if (strncmp(request->label, ENTER_APPARMOR, strlen(ENTER_APPARMOR)) == 0)
		request->attr = open("/proc/thread-self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
	/* Where there are several modules this is another's; before Linux 5.8 there is no folder of AppArmor's own. */
	if (request->attr < 0)
		request->attr = open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
	return request->attr < 0 ? report(ENTER_LABEL, errno, request->label) : 0;
}

int write_label(struct request *request)
{
	size_t length;

	if (!request->label)
		return 0;
	length = strlen(request->label);
	if (write(request->attr, request->label, length) != (ssize_t)length)
		return report(ENTER_LABEL, errno, request->label);
	close(request->attr);
	request->attr = -1;
	return 0;
}

static int capabilities_set(unsigned long permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	for (int half = 0; half < 2; half++)
		data[half].effective = data[half].permitted = (__u32)(permitted >> (32 * half));
	return (int)syscall(SYS_capset, &header, data);
}

static int capabilities_get(unsigned long *permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	*permitted = data[0].permitted | (unsigned long)data[1].permitted << 32;
	return 0;
}

/* The bounding set is what an exec as root can give back; inheritable and ambient end empty. */
int drop_capabilities(struct request *request)
{
	unsigned long permitted;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return report(ENTER_CAPABILITIES, errno, NULL);
	if (capabilities_get(&permitted) < 0 || capabilities_set(permitted) < 0)
		return report(ENTER_CAPABILITIES, errno, NULL);
	for (int number = 0; request->bounding >= 0 && number < 64; number++) {
		if (prctl(PR_CAPBSET_READ, number) < 0)
			break; /* past the last one that this kernel knows */
		if (!(request->bounding >> number & 1) && prctl(PR_CAPBSET_DROP, number) < 0)
			return report(ENTER_CAPABILITIES, errno, NULL);
	}
	return 0;
}

int set_no_new_privs(struct request *request)
{
	if (request->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report(ENTER_NO_NEW_PRIVS, errno, NULL);
	return 0;
}

static bool has_notify(const struct sock_fprog *program)
{
	for (unsigned i = 0; i < program->len; i++)
		if (program->filter[i].code == (BPF_RET | BPF_K) &&
		    (program->filter[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

/* As init does it: whoever answers has the listener before anything can be asked. */
static int load_listener(struct request *request, const struct sock_fprog *program, unsigned long flags)
{
	int listener;

	flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
	if (listener < 0)
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	if (listener < 0)
		return report(ENTER_SECCOMP, errno, NULL);
	if (report_descriptor(ENTER_LISTENER, 0, listener) < 0 || await_go(request) < 0)
		return -1;
	close(listener);
	return 0;
}

/* A filter that the launcher made for init, as it lies in the run directory: flags, then the program. */
static int load_filter(struct request *request, int from)
{
	struct {
		uint64_t flags;
		struct sock_filter instructions[FILTER_MAX / sizeof(struct sock_filter)];
	} file;
	struct sock_fprog program = { .filter = file.instructions };
	ssize_t length;

	if (from < 0)
		return 0;
	length = pread(from, &file, sizeof file, 0) - (ssize_t)sizeof file.flags;
	if (length <= 0 || length % (ssize_t)sizeof file.instructions[0])
		return report(ENTER_SECCOMP, length < 0 ? errno : EINVAL, "reading it");
	program.len = (unsigned short)((size_t)length / sizeof file.instructions[0]);
	if (has_notify(&program))
		return load_listener(request, &program, (unsigned long)file.flags);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned long)file.flags, &program) < 0)
		return report(ENTER_SECCOMP, errno, NULL);
	return 0;
}

/* As with init: the profile may forbid to load another one. */
int load_filters(struct request *request)
{
	return load_filter(request, (int)request->clock) < 0 ? -1 : load_filter(request, (int)request->seccomp);
}

/*
 * Last, since all before may need what uid 0 may do.  A process of root keeps
 * only what its command will have anyway: a guest that traces it wins nothing.
 */
int take_identity(struct request *request)
{
	unsigned long permitted;

	/* A user namespace may deny setgroups: the groups are the caller's own then, which mean nothing inside. */
	if (setgroups(0, NULL) < 0 && !(errno == EPERM && request->namespaces & CLONE_NEWUSER))
		return report(ENTER_IDENTITY, errno, NULL);
	if (setgid((gid_t)request->gid) < 0 || setuid((uid_t)request->uid) < 0)
		return report(ENTER_IDENTITY, errno, NULL);
	if (prctl(PR_SET_DUMPABLE, 0) < 0) /* a change of uid sets it anew */
		return report(ENTER_PROTECT, errno, NULL);
	if (request->bounding < 0)
		return 0;
	if (capabilities_get(&permitted) < 0 ||
	    capabilities_set(permitted & (unsigned long)request->bounding) < 0)
		return report(ENTER_CAPABILITIES, errno, NULL);
	return 0;
}
