/*
 * The rootfs of a container with a user namespace, mounted with its ids by
 * the host side: nothing is chowned, and what only the host's root can mount
 * is mounted by him.  Apart from rootfs.c because that runs inside.  Called
 * from the table.
 */
#include "launch/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/mount_map.h"
#include "launch/mounts.h"
#include "launch/report.h"
#include "lib/log.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/proc.h"

struct answer {
	int tree;  /* a descriptor that both have, or -errno */
	char detail[LAUNCH_DETAIL];
};

/*
 * Changes hold before anybody can see the mount.  It leaves the host's peer
 * group, as init's own tree does in STEP_PROPAGATION: what is mounted on it
 * inside would show on the host, and a shared mount cannot become the root.
 */
static int tree_make(const struct step_rootfs_map *args, const struct rootfs_mounting *how)
{
	const struct mount_change leave = { .propagation = MS_SLAVE, .recursive = true };
	const struct step_rootfs *rootfs = &args->rootfs;
	struct mount_change change = {
		.set = rootfs->attr_set, .clear = rootfs->attr_clear, .propagation = rootfs->propagation, .recursive = true,
	};
	owned_fd tree = rootfs_mount(&rootfs->source, how);
	int code = tree < 0 ? tree : mount_change(tree, &leave);

	if (code == 0)
		code = mount_change(tree, &change);
	return code < 0 ? code : steal_fd(&tree);
}

/*
 * Layers with mapped ids have to stand somewhere for a moment: in a mount
 * namespace that nobody else sees.  An overlay makes files of its own as who
 * mounted it, and the host's root is nobody in such a layer: so it is the
 * container's root who does, with the host's capabilities.
 */
static void child_make(const struct step_rootfs_map *args, struct rootfs_mounting *how, struct answer *answer)
{
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) {
		answer->tree = -errno;
		return;
	}
	setfsgid(args->gid);
	setfsuid(args->uid);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		answer->tree = -errno;
		return;
	}
	how->stand = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	answer->tree = how->stand < 0 ? -errno : tree_make(args, how);
}

/* In a child that shares our descriptors: what it opens stays open here. */
static int tree_make_apart(const struct step_rootfs_map *args, struct rootfs_mounting *how, struct answer *answer)
{
	struct clone_args clone = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	owned_fd ours = -1, theirs = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	ours = ends[0];
	theirs = ends[1];
	pid = (pid_t)syscall(SYS_clone3, &clone, sizeof clone);
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		child_make(args, how, answer);
		_exit(write(theirs, answer, sizeof *answer) != sizeof *answer);
	}
	if (proc_wait(pid) != 0 || read(ours, answer, sizeof *answer) != sizeof *answer)
		return -ECHILD;
	return answer->tree;
}

/* What can be mounted by a container's root is left to the step inside, which says what is wrong with it. */
int launch_rootfs_map(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_rootfs_map *args = step->args;
	struct answer answer = { .tree = -1 };
	struct rootfs_mounting how = {
		.device = launch->device, .stand = -1, .uids = args->required ? NULL : args->uids,
		.detail = { answer.detail, sizeof answer.detail },
	};
	owned_fd space = launch_userns_open(launch, args->idmap);
	int tree;

	if (space < 0)
		return launch_report(step, space == -ENOTTY ? ECANCELED : -space,
				     space == -ENOTTY ? "what idmap= names is no user namespace" : "idmap=", err);
	how.userns = space;
	tree = args->rootfs.source.lowers ? tree_make_apart(args, &how, &answer) : tree_make(args, &how);
	if (tree == -ENOENT)
		return 0;
	if (tree < 0)
		return launch_report(step, -tree, answer.detail, err);
	if (*answer.detail)
		log_warn("launch", "%s: %s", args->rootfs.source.path, answer.detail);
	launch->tree = tree;
	return 0;
}
