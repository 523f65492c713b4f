/*
 * Makes the container's cgroups and puts everybody in them.  The journal has
 * a name before it is made ("cgroup-name": removed if empty) and the cgroup
 * itself, with its inode number, before anybody enters ("cgroup": emptied and
 * removed): another container's cgroup of the same name is never touched.
 * Called from the table.
 */
#include "launch/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/journal.h"
#include "host/cgroups.h"
#include "launch/report.h"
#include "lib/cgroup.h"
#include "lib/own.h"
#include "lib/text.h"

enum { SUFFIX_MAX = 999 };

/* What making one cgroup can end with, besides a failure. */
enum { MADE = 0, IN_USE = 1 };

int launch_note(struct launch *launch, const struct step *step, struct error *err)
{
	(void)launch;
	(void)step;
	(void)err;
	return 0;
}

void launch_cgroup_done(struct launch_cgroups *cgroups)
{
	while (cgroups->count > 0)
		close(cgroups->dirs[--cgroups->count]);
}

static struct launch_cgroups *cgroups_of(struct launch *launch, const struct step_cgroup *args)
{
	return strcmp(args->role, "monitor") == 0 ? &launch->monitor : &launch->payload;
}

static void path_of(const struct cgroup_place *place, unsigned suffix, char path[static PATH_MAX])
{
	if (suffix > 0)
		snprintf(path, PATH_MAX, "%s-%u", place->path, suffix);
	else
		snprintf(path, PATH_MAX, "%s", place->path);
}

static int note_name(struct launch *launch, const char *path, struct error *err)
{
	return journal_add(launch->run, "cgroup-name", (const char *const[]){ path, NULL }, err);
}

/* ---- making one directory ---- */

/*
 * Hands controllers down into `dir`'s children, all at once, else one by one.
 * What cannot be handed down is missed by the limit that needs it.  EBUSY says
 * that there are processes in `dir`: the controllers that do not mind would
 * make its children threaded, and no process could enter them.  In what was
 * given to an ordinary user they are his own, such as the shell that the start
 * comes from, and step aside; root's may be anybody's.
 */
static void controllers_enable(int dir, const char *list)
{
	int code = list ? cgroup_write(dir, "cgroup.subtree_control", list) : 0;
	char word[64];

	if (code == -EBUSY && geteuid() != 0 && cgroup_evacuate(dir, CGROUP_PIVOT) == 0)
		code = cgroup_write(dir, "cgroup.subtree_control", list);
	while (code < 0 && code != -EBUSY && *list) {
		size_t length = strcspn(list, " ");

		snprintf(word, sizeof word, "%.*s", (int)length, list);
		cgroup_write(dir, "cgroup.subtree_control", word);
		list += length + strspn(list + length, " ");
	}
}

/*
 * The directories between the base and the cgroup, shared with whoever else
 * uses them, and what the cgroup gets from the one above it.
 */
static int parents_make(struct launch *launch, const struct cgroup_place *place, char *path, struct error *err)
{
	char *slash = path + place->base;
	owned_fd dir = -1;
	int next;

	/* Nothing to make, nothing to hand down: most places, so nothing is opened. */
	if (!place->enable && !strchr(slash + 1, '/'))
		return 0;
	*slash = '\0';
	dir = cgroup_open(path);
	*slash = '/';
	if (dir < 0)
		return error_set(err, -dir, "cannot open %.*s", (int)place->base, path);
	controllers_enable(dir, place->enable);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (access(path, F_OK) < 0 && note_name(launch, path, err) < 0)
			return -1;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make %s", path);
		next = cgroup_open(path);
		if (next < 0)
			return error_set(err, -next, "cannot open %s", path);
		if (place->cpuset)
			cgroup_cpuset_fill(dir, next);
		controllers_enable(next, place->enable);
		own_close_fd(&dir);
		dir = next;
		*slash = '/';
	}
	return 0;
}

/*
 * Takes the name, and holds the directory (*ret).  A lock tells those who come
 * later that an empty cgroup is about to be used; it is held on the first
 * hierarchy's.  Without a lock it is a leftover, and is made anew so that no
 * limits are left in it.
 */
