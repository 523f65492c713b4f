/*
 * Takes the container's cgroups back, from the lines launch/cgroup.c wrote
 * into the journal.  Apart from it because it runs in another process, long
 * after, that knows no plan.  Called by journal_undo().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/cgroup.h"
#include "lib/cgroup.h"
#include "lib/own.h"

enum { PATIENCE = 10 * 1000 }; /* milliseconds for killed processes to be gone */

/* Opens the directory that holds `path`; *name is its last part. */
static int parent_open(char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	int dir;

	if (!slash || slash == path)
		return -EINVAL;
	*slash = '\0';
	dir = cgroup_open(path);
	*slash = '/';
	*name = slash + 1;
	return dir;
}

/* A name that was about to be taken.  Whoever has it now has it locked, or is in it. */
int launch_cgroup_undo_name(char *const *arguments, size_t count, struct error *err)
{
	owned_fd dir = -1;

	if (count != 1)
		return error_set(err, EINVAL, "bad cgroup-name line in the journal");
	dir = cgroup_open(arguments[0]);
	if (dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) == 0)
		rmdir(arguments[0]);
	return 0;
}

/* The first process in a cgroup, or 0. */
static pid_t member_first(int dir)
{
	char text[64];

	return cgroup_read(dir, "cgroup.procs", text, sizeof text) > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static int member_move(const char *where, pid_t pid)
{
	owned_fd dir = -1;

	if (pid == getpid())
		return cgroup_enter(where);
	dir = cgroup_open(where);
	return dir < 0 ? dir : cgroup_add(dir, pid);
}

/* One cgroup that takes processes; what cannot be made is found out by who enters it. */
static void make_one(char *path)
{
	const char *name;
	owned_fd parent = -1, dir = -1;

	if (mkdir(path, 0755) < 0)
		return;
	parent = parent_open(path, &name);
	dir = cgroup_open(path);
	if (parent >= 0 && dir >= 0 && faccessat(dir, "cpuset.cpus", F_OK, 0) == 0 && !cgroup_is_v2(dir))
		cgroup_cpuset_fill(parent, dir);
}

static void make_with_parents(char *path)
{
	for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		make_one(path);
		*slash = '/';
	}
	make_one(path);
}

/*
 * Moves out who must live on.  A v2 cgroup that hands down controllers takes
 * no processes, which is what the last resort is for.
 */
static int members_move(int dir, char *const escape[2])
{
	pid_t pid;

	while ((pid = member_first(dir)) > 0) {
		if (member_move(escape[0], pid) == 0)
			continue;
		make_with_parents(escape[1]);
		if (member_move(escape[1], pid) < 0)
			return -EBUSY;
	}
	return 0;
}

/* A launcher that failed on its visit to the payload is still in there. */
static void leave(int dir, char *const escape[2])
{
	char text[64 * 1024], *rest = text, *word;

	if (cgroup_read(dir, "cgroup.procs", text, sizeof text) <= 0)
		return;
	while ((word = strsep(&rest, "\n")))
		if ((pid_t)strtol(word, NULL, 10) == getpid()) {
			cgroup_enter(escape[0]);
			return;
		}
}

/* ROLE PATH INODE ESCAPE LAST-RESORT */
int launch_cgroup_undo(char *const *arguments, size_t count, struct error *err)
{
	owned_fd parent = -1, dir = -1;
	struct stat status;
	const char *name;
	int code;

	if (count != 5)
		return error_set(err, EINVAL, "bad cgroup line in the journal");
	/* Not there, or made anew by somebody else under the same name. */
	if (stat(arguments[1], &status) < 0 || status.st_ino != strtoull(arguments[2], NULL, 10))
		return 0;
	if (rmdir(arguments[1]) == 0)
		return 0;
	parent = parent_open(arguments[1], &name);
	dir = cgroup_open(arguments[1]);
	if (parent < 0 || dir < 0)
		return 0;
	if (strcmp(arguments[0], "monitor") == 0) {
		code = members_move(dir, arguments + 3);
		if (code == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
			code = -errno;
	} else {
		leave(dir, arguments + 3);
		code = cgroup_destroy(parent, name, cgroup_clock() + PATIENCE);
	}
	return code < 0 ? error_set(err, -code, "cannot remove the cgroup %s", arguments[1]) : 0;
}
