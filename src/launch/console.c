/*
 * Pseudo-terminals of the container: its own devpts, the console and the ttys.
 * They are made in the container's devpts, so that their names are right
 * inside, and their masters are handed to the host side.  A terminal is bound
 * by its descriptor: no name in the guest decides what is mounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/dev.h"
#include "launch/inside.h"
#include "launch/mounts.h"
#include "launch/sync.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/rootfs.h"

enum { PATH_ROOM = 320 }; /* "dev/", lxc.tty.dir (at most 255 bytes), a name */

int inside_devpts(struct inside *inside, const struct step *step)
{
	const struct step_devpts *args = step->args;
	char data[80];
	struct step_filesystem devpts = {
		.type = "devpts", .source = "devpts", .data = data,
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	};
	owned_fd mount = -1;
	owned_fd target = mount_target(inside, "dev/pts", 'd');
	int code;

	if (target < 0)
		return target;
	snprintf(data, sizeof data, "%snewinstance,ptmxmode=0666,mode=0620,max=%u", args->no_tty_group ? "" : "gid=5,",
		 args->max);
	mount = mount_new(inside, &devpts);
	if (mount < 0)
		return mount;
	code = mount_attach(mount, target);
	if (code == 0 && args->bind_ptmx)
		code = mount_bind_on(inside, mount, "ptmx", "dev/ptmx", 'f');
	if (code < 0)
		return code;
	inside->devpts = steal_fd(&mount);
	return 0;
}

/* A new pair; without a devpts of its own the container gets one of the host's, as in LXC. */
static int pty_open(struct inside *inside, int *master, int *slave)
{
	owned_fd first = inside->devpts >= 0 ? openat(inside->devpts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
					     : open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	owned_fd second = -1;
	int unlock = 0;

	if (first < 0)
		return inside_fail(inside, errno, "no new pseudo-terminal");
	if (ioctl(first, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	second = ioctl(first, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (second < 0)
		return -errno;
	if (fchmod(second, 0620) < 0)
		return -errno;
	*master = steal_fd(&first);
	*slave = steal_fd(&second);
	return 0;
}

/* The name of a terminal below dev/, or below dev/DIRECTORY/. */
static int terminal_path(char path[static PATH_ROOM], const char *directory, const char *name)
{
	int length = directory ? snprintf(path, PATH_ROOM, "dev/%s/%s", directory, name)
			       : snprintf(path, PATH_ROOM, "dev/%s", name);

	return length < PATH_ROOM ? 0 : -ENAMETOOLONG;
}

static int console_bind(struct inside *inside, const struct step_console *args, int slave)
{
	char path[PATH_ROOM];
	int code = terminal_path(path, args->directory, "console");

	if (code == 0)
		code = mount_bind_on(inside, slave, "", path, 'f');
	if (code == 0 && args->directory)
		code = mount_bind_on(inside, slave, "", "dev/console", 'f');
	return code;
}

/* Without a console init may have what the caller redirected, but not the terminal: it could type there (TIOCSTI). */
int inside_console(struct inside *inside, const struct step *step)
{
	const struct step_console *args = step->args;
	owned_fd master = -1;
	owned_fd slave = -1;
	int code;

	if (args->none && !isatty(0) && !isatty(1) && !isatty(2))
		return 0;
	code = pty_open(inside, &master, &slave);
	if (code == 0 && !args->none)
		code = console_bind(inside, args, slave);
	if (code == 0)
		code = sync_give(inside, SYNC_CONSOLE, master);
	if (code < 0)
		return code;
	inside->console = steal_fd(&slave);
	return 0;
}

/* With lxc.tty.dir the terminal lies there, and dev/ttyN is a link to it. */
static int tty_link(struct inside *inside, const char *directory, const char *name)
{
	char contents[PATH_ROOM], path[PATH_ROOM];
	const char *last;
	owned_fd parent = -1;
	int code;

	snprintf(contents, sizeof contents, "%s/%s", directory, name);
	terminal_path(path, NULL, name);
	parent = rootfs_parent(inside->root, path, &last);
	if (parent < 0)
		return parent;
	unlinkat(parent, last, 0);
	code = rootfs_symlink(inside->root, contents, path);
	return code == -EEXIST ? 0 : code;
}

/* *master is set as soon as there is one. */
static int tty_make(struct inside *inside, const char *directory, unsigned number, int *master)
{
	size_t used = strlen(inside->container_ttys);
	owned_fd slave = -1;
	char name[20], path[PATH_ROOM];
	unsigned pts;
	int code;

	snprintf(name, sizeof name, "tty%u", number);
	code = terminal_path(path, directory, name);
	if (code == 0)
		code = pty_open(inside, master, &slave);
	if (code == 0)
		code = mount_bind_on(inside, slave, "", path, 'f');
	if (code == 0 && directory)
		code = tty_link(inside, directory, name);
	if (code < 0)
		return code;
	if (ioctl(*master, TIOCGPTN, &pts) < 0)
		return -errno;
	snprintf(inside->container_ttys + used, sizeof inside->container_ttys - used, "%spts/%u",
		 number == 1 ? "container_ttys=" : " ", pts);
	return 0;
}

int inside_ttys(struct inside *inside, const struct step *step)
{
	const struct step_ttys *args = step->args;
	struct sync_message message = { .type = SYNC_DESCRIPTOR, .number = SYNC_TTY };
	int masters[LAUNCH_TTYS_MAX], code = 0;
	size_t made = 0;

	while (code == 0 && made < args->count && made < LAUNCH_TTYS_MAX) {
		masters[made] = -1;
		code = tty_make(inside, args->directory, (unsigned)made + 1, &masters[made]);
		made += masters[made] >= 0;
	}
	if (code == 0 && made > 0)
		code = sync_send_many(inside->sync, &message, masters, made);
	while (made > 0)
		close(masters[--made]);
	return code;
}
