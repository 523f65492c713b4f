/*
 * The user namespace of a container: its id maps, and init's change from an id that is mapped to nothing to
 * root of the namespace.  Called from the table.
 */
#include "launch/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/userns.h"
#include "launch/inside.h"
#include "launch/report.h"
#include "lib/own.h"

static int init_open(const struct launch *launch, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", launch->init, file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The namespace is another container's: the lines say what is true there, or all that follows would be about wrong ids. */
static int launch_idmap_compare(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_idmap *args = step->args;
	static const char *const files[] = { "uid_map", "gid_map" };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		owned_fd file = init_open(launch, files[i], O_RDONLY);
		char actual[4096 * 3];
		ssize_t length = file < 0 ? file : read(file, actual, sizeof actual - 1);

		if (length < 0)
			return launch_report(step, file < 0 ? -file : errno, files[i], err);
		actual[length] = '\0';
		if (userns_has(actual, i == 0 ? args->uid_map : args->gid_map))
			continue;
		launch_report(step, ECANCELED, "the shared user namespace has other ids", err);
		return error_hint(err, "lxc.idmap has to say what %s of a process in there shows", files[i]);
	}
	return 0;
}

int launch_idmap(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_idmap *args = step->args;
	const struct id_maps maps = { args->uid_map, args->gid_map };
	owned_error why = ERROR_INIT;

	if (args->joined)
		return launch_idmap_compare(launch, step, err);
	if (userns_map(launch->init, &maps, &why) == 0)
		return 0;
	launch_report(step, ECANCELED, why.message, err);
	err->code = why.code;
	return why.hint ? error_hint(err, "%s", why.hint) : why.code == EPERM ? error_hint(err, "these ids are not this "
		"system's to give: see /proc/self/uid_map and /proc/self/gid_map") : -1;
}

/* ---- inside ---- */

/*
 * Without a rootfs of its own the container's /dev covers the host's, whose
 * nodes it needs.  What the starter may reach and the container's root may not
 * (a home that is closed to others) is opened before.  The change of ids forgets
 * the death signal and makes our files in /proc the host's, so both are set
 * again; but not to be looked into by root of a joined namespace, who is
 * somebody else, nor where init is hidden (launch/clone.c).
 */
int inside_namespace_root(struct inside *inside, const struct step *step)
{
	const struct step_namespace_root *args = step->args;

	inside->mapped = true;
	inside->devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ROOTFS_PLACES_MAX && args->source.path && rootfs_source_place(&args->source, i); i++)
		inside->places[i] = open(rootfs_source_place(&args->source, i), O_PATH | O_CLOEXEC);
	/* Refused where the map was written by a user: the groups are then the starter's, which give nothing here. */
	if (syscall(SYS_setgroups, 0, NULL) < 0 && errno != EPERM)
		return inside_fail(inside, errno, "setgroups");
	if (syscall(SYS_setresgid, args->gid, args->gid, args->gid) < 0)
		return inside_fail(inside, errno, "gid %u", args->gid);
	if (syscall(SYS_setresuid, args->uid, args->uid, args->uid) < 0)
		return inside_fail(inside, errno, "uid %u", args->uid);
	if (prctl(PR_SET_DUMPABLE, args->joined || inside->launch->hidden ? 0 : 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0;
}
