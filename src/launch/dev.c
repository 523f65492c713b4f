/*
 * Steps that fill /dev.  Apart from mounts.c because most of it is not mounts.
 */
#include "launch/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/mounts.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/rootfs.h"

static const char boot_id_file[] = "dev/.lxc-boot-id";
static const char boot_id[] = "proc/sys/kernel/random/boot_id";

/* Who may not make nodes (a user namespace, a device cgroup) gets the host's. */
int inside_node(struct inside *inside, const struct step *step)
{
	const struct step_node *args = step->args;
	int code = rootfs_node(inside->root, args->target, S_IFCHR | args->mode, makedev(args->major, args->minor));
	char host[64];

	if (code == 0 || code == -EEXIST)
		return 0;
	if (code != -EPERM)
		return code;
	if (inside->devices >= 0 && strncmp(args->target, "dev/", 4) == 0)
		return mount_bind_on(inside, inside->devices, args->target + 4, args->target, 'f');
	snprintf(host, sizeof host, "/%s", args->target);
	return mount_bind_on(inside, AT_FDCWD, host, args->target, 'f');
}

/* What stands there already stays; a rootfs without /dev or one that is read-only goes without links. */
int inside_link(struct inside *inside, const struct step *step)
{
	const struct step_link *args = step->args;
	int code = rootfs_symlink(inside->root, args->contents, args->target);

	return code == -EEXIST || code == -EROFS || code == -ENOENT ? 0 : code;
}

/* A random UUID (RFC 4122, version 4), as the kernel's own boot id is one. */
static int uuid_make(char text[static 38])
{
	unsigned char b[16];

	if (getrandom(b, sizeof b, 0) != sizeof b)
		return -EIO;
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(text, 38, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return 0;
}

/* systemd takes a boot id that it has seen for a boot that it knows: each start gets a new one. */
int inside_boot_id(struct inside *inside, const struct step *step)
{
	struct mount_change change = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	owned_fd mount = -1;
	owned_fd target = -1;
	char id[38];
	int code = uuid_make(id);

	(void)step;
	if (code == 0)
		code = rootfs_node(inside->root, boot_id_file, S_IFREG | 0444, 0);
	if (code == 0)
		code = rootfs_write(inside->root, boot_id_file, id);
	if (code < 0)
		return code;
	mount = mount_copy(inside->root, boot_id_file, false);
	target = mount_target(inside, boot_id, 0);
	if (mount < 0 || target < 0)
		return mount < 0 ? mount : target;
	code = mount_change(mount, &change);
	return code < 0 ? code : mount_attach(mount, target);
}
