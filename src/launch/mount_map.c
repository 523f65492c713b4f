/*
 * Both sides of idmap= (launch/mount_map.h).  Apart from mounts.c because it
 * is the one mount that init cannot make alone: it has to ask.  Called from
 * host.c, mounts.c and rootfs_map.c.
 */
#include "launch/mount_map.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/sync.h"
#include "lib/mount.h"
#include "lib/own.h"

int launch_userns_open(const struct launch *launch, const char *idmap)
{
	char own[64];
	int fd;

	snprintf(own, sizeof own, "/proc/%d/ns/user", launch->init);
	fd = open(strcmp(idmap, "container") == 0 ? own : idmap, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWUSER)
		return fd;
	close(fd);
	return -ENOTTY;
}

static int mount_map(const struct launch *launch, const struct step_bind *args, int mount)
{
	owned_fd space = launch_userns_open(launch, args->idmap);
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	unsigned recursive = args->recursive ? AT_RECURSIVE : 0;

	if (space < 0)
		return space;
	attributes.userns_fd = (uint64_t)space;
	return mount_setattr(mount, "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes) < 0 ? -errno : 0;
}

int launch_mount_map(struct launch *launch, size_t index, int mount, struct error *err)
{
	const struct side *side = &launch->plan->container;
	const struct step_bind *args = index < side->count && side->steps[index].kind == STEP_BIND
					       ? side->steps[index].args : NULL;
	struct sync_message answer = { .type = SYNC_DONE };
	int code;

	if (!args || !args->idmap)
		return error_set(err, EPROTO, "init asked for the mapping of a mount that has none");
	answer.code = -mount_map(launch, args, mount);
	/* EPIPE: init is gone; what became of it is in the socket. */
	code = sync_send(launch->sync, &answer, -1);
	return code < 0 && code != -EPIPE ? error_set(err, -code, "cannot answer init") : 0;
}

/* In words, since the errno values of the kernel say little here. */
static int map_fail(struct inside *inside, const struct step_bind *args, int code)
{
	if (code == ENOTTY)
		return inside_fail(inside, ECANCELED, "idmap=%s is no user namespace", args->idmap);
	if (code == ENOENT)
		return inside_fail(inside, ECANCELED, "idmap=%s: there is no such user namespace", args->idmap);
	if (code == EINVAL)
		return inside_fail(inside, ECANCELED, "its file system%s cannot map ids, or has mapped ids already",
				   args->recursive ? ", or one below it," : "");
	return inside_fail(inside, code, "idmap=%s", args->idmap);
}

int inside_mount_map(struct inside *inside, const struct step *step, int mount)
{
	struct sync_message message = { .type = SYNC_MAP, .number = (uint32_t)(step - inside->plan->container.steps) };
	int code = sync_send(inside->sync, &message, mount), descriptor;

	if (code < 0)
		return code;
	/* The end of the socket is the end of the launcher: nobody is left to report to. */
	code = sync_receive(inside->sync, &message, &descriptor);
	if (code <= 0 || message.type != SYNC_DONE)
		_exit(1);
	return message.code > 0 ? map_fail(inside, step->args, message.code) : 0;
}
