/*
 * Capabilities and no_new_privs.  Raw prctl and capset: the container side
 * links to no library here.  Called from the table.
 */
#include "launch/security.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/report.h"
#include "lib/own.h"

/*
 * Drops from the bounding set all but `keep`, up to the last capability of the
 * kernel (EINVAL); empties the inheritable and the ambient set, so that a
 * program with file capabilities or a change of uid gets none of the caller's.
 */
int inside_bounding(struct inside *inside, const struct step *step)
{
	const struct step_bounding *args = step->args;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	for (unsigned number = 0; number < 64; number++) {
		if (args->keep & UINT64_C(1) << number)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break;
		return inside_fail(inside, errno, "capability %u", number);
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return inside_fail(inside, errno, "ambient set");
	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	if ((sets[0].inheritable | sets[1].inheritable) == 0)
		return 0;
	sets[0].inheritable = sets[1].inheritable = 0;
	return syscall(SYS_capset, &header, sets) < 0 ? inside_fail(inside, errno, "inheritable set") : 0;
}

int security_narrow(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	uint64_t keep = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID | UINT64_C(1) << CAP_CHOWN;

	for (unsigned number = 0; number < 64; number++)
		if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) > 0)
			keep |= UINT64_C(1) << number;
	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	for (int half = 0; half < 2; half++) {
		sets[half].permitted &= (uint32_t)(keep >> (32 * half));
		sets[half].effective &= sets[half].permitted;
	}
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

int inside_no_new_privs(struct inside *inside, const struct step *step)
{
	(void)inside;
	(void)step;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* The number after "NAME:\t" in a text of /proc/PID/status, ~0 when it is not there. */
static uint64_t status_number(const char *status, const char *name, int base)
{
	const char *line = strstr(status, name);

	return line ? strtoull(line + strlen(name), NULL, base) : UINT64_MAX;
}

static int status_read(pid_t pid, char *text, size_t size)
{
	char path[40];
	owned_fd file = -1;
	ssize_t got;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	got = read(file, text, size - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	return 0;
}

/* Fails closed: what cannot be read is not as it should be. */
int launch_verify(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_verify *args = step->args;
	char status[4096];
	int code = status_read(launch->init, status, sizeof status);
	uint64_t bounding;

	if (code < 0)
		return launch_report(step, -code, "", err);
	bounding = status_number(status, "\nCapBnd:", 16);
	if (bounding & ~args->bounding)
		return error_set(err, 0, "init holds capabilities it must not have: bounding set %016llx, wanted %016llx",
				 (unsigned long long)bounding, (unsigned long long)args->bounding);
	if (status_number(status, "\nCapInh:", 16) != 0 || status_number(status, "\nCapAmb:", 16) != 0)
		return error_set(err, 0, "init holds inheritable or ambient capabilities");
	if (args->no_new_privs && status_number(status, "\nNoNewPrivs:", 10) != 1)
		return error_set(err, 0, "init runs without no_new_privs");
	if (args->filter && launch->filter && status_number(status, "\nSeccomp:", 10) != 2)
		return error_set(err, 0, "init runs without its seccomp filter");
	return 0;
}
