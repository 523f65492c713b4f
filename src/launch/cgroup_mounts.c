/*
 * Mounts one hierarchy of cgroups: anew in a cgroup namespace, else bound from
 * the host.  Where the container's cgroup lies is asked of the kernel at this
 * moment (/proc/self/cgroup): its name may have got a suffix when it was made.
 */
#include "launch/cgroup_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/mounts.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/rootfs.h"

static const uint64_t guarded = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static int attach_new(struct inside *inside, const struct step_cgroup_mount *args)
{
	char data[200];
	struct step_filesystem cgroup = {
		.type = args->controllers ? "cgroup" : "cgroup2", .source = "cgroup",
		.data = args->controllers ? data : NULL,
		.attr_set = guarded | (args->readonly ? MOUNT_ATTR_RDONLY : 0),
	};
	owned_fd mount = -1;
	owned_fd target = mount_target(inside, args->target, 0);

	if (target < 0)
		return target;
	/* A named hierarchy has no controllers, and the kernel wants to hear it. */
	if (args->controllers)
		snprintf(data, sizeof data, "%s%s", strncmp(args->controllers, "name=", 5) == 0 ? "none," : "",
			 args->controllers);
	mount = mount_new(inside, &cgroup);
	return mount < 0 ? mount : mount_attach(mount, target);
}

/* "4:cpu,cpuacct:/path": finds the path of the hierarchy with these controllers (v2: none) in the text. */
static const char *path_find(char *text, const char *controllers)
{
	char *line, *next;

	for (line = text; line && *line; line = next) {
		char *names = strchr(line, ':');
		char *path = names ? strchr(names + 1, ':') : NULL;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!path)
			continue;
		*path = '\0';
		if (strcmp(names + 1, controllers ? controllers : "") == 0)
			return path + 1;
	}
	return NULL;
}

static int bind_part(struct inside *inside, const char *source, const char *target, bool readonly)
{
	struct mount_change change = { .set = guarded | (readonly ? MOUNT_ATTR_RDONLY : 0) };
	owned_fd mount = mount_copy(AT_FDCWD, source, false);
	owned_fd place = -1;
	int code;

	if (mount < 0)
		return inside_fail(inside, -mount, "%s", source);
	code = mount_change(mount, &change);
	if (code < 0)
		return code;
	place = mount_target(inside, target, 'd');
	return place < 0 ? place : mount_attach(mount, place);
}

static int attach_bound(struct inside *inside, const struct step_cgroup_mount *args)
{
	char text[4096], source[PATH_MAX], target[PATH_MAX];
	owned_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *own;
	ssize_t length;
	int code = 0;

	/* The link "self" is resolved by the kernel for us, whatever namespace that proc belongs to. */
	length = proc < 0 ? -errno : rootfs_read(proc, "self/cgroup", text, sizeof text);
	if (length < 0)
		return inside_fail(inside, (int)-length, "/proc/self/cgroup");
	own = path_find(text, args->controllers);
	if (!own)
		return inside_fail(inside, ECANCELED, "the container is in no cgroup of %s", args->source);
	if (snprintf(source, sizeof source, "%s%s", args->source, own) >= (int)sizeof source ||
	    snprintf(target, sizeof target, "%s%s", args->target, own) >= (int)sizeof target)
		return -ENAMETOOLONG;
	if (args->full)
		code = bind_part(inside, args->source, args->target, args->readonly || args->mixed);
	/* Our own cgroup stands out only where it differs from the rest. */
	if (code < 0 || (args->full && !args->mixed))
		return code;
	return bind_part(inside, source, target, args->readonly);
}

int inside_cgroup_mount(struct inside *inside, const struct step *step)
{
	const struct step_cgroup_mount *args = step->args;

	return args->source ? attach_bound(inside, args) : attach_new(inside, args);
}
