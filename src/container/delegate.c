/*
 * Delegation without systemd (cgroups(7), "delegation").  On v1 a directory of
 * the user's is enough: he may go there from anywhere.  On v2 he may move a
 * process only if the nearest cgroup above both ends is his, so somebody has to
 * bring his session in, and that is root.  Called by lxs-cgdelegate.
 */
#include "container/delegate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cgroups.h"
#include "host/kernel_text.h"
#include "lib/cgroup.h"
#include "lib/own.h"

/* PASSES: processes that fork while they are moved leave children behind. */
enum { PASSES = 10 };

struct delegation {
	const struct delegate_request *request;
	const struct cgroup_hierarchy *hierarchy;
	struct arena *arena;
	const char *path;   /* of the user's directory */
	const char *files;  /* to give with a directory, one a line */
};

/* ---- directories ---- */

/* All that can be: which of them the config of a container needs is not known yet. */
static void controllers_hand_down(int dir, const char *list)
{
	char word[64];

	for (size_t length; *list; list += length + strspn(list + length, " ")) {
		length = strcspn(list, " ");
		snprintf(word, sizeof word, "+%.*s", (int)length, list);
		cgroup_write(dir, "cgroup.subtree_control", word);
	}
}

/* A directory below `above`; its descriptor or -1. */
static int directory_make(const struct delegation *delegation, int above, const char *name, struct error *err)
{
	owned_fd dir = -1;
	int code = 0;

	if (mkdirat(above, name, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make %s in %s", name, delegation->hierarchy->mountpoint);
	dir = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open %s in %s", name, delegation->hierarchy->mountpoint);
	if (!delegation->hierarchy->v2 && cgroup_has(delegation->hierarchy, "cpuset"))
		code = cgroup_cpuset_fill(above, dir);
	if (code < 0)
		return error_set(err, -code, "cannot give %s the cpus of the cgroup above", delegation->path);
	return steal_fd(&dir);
}

/* The directory and what moves processes in it: not its limits, which are what root allows the user in all. */
static int directory_give(const struct delegation *delegation, int dir, struct error *err)
{
	const struct delegate_request *request = delegation->request;

	if (fchown(dir, request->uid, request->gid) < 0)
		return error_set(err, errno, "cannot give %s", delegation->path);
	for (const char *line = delegation->files; *line;) {
		size_t length = strcspn(line, "\n");
		const char *file = arena_strndup(delegation->arena, line, length);

		if (fchownat(dir, file, request->uid, request->gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return error_set(err, errno, "cannot give %s/%s", delegation->path, file);
		line += length + (line[length] == '\n');
	}
	return 0;
}

/* ---- processes ---- */

/* Whether it is in the user's directory already, or has ended. */
static bool is_inside(const struct delegation *delegation, pid_t pid)
{
	const char *text = kernel_text(delegation->arena, arena_printf(delegation->arena, "/proc/%d/cgroup", pid));
	const char *entry = kernel_text_field(text, "0"); /* "0::/PATH"; a v1 directory may be named like that too */
	const char *below = delegation->path + strlen(delegation->hierarchy->mountpoint);
	size_t length = strlen(below);

	return !entry || (strncmp(entry + 1, below, length) == 0 && (entry[1 + length] == '/' || entry[1 + length] == '\n'));
}

static bool is_users(const struct delegation *delegation, pid_t pid)
{
	const char *text = kernel_text(delegation->arena, arena_printf(delegation->arena, "/proc/%d/status", pid));
	const char *uid = text ? kernel_text_field(text, "Uid") : NULL;

	return uid && strtoul(uid, NULL, 10) == delegation->request->uid;
}

/* Those of containers are where their container is, also when they run as the user himself. */
static bool is_contained(const struct delegation *delegation, pid_t pid)
{
	struct stat theirs, ours;

	/* Without user namespaces nobody is in another. */
	return stat("/proc/self/ns/user", &ours) == 0 &&
	       (stat(arena_printf(delegation->arena, "/proc/%d/ns/user", pid), &theirs) < 0 || theirs.st_ino != ours.st_ino);
}

static int process_move(const struct delegation *delegation, int dir, pid_t pid, struct error *err)
{
	int code = is_inside(delegation, pid) ? 0 : cgroup_add(dir, pid);

	return code < 0 && code != -ESRCH ? error_set(err, -code, "cannot move process %d to %s", pid, delegation->path) : 0;
}

/* One walk through all processes; *moved counts. */
static int processes_move(const struct delegation *delegation, int dir, unsigned *moved, struct error *err)
{
	owned_dir list = opendir("/proc");
	struct dirent *entry;

	if (!list)
		return error_set(err, errno, "cannot read /proc");
	while ((entry = readdir(list))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (!isdigit((unsigned char)*entry->d_name) || is_inside(delegation, pid) || !is_users(delegation, pid) ||
		    is_contained(delegation, pid))
			continue;
		if (process_move(delegation, dir, pid, err) < 0)
			return -1;
		(*moved)++;
	}
	return 0;
}

/* Not into the user's directory itself: beside processes it could hand no controllers down. */
static int session_bring(const struct delegation *delegation, int dir, struct error *err)
{
	const struct delegate_request *request = delegation->request;
	owned_fd pivot = directory_make(delegation, dir, CGROUP_PIVOT, err);
	unsigned moved = 1;

	if (pivot < 0 || directory_give(delegation, pivot, err) < 0)
		return -1;
	for (size_t i = 0; i < request->count; i++)
		if (process_move(delegation, pivot, request->pids[i], err) < 0)
			return -1;
	for (int pass = 0; request->count == 0 && moved > 0 && pass < PASSES; pass++) {
		moved = 0;
		if (processes_move(delegation, pivot, &moved, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- hierarchies ---- */

static int hierarchy_delegate(struct delegation *delegation, struct error *err)
{
	const struct cgroup_hierarchy *hierarchy = delegation->hierarchy;
	const char *name = arena_printf(delegation->arena, "%u", delegation->request->uid);
	owned_fd root = cgroup_open(hierarchy->mountpoint), users = -1, dir = -1;

	delegation->path = arena_printf(delegation->arena, "%s/" CGROUP_DELEGATED "/%s", hierarchy->mountpoint, name);
	if (root < 0)
		return error_set(err, -root, "cannot open %s", hierarchy->mountpoint);
	if (hierarchy->v2)
		controllers_hand_down(root, hierarchy->controllers);
	users = directory_make(delegation, root, CGROUP_DELEGATED, err);
	if (users < 0)
		return -1;
	if (hierarchy->v2)
		controllers_hand_down(users, hierarchy->controllers);
	dir = directory_make(delegation, users, name, err);
	if (dir < 0 || directory_give(delegation, dir, err) < 0)
		return -1;
	return hierarchy->v2 ? session_bring(delegation, dir, err) : 0;
}

/* What systemd made, it keeps: it gives users their part itself. */
static bool is_systemds(const struct cgroup_hierarchy *hierarchy)
{
	return access("/run/systemd/system", F_OK) == 0 &&
	       (hierarchy->v2 || strcmp(hierarchy->controllers, "name=systemd") == 0);
}

int cgroups_delegate(const struct delegate_request *request, struct error *err)
{
	owned_arena arena = arena_new();
	const char *list = kernel_text(arena, "/sys/kernel/cgroup/delegate");
	struct delegation delegation = { .request = request, .arena = arena };
	struct cgroup_layout layout;
	size_t given = 0;

	/* v1 has `tasks`, which the kernel's list does not name; older kernels have no list. */
	delegation.files = arena_printf(arena, "tasks\n%s", list ? list : "cgroup.procs\ncgroup.threads\n"
					"cgroup.subtree_control\n");
	if (cgroups_read(arena, &layout, err) < 0)
		return -1;
	for (size_t i = 0; i < layout.count; i++) {
		if (is_systemds(&layout.hierarchies[i]))
			continue;
		delegation.hierarchy = &layout.hierarchies[i];
		if (hierarchy_delegate(&delegation, err) < 0)
			return -1;
		given++;
	}
	if (given > 0)
		return 0;
	error_set(err, 0, layout.count > 0 ? "all cgroups of this machine are systemd's" : "no cgroup can be made here");
	return layout.count == 0 ? -1 : error_hint(err, "nothing needs to be done: lxs-start asks the user's own manager");
}