static int name_take(const char *path, bool first, int *ret)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		bool made = mkdir(path, 0755) == 0;
		owned_fd dir = -1;

		if (!made && errno != EEXIST)
			return -errno;
		if (made && !first) {
			*ret = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
			return *ret < 0 ? -errno : MADE;
		}
		dir = cgroup_open(path);
		if (dir < 0)
			return dir;
		if (flock(dir, LOCK_EX | LOCK_NB) < 0)
			return IN_USE;
		if (made) {
			*ret = steal_fd(&dir);
			return MADE;
		}
		if (rmdir(path) < 0 && errno != ENOENT)
			return IN_USE;
	}
	return IN_USE;
}

static int cpuset_make(int dir, char *path)
{
	owned_fd parent = -1;
	char *slash = strrchr(path, '/');

	*slash = '\0';
	parent = cgroup_open(path);
	*slash = '/';
	return parent < 0 ? parent : cgroup_cpuset_fill(parent, dir);
}

static int place_make(struct launch *launch, struct launch_cgroups *cgroups, const struct cgroup_place *place,
		      struct error *err)
{
	char path[PATH_MAX];
	int dir = -1, code;

	path_of(place, cgroups->suffix, path);
	if (parents_make(launch, place, path, err) < 0 || note_name(launch, path, err) < 0)
		return -1;
	code = name_take(path, cgroups->count == 0, &dir);
	if (code == IN_USE)
		return IN_USE;
	if (code < 0)
		return error_set(err, -code, "cannot make %s", path);
	cgroups->dirs[cgroups->count++] = dir;
	code = place->cpuset ? cpuset_make(dir, path) : 0;
	if (code < 0)
		return error_set(err, -code, "cannot give %s the cpus of the cgroup above", path);
	return MADE;
}

/* ---- making all of one role ---- */

/* Takes back a name that is free in some hierarchies only. */
static void places_drop(struct launch_cgroups *cgroups)
{
	char path[PATH_MAX];

	for (size_t i = cgroups->count; i > 0; i--) {
		path_of(&cgroups->step->places[i - 1], cgroups->suffix, path);
		rmdir(path);
	}
	launch_cgroup_done(cgroups);
}

static int places_make(struct launch *launch, struct launch_cgroups *cgroups, struct error *err)
{
	const struct step_cgroup *args = cgroups->step;
	int answer = MADE;

	for (size_t i = 0; args->directories[i] && answer == MADE; i++)
		answer = i < LAUNCH_CGROUPS_MAX ? place_make(launch, cgroups, &args->places[i], err)
						: error_set(err, E2BIG, "there are more hierarchies than %d", LAUNCH_CGROUPS_MAX);
	return answer;
}

/* From here on the undo empties them: they are ours for sure. */
static int places_note(struct launch *launch, const struct launch_cgroups *cgroups, struct error *err)
{
	char path[PATH_MAX], inode[24];
	struct stat status;

	for (size_t i = 0; i < cgroups->count; i++) {
		const struct cgroup_place *place = &cgroups->step->places[i];

		path_of(place, cgroups->suffix, path);
		if (fstat(cgroups->dirs[i], &status) < 0)
			return error_set(err, errno, "cannot look at %s", path);
		snprintf(inode, sizeof inode, "%llu", (unsigned long long)status.st_ino);
		if (journal_add(launch->run, "cgroup",
				(const char *const[]){ cgroups->step->role, path, inode, place->escape[0],
						       place->escape[1], NULL }, err) < 0)
			return -1;
	}
	return 0;
}

/* For the run state: what attach enters, and what info and freeze look at. */
static char *payload_list(const struct launch_cgroups *payload, bool limits)
{
	struct buffer list = { .text = NULL };
	char path[PATH_MAX];

	for (size_t i = 0; i < payload->count; i++) {
		const struct cgroup_place *place = &payload->step->places[i];

		path_of(place, payload->suffix, path);
		if (limits && path[place->limit] == '/')
			path[place->limit] = '\0';
		buffer_printf(&list, "%s%s", i ? "\n" : "", path);
	}
	return list.text;
}

static void payload_remember(struct launch *launch)
{
	free(launch->state.cgroup_payload);
	free(launch->state.cgroup_limit);
	launch->state.cgroup_payload = payload_list(&launch->payload, false);
	launch->state.cgroup_limit = payload_list(&launch->payload, true);
}

