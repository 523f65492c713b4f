/*
 * Process properties of init.  Called from the table; nothing here is
 * security: that is security.c.
 */
#include "launch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/label.h"
#include "launch/report.h"
#include "lib/own.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_CREATE 1
#define PR_SCHED_CORE_SCOPE_THREAD_GROUP 1
#endif

enum { FILE_NAME_MAX = 256 };

/* "net.ipv4.ip_forward" as a path below /proc/sys.  0 or -ENAMETOOLONG. */
static int dots_to_slashes(const char *key, char path[static FILE_NAME_MAX])
{
	size_t length = strlen(key);

	if (length >= FILE_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(path, key, length + 1);
	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	return 0;
}

/* Writes a file below `directory` that no link may lead out of.  0 or -errno. */
static int value_write(int directory, const char *path, const char *value)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	owned_fd file = syscall(SYS_openat2, directory, path, &how, sizeof how);

	if (file < 0)
		return -errno;
	return write(file, value, strlen(value)) < 0 ? -errno : 0;
}

int launch_proc(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_proc *args = step->args;
	char directory_path[32], path[FILE_NAME_MAX];
	owned_fd directory = -1;
	int code = dots_to_slashes(args->file, path);

	snprintf(directory_path, sizeof directory_path, "/proc/%d", launch->init);
	directory = open(directory_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (code == 0)
		code = directory < 0 ? -errno : value_write(directory, path, args->value);
	return code < 0 ? launch_report(step, -code, "", err) : 0;
}

int launch_prlimit(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_prlimit *args = step->args;
	struct rlimit limit = { args->soft, args->hard };

	if (prlimit(launch->init, args->resource, &limit, NULL) < 0)
		return launch_report(step, errno, "", err);
	return 0;
}

/*
 * A machine whose cores run one thread at a time (ENODEV) has nothing to
 * separate; a kernel that could not if there were (EINVAL) is refused, as by LXC.
 */
int launch_core_sched(struct launch *launch, const struct step *step, struct error *err)
{
	if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, launch->init, PR_SCHED_CORE_SCOPE_THREAD_GROUP, 0) < 0 &&
	    errno != ENODEV)
		return launch_report(step, errno, "", err);
	return 0;
}

/* Not being allowed a keyring is tolerated, as the container has no use of the caller's then either. */
int inside_keyring(struct inside *inside, const struct step *step)
{
	const struct step_keyring *args = step->args;
	int code = args->context ? label_keys(inside, args->context) : 0;

	if (code < 0)
		return inside_fail(inside, -code, "its context %s", args->context);
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 &&
	    errno != ENOSYS && errno != EPERM && errno != EACCES)
		return -errno;
	return args->context ? label_keys(inside, NULL) : 0;
}

int inside_personality(struct inside *inside, const struct step *step)
{
	const struct step_number *args = step->args;

	(void)inside;
	return personality(args->number) < 0 ? -errno : 0;
}

int inside_sysctl(struct inside *inside, const struct step *step)
{
	const struct step_sysctl *args = step->args;
	char path[FILE_NAME_MAX + 4] = "sys/";
	int proc = inside_proc(inside), code;

	if (proc < 0)
		return inside_fail(inside, -proc, "no procfs of its own can be mounted");
	code = dots_to_slashes(args->key, path + 4);
	return code < 0 ? code : value_write(proc, path, args->value);
}

int inside_hostname(struct inside *inside, const struct step *step)
{
	const struct step_text *args = step->args;

	(void)inside;
	return sethostname(args->text, strlen(args->text)) < 0 ? -errno : 0;
}
