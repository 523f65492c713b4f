/*
 * User namespaces (host/userns.h).  Apart from launch/ because templates,
 * lxs-destroy and lxs-usernsexec need one without a container.
 */
#include "host/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/proc.h"

enum { MAP_WORDS = 340 * 3, MAP_BYTES = 4096 };

const char *userns_tool(char kind)
{
	static const char *const uids[] = { "/usr/bin/newuidmap", "/bin/newuidmap", "/usr/local/bin/newuidmap", NULL };
	static const char *const gids[] = { "/usr/bin/newgidmap", "/bin/newgidmap", "/usr/local/bin/newgidmap", NULL };

	for (const char *const *path = kind == 'u' ? uids : gids; *path; path++)
		if (access(*path, X_OK) == 0)
			return *path;
	return NULL;
}

/* Distributions give them either; a copy that lost it (a container image, cp) fails with EPERM and no reason. */
static bool has_rights(const char *tool)
{
	struct stat facts;

	return stat(tool, &facts) == 0 &&
	       ((facts.st_mode & S_ISUID && facts.st_uid == 0) || getxattr(tool, "security.capability", NULL, 0) > 0);
}

const char *userns_tools_refusal(void)
{
	const char *uids = userns_tool('u'), *gids = userns_tool('g');

	if (!uids || !gids)
		return uids ? "newgidmap is not installed" : "newuidmap is not installed";
	if (!has_rights(uids) || !has_rights(gids))
		return has_rights(uids) ? "newgidmap has neither the set-user-id bit nor capabilities"
					: "newuidmap has neither the set-user-id bit nor capabilities";
	return NULL;
}

static int file_write(pid_t pid, const char *name, const char *text)
{
	char path[64];
	owned_fd fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* The kernel takes a map in one write, once. */
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* A run of newuidmap or newgidmap. */
struct tool {
	const char *path;
	pid_t pid;   /* -errno: it could not be started */
	int output;
};

static void tool_start(struct tool *tool, pid_t pid, const char *map)
{
	char number[24], words[MAP_BYTES], *rest = words, *argv[MAP_WORDS + 3] = { (char *)tool->path, number };
	size_t count = 2;
	int ends[2];

	tool->pid = -1;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		tool->pid = -errno;
		return;
	}
	tool->output = ends[0];
	snprintf(number, sizeof number, "%d", pid);
	snprintf(words, sizeof words, "%s", map);
	for (char *word; count < MAP_WORDS + 2 && (word = strtok_r(rest, " \n", &rest));)
		argv[count++] = word;
	tool->pid = proc_start(argv, NULL, ends[1]);
	close(ends[1]);
}

