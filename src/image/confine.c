/*
 * Confinement by a mount namespace (image/confine.h): a copy of the tree's
 * mount is taken, everything is made read-only and its devices dead, the copy is
 * put over the tree, and the rights to undo that are dropped.
 * Apart because it runs between fork and exec and may allocate nothing.
 */
#include "image/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mount.h"
#include "lib/own.h"

static int write_file(const char *path, const char *text)
{
	owned_fd fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* An ordinary user gets mounts of his own with a user namespace in which he is himself. */
static int own_mounts(void)
{
	unsigned long uid = geteuid(), gid = getegid();
	char uids[64], gids[64];
	int answer;

	if (unshare(CLONE_NEWNS) == 0)
		return 0;
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	snprintf(uids, sizeof uids, "%lu %lu 1", uid, uid);
	snprintf(gids, sizeof gids, "%lu %lu 1", gid, gid);
	answer = write_file("/proc/self/setgroups", "deny");
	answer = answer < 0 ? answer : write_file("/proc/self/uid_map", uids);
	return answer < 0 ? answer : write_file("/proc/self/gid_map", gids);
}

/* The place of a directory, to be found again in a copy of the mounts: a descriptor stays with the original. */
static int path_of(int tree, char *path, size_t size)
{
	char link[32];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", tree);
	length = readlink(link, path, size - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	return 0;
}

static bool is_same(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static int nothing_is_writable(void)
{
	struct mount_attr all = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &all, sizeof all) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}

static int only_this_is_writable(int original, const char *path)
{
	struct mount_attr others = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };
	struct mount_attr ours = { .attr_set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };
	owned_fd tree = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), copy = -1;

	if (tree < 0 || !is_same(tree, original))
		return tree < 0 ? -errno : -ESTALE;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	copy = open_tree(tree, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (copy < 0 || mount_setattr(copy, "", AT_EMPTY_PATH, &ours, sizeof ours) < 0 ||
	    mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &others, sizeof others) < 0 ||
	    move_mount(copy, "", tree, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0 || fchdir(copy) < 0)
		return -errno;
	return 0;
}

/* What it takes to make files of all kinds and owners; nothing that could take the mounts away again. */
static int drop_capabilities(void)
{
	static const unsigned kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_MKNOD,
					 CAP_SETFCAP };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	for (unsigned number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
		bool keep = false;

		for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
			keep |= kept[i] == number;
		if (!keep && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			return -errno;
	}
	/* For root exec(2) gives what is inheritable as well, whatever the bounding set says. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	sets[0].inheritable = sets[1].inheritable = 0;
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

/* exec(2) would make files root's again. */
static int become_caller(void)
{
	uid_t uid = (uid_t)setfsuid((uid_t)-1);
	gid_t gid = (gid_t)setfsgid((gid_t)-1);

	if (uid == geteuid() && gid == getegid())
		return 0;
	return setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0 ? -errno : 0;
}

int confine(void *data)
{
	const struct confinement *confinement = data;
	struct rlimit size = { (rlim_t)confinement->largest, (rlim_t)confinement->largest };
	char path[PATH_MAX];
	int answer;

	/* Whoever asked for it may be killed; nobody else would end it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || (confinement->largest > 0 && setrlimit(RLIMIT_FSIZE, &size) < 0))
		return -errno;
	answer = confinement->tree < 0 ? 0 : path_of(confinement->tree, path, sizeof path);
	answer = answer < 0 ? answer : own_mounts();
	if (answer == 0)
		answer = confinement->tree < 0 ? nothing_is_writable() : only_this_is_writable(confinement->tree, path);
	answer = answer < 0 ? answer : drop_capabilities();
	if (answer == 0 && confinement->as_caller)
		answer = become_caller();
	if (answer == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		answer = -errno;
	return answer;
}
