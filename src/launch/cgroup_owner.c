/*
 * Hands the payload's cgroups on to the container's root, and takes back what
 * was made in them.  Root does both as it is.  An ordinary user may neither
 * give a file to an id of his ranges nor remove what such an id has made: a
 * process in a user namespace does it for him.  Called from the table and by
 * journal_undo().
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/journal.h"
#include "host/userns.h"
#include "launch/cgroup.h"
#include "launch/mount_map.h"
#include "launch/report.h"
#include "lib/cgroup.h"
#include "lib/own.h"
#include "lib/proc.h"

enum { PATIENCE = 10 * 1000 }; /* milliseconds for killed processes to be gone */

/* The files by which a cgroup is handed on (cgroups(7), "delegation"); v1 has `tasks` as well. */
static const char *const handed_on[] = { "cgroup.procs", "tasks", "cgroup.threads", "cgroup.subtree_control" };

static int cgroup_give(const char *path, gid_t gid)
{
	owned_fd dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || fchown(dir, (uid_t)-1, gid) < 0 || fchmod(dir, 0775) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof handed_on / sizeof handed_on[0]; i++)
		if ((fchownat(dir, handed_on[i], (uid_t)-1, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
		     fchmodat(dir, handed_on[i], 0664, 0) < 0) && errno != ENOENT)
			return -errno;
	return 0;
}

/* 0, or -errno with the cgroup that could not be given in `path`. */
static int payload_give(const struct launch_cgroups *payload, const char *const *paths, gid_t gid, const char **path)
{
	int code = 0;

	for (size_t i = 0; i < payload->count && code == 0; i++) {
		*path = paths[i];
		code = cgroup_give(paths[i], gid);
	}
	return code;
}

/*
 * The kernel lets the owner of a file give it to a group that he is in.  In
 * the container's user namespace a user is in any group of it that he likes.
 */
static int give_as_user(struct launch *launch, const char *const *paths, gid_t gid, const char **path)
{
	owned_fd space = launch_userns_open(launch, "container");
	int status;
	pid_t pid;

	*path = paths[0];
	if (space < 0)
		return space;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(setns(space, CLONE_NEWUSER) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0
		      ? errno : -payload_give(&launch->payload, paths, gid, path));
	status = proc_wait(pid);
	return status < 0 ? status : WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/* The group of the container's root may make cgroups in the container's own; limits stay the host's. */
int launch_cgroup_owner(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_cgroup_owner *args = step->args;
	const char *words[JOURNAL_ARGUMENTS_MAX + 1] = { args->uid_map, args->gid_map }, *path = "";
	owned_arena arena = arena_new();
	char room[PATH_MAX];
	int code;

	if (launch->payload.count + 2 > JOURNAL_ARGUMENTS_MAX)
		return launch_report(step, E2BIG, "", err);
	for (size_t i = 0; i < launch->payload.count; i++)
		words[2 + i] = arena_strdup(arena, launch_cgroup_actual(launch, launch->payload.step->places[i].path, room,
									sizeof room));
	/* The line is for what the container's root will make in them. */
	if (args->uid_map && journal_add(launch->run, "cgroup-owner", words, err) < 0)
		return -1;
	code = args->uid_map ? give_as_user(launch, words + 2, args->gid, &path)
			     : payload_give(&launch->payload, words + 2, args->gid, &path);
	return code < 0 ? launch_report(step, -code, path, err) : 0;
}

/* ---- afterwards ---- */

/* A cgroup counts as a link of the one above. */
static bool has_children(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_nlink > 2;
}

/* UID-MAP GID-MAP CGROUP...: what is below each; the cgroups themselves have lines of their own. */
int launch_cgroup_undo_owner(char *const *arguments, size_t count, struct error *err)
{
	bool needed = false;
	pid_t pid;

	if (count < 2)
		return error_set(err, EINVAL, "bad cgroup-owner line in the journal");
	for (size_t i = 2; i < count; i++)
		needed |= has_children(arguments[i]);
	if (!needed)
		return 0;
	pid = userns_fork(&(struct id_maps){ arguments[0], arguments[1] }, 0, 0, err);
	if (pid < 0)
		return -1;
	if (pid > 0) {
		proc_wait(pid);
		return 0; /* what is left is an error of the cgroup's own line */
	}
	for (size_t i = 2; i < count; i++) {
		owned_fd dir = cgroup_open(arguments[i]);

		if (dir >= 0)
			cgroup_clear(dir, cgroup_clock() + PATIENCE);
	}
	_exit(EXIT_SUCCESS);
}