/* Both leave no daemon behind, so the end of the output is the end of the program. */
static int tool_finish(const struct tool *tool, struct error *err)
{
	struct proc_tail tail = { .length = 0 };
	owned_fd output = tool->output;
	char bytes[256];
	ssize_t got;
	int status = tool->pid;

	while (tool->pid > 0 && ((got = read(output, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)))
		if (got > 0)
			proc_tail_add(&tail, bytes, (size_t)got);
	if (tool->pid > 0)
		status = proc_wait(tool->pid);
	if (status == 0)
		return 0;
	if (status < 0)
		return error_set(err, -status, "cannot run %s", tool->path);
	return error_set(err, 0, "%s refuses the map: %s", tool->path, proc_tail_lines(&tail, 3));
}

bool userns_is_own(const char *map, unsigned long id)
{
	unsigned long inside, outside, range;
	int length = 0;

	return sscanf(map, "%lu %lu %lu\n%n", &inside, &outside, &range, &length) == 3 && map[length] == '\0' &&
	       outside == id && range == 1;
}

/* A line of a map; the next one, or NULL after the last. */
static const char *line_take(const char *text, unsigned long *inside, unsigned long *outside, unsigned long *range)
{
	const char *end = strchr(text, '\n');

	return sscanf(text, "%lu %lu %lu", inside, outside, range) == 3 ? end ? end + 1 : "" : NULL;
}

bool userns_has(const char *maps, const char *lines)
{
	unsigned long inside, outside, range, in, out, count;

	while ((lines = line_take(lines, &inside, &outside, &range))) {
		const char *next = maps;
		bool found = false;

		while (!found && (next = line_take(next, &in, &out, &count)))
			found = inside >= in && inside - in <= count && range <= count - (inside - in) &&
				outside >= out && outside - out == inside - in;
		if (!found)
			return false;
	}
	return true;
}

const char *userns_map_with(struct arena *arena, const char *map, unsigned long id, unsigned long *inside)
{
	unsigned long in, out, range, end = 0;

	for (const char *next, *line = map; (next = line_take(line, &in, &out, &range)); line = next) {
		*inside = in + (id - out);
		if (id >= out && id - out < range)
			return map;
		if (in + range > end)
			end = in + range;
	}
	*inside = end;
	return arena_printf(arena, "%s%lu %lu 1\n", map, end, id);
}

/* What the kernel lets the caller write himself; his gid only into a namespace that may not change its groups. */
static int map_directly(pid_t pid, char kind, const char *map, struct error *err)
{
	int code = kind == 'u' || geteuid() == 0 ? 0 : file_write(pid, "setgroups", "deny");

	if (code == 0)
		code = file_write(pid, kind == 'u' ? "uid_map" : "gid_map", map);
	return code < 0 ? error_set(err, -code, "cannot map %cids", kind) : 0;
}

int userns_map(pid_t pid, const struct id_maps *maps, struct error *err)
{
	const char *texts[] = { maps->uids, maps->gids };
	struct tool tools[] = { { userns_tool('u'), 0, -1 }, { userns_tool('g'), 0, -1 } };
	bool own[] = { geteuid() == 0 || userns_is_own(maps->uids, geteuid()),
		       geteuid() == 0 || userns_is_own(maps->gids, getegid()) };
	const char *refusal = own[0] && own[1] ? NULL : userns_tools_refusal();
	int answer = 0;

	if (refusal) {
		error_set(err, 0, "%s", refusal);
		return error_hint(err, "install the package with newuidmap and newgidmap (uidmap, or shadow)");
	}
	/* At the same time: each waits for the disk and for the name service, and they have nothing to do with each other. */
	for (int i = 0; i < 2; i++)
		if (!own[i])
			tool_start(&tools[i], pid, texts[i]);
	for (int i = 0; i < 2; i++) {
		owned_error why = ERROR_INIT;

		if ((own[i] ? map_directly(pid, "ug"[i], texts[i], &why) : tool_finish(&tools[i], &why)) < 0 && answer == 0)
			answer = error_move(err, &why);
	}
	return answer;
}

/* The child's side: a namespace, a word, an answer, another identity. */
static void child_enter(int socket, uid_t uid, gid_t gid)
{
	char word = 'm';

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		word = (char)errno;
	if (write(socket, &word, 1) != 1 || word != 'm' || read(socket, &word, 1) != 1)
		_exit(1);
	/* Refused where setgroups is denied: the groups are the caller's own then. */
	syscall(SYS_setgroups, 0, NULL);
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0) {
		dprintf(2, "cannot become uid %u, gid %u of the user namespace: %m\n", uid, gid);
		_exit(1);
	}
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int parent_answer(int socket, pid_t pid, const struct id_maps *maps, struct error *err)
{
	char word = 0;

	if (read(socket, &word, 1) != 1)
		return error_set(err, 0, "the process of the user namespace died");
	if (word != 'm') {
		error_set(err, word, "cannot make a user namespace");
		return error_hint(err, "see /proc/sys/user/max_user_namespaces and kernel.unprivileged_userns_clone");
	}
	if (userns_map(pid, maps, err) < 0)
		return -1;
	return write(socket, &word, 1) == 1 ? 0 : error_set(err, errno, "the process of the user namespace died");
}

pid_t userns_fork(const struct id_maps *maps, uid_t uid, gid_t gid, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket");
	ours = ends[0];
	theirs = ends[1];
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid == 0) {
		own_close_fd(&ours);
		child_enter(theirs, uid, gid);
		return 0;
	}
	own_close_fd(&theirs);
	if (parent_answer(ours, pid, maps, err) == 0)
		return pid;
	own_close_fd(&ours);
	proc_wait(pid);
	return -1;
}

int userns_open(const struct id_maps *maps, struct error *err)
{
	owned_fd process = -1;
	char path[64];
	int space, code;
	pid_t pid = userns_fork(maps, 0, 0, err);

	if (pid < 0)
		return -1;
	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
	space = open(path, O_RDONLY | O_CLOEXEC);
	code = errno;
	process = proc_open(pid);
	proc_signal(process, SIGKILL);
	proc_wait(pid);
	return space < 0 ? error_set(err, code, "cannot hold a user namespace") : space;
}
