/*
 * Asks systemd's manager of an ordinary user for cgroups (container/scope.h),
 * by lxs-scope, which has the library for it.  Only where it is needed: a
 * user's shell is in a cgroup of root's most often, and the kernel lets nobody
 * make or enter cgroups there.
 */
#include "container/scope.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/own.h"
#include "lib/proc.h"

static const char program[] = PKGLIBEXECDIR "/lxs-scope";

/* Where the manager, or the bus it is on, would listen; the program looks for it in the same places. */
static bool manager_is_there(void)
{
	static const char *const sockets[] = { "bus", "systemd/private" };
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char usual[64], path[PATH_MAX];

	snprintf(usual, sizeof usual, "/run/user/%u", geteuid());
	for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", directory && *directory == '/' ? directory : usual, sockets[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static int program_run(char *const *argv, struct error *err)
{
	int status;
	struct proc_tail tail;
	char text[64];

	if (access(program, X_OK) < 0)
		return error_set(err, errno, "%s, which asks systemd, cannot be run", program);
	status = proc_capture(argv, NULL, &tail);
	if (status < 0)
		return error_set(err, -status, "cannot run %s", program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set(err, 0, "%s", tail.length > 0 ? proc_tail_lines(&tail, 1) : proc_status_text(status, text, sizeof text));
}

void scope_enter(const char *container, bool preview, struct arena *arena, struct host *host)
{
	char pid[16];
	char *argv[] = { (char *)program, (char *)"start", (char *)container, pid, NULL };
	owned_error why = ERROR_INIT;

	if (host->uid == 0 || cgroups_are_delegated(&host->cgroups) || !manager_is_there())
		return;
	host->scope_later = preview;
	if (preview)
		return;
	snprintf(pid, sizeof pid, "%d", getpid());
	if (program_run(argv, &why) == 0 && cgroups_read(arena, &host->cgroups, &why) == 0)
		return;
	host->no_scope = arena_strdup(arena, why.message);
	log_warn("container", "no scope for the container: %s", why.message);
}

/* The user's unit in the path of a cgroup, below the service of his manager; *length of its name.  NULL: none. */
static const char *unit_in(const char *path, size_t *length)
{
	char manager[64];
	const char *unit;

	snprintf(manager, sizeof manager, "/user@%u.service/", geteuid());
	unit = strstr(path, manager);
	for (unit = unit ? unit + strlen(manager) : NULL; unit && *unit; unit += *length + (unit[*length] == '/')) {
		*length = strcspn(unit, "/");
		if ((*length > 6 && strncmp(unit + *length - 6, ".scope", 6) == 0) ||
		    (*length > 8 && strncmp(unit + *length - 8, ".service", 8) == 0))
			return unit;
	}
	return NULL;
}

/* The place for processes alone, in every hierarchy: the manager moves in all of its own at once. */
static const char *pivots_make(struct arena *arena, const char *cgroups)
{
	const char *found = NULL, *unit, *end;
	size_t length;

	for (const char *line = cgroups; *line; line = *end ? end + 1 : end) {
		char *path;

		end = strchrnul(line, '\n');
		path = arena_strndup(arena, line, (size_t)(end - line));
		unit = unit_in(path, &length);
		if (!unit)
			continue;
		found = arena_strndup(arena, unit, length);
		mkdir(arena_printf(arena, "%.*s/" CGROUP_PIVOT, (int)(unit + length - path), path), 0755);
	}
	return found;
}

int scope_join(const char *cgroups, pid_t pid, struct error *err)
{
	owned_arena arena = arena_new();
	const char *unit = pivots_make(arena, cgroups);
	char number[16];
	char *argv[] = { (char *)program, (char *)"attach", (char *)unit, (char *)"/" CGROUP_PIVOT, number, NULL };

	if (!unit || !manager_is_there()) {
		error_set(err, EACCES, "the container's cgroups are out of reach from the caller's");
		return error_hint(err, "the kernel moves a user's process only within what was given to him: lxs-cgdelegate(1)");
	}
	snprintf(number, sizeof number, "%d", pid);
	return program_run(argv, err);
}