static int make_report(const struct step *step, const struct error *why, struct error *err)
{
	const struct step_cgroup *args = step->args;

	launch_report(step, ECANCELED, why->message ? why->message : "", err);
	err->code = why->code;
	if (why->code == EACCES || why->code == EPERM || why->code == EROFS)
		error_hint(err, "%s must be writable for whoever starts containers", *args->directories);
	return -1;
}

int launch_cgroup_make(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_cgroup *args = step->args;
	struct launch_cgroups *cgroups = cgroups_of(launch, args);
	owned_error why = ERROR_INIT;
	int answer = IN_USE;

	*cgroups = (struct launch_cgroups){ .step = args };
	while (answer == IN_USE) {
		answer = places_make(launch, cgroups, &why);
		if (answer == MADE)
			break;
		places_drop(cgroups);
		if (answer < 0)
			return make_report(step, &why, err);
		if (args->exact || cgroups->suffix == SUFFIX_MAX) {
			launch_report(step, ECANCELED, "a cgroup of that name is in use", err);
			return error_hint(err, "see which processes are in %s", *args->directories);
		}
		cgroups->suffix++;
	}
	if (places_note(launch, cgroups, err) < 0)
		return -1;
	if (cgroups == &launch->payload)
		payload_remember(launch);
	return 0;
}

/* ---- entering ---- */

/*
 * The launcher's own moves.  It visits the payload in v1 only, since init can
 * be cloned into the v2 one; and what it is in v2 later, as monitor, can wait.
 */
int launch_cgroup_join(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_cgroup *args = step->args;
	struct launch_cgroups *cgroups = cgroups_of(launch, args);
	bool caller = strcmp(args->role, "caller") == 0;
	char path[PATH_MAX];

	for (size_t i = 0; args->directories[i]; i++) {
		const struct cgroup_place *place = &args->places[i];
		int code;

		if (place->v2 && !args->early) {
			cgroups->pending = true;
			continue;
		}
		code = caller ? cgroup_enter(place->path) : cgroup_enter_at(cgroups->dirs[i]);
		if (code < 0) {
			path_of(place, caller ? 0 : cgroups->suffix, path);
			return launch_report(step, -code, path, err);
		}
	}
	return 0;
}

int launch_cgroup_birth(const struct launch *launch)
{
	const struct launch_cgroups *cgroups = &launch->payload;

	return cgroups->count > 0 && cgroups->step->places[0].v2 ? cgroups->dirs[0] : -1;
}

/* Init was born in the v1 cgroups the launcher was in; in v2 too, unless the kernel is older than 5.7. */
int launch_cgroup_place(struct launch *launch, const struct step *step, struct error *err)
{
	int dir = launch_cgroup_birth(launch), code;

	if (launch->born_in_cgroup || dir < 0)
		return 0;
	code = cgroup_add(dir, launch->init);
	return code < 0 ? launch_report(step, -code, "", err) : 0;
}

void launch_cgroup_settle(struct launch *launch)
{
	struct launch_cgroups *monitor = &launch->monitor;
	char path[PATH_MAX];

	/* A failure leaves the monitor in its caller's cgroup, where it works as well. */
	if (monitor->pending && monitor->count > 0) {
		path_of(&monitor->step->places[0], monitor->suffix, path);
		cgroup_enter(path);
	}
	monitor->pending = false;
	launch_cgroup_done(&launch->monitor);
	launch_cgroup_done(&launch->payload);
}

/* ---- what others need to know ---- */

const char *launch_cgroup_actual(const struct launch *launch, const char *directory, char *room, size_t size)
{
	if (launch->payload.suffix == 0)
		return directory;
	snprintf(room, size, "%s-%u", directory, launch->payload.suffix);
	return room;
}

int launch_cgroup_limit(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_cgroup_limit *args = step->args;
	char room[PATH_MAX];
	const char *path = launch_cgroup_actual(launch, args->directory, room, sizeof room);
	owned_fd dir = cgroup_open(path);
	int code = dir < 0 ? dir : cgroup_write(dir, args->file, args->value);

	return code < 0 ? launch_report(step, -code, path, err) : 0;
}
