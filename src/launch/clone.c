/*
 * clone3: the point from which a launch has two sides, and the namespaces
 * that init then makes itself.  Apart from host.c because of its fallbacks.
 * Called from the table.
 */
#include "launch/clone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/cgroup.h"
#include "launch/inside.h"
#include "launch/join.h"
#include "launch/net_ahead.h"
#include "launch/report.h"
#include "lib/own.h"

static const uint64_t namespace_slots[LAUNCH_NAMESPACES] = {
	CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_NEWTIME,
};

int launch_namespace_slot(uint64_t flag)
{
	for (int i = 0; i < LAUNCH_NAMESPACES; i++)
		if (namespace_slots[i] == flag)
			return i;
	return -1;
}

int inside_unshare(struct inside *inside, const struct step *step)
{
	const struct step_unshare *args = step->args;

	(void)inside;
	return unshare(args->namespaces) < 0 ? -errno : 0;
}

static int offsets_write(const char *text)
{
	owned_fd file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);

	return file < 0 || write(file, text, strlen(text)) < 0 ? -errno : 0;
}

/*
 * Unsharing makes the namespace for children, and its clocks are fixed once
 * somebody lives in it: so first the offsets, then init walks in itself
 * (time_namespaces(7)).
 */
int inside_time(struct inside *inside, const struct step *step)
{
	const struct step_time *args = step->args;
	owned_fd made = -1;
	int code;

	if (unshare(CLONE_NEWTIME) < 0)
		return -errno;
	code = args->offsets ? offsets_write(args->offsets) : 0;
	if (code < 0)
		return inside_fail(inside, -code, "%s", "the offsets");
	made = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	return made < 0 || setns(made, CLONE_NEWTIME) < 0 ? -errno : 0;
}

/* The launcher's child, whoever makes it: the exit signal then comes with CLONE_PARENT. */
static pid_t clone_once(struct launch *launch, uint64_t namespaces, int cgroup)
{
	struct clone_args clone = {
		.flags = namespaces | CLONE_PIDFD,
		.pidfd = (uintptr_t)&launch->pidfd,
		.exit_signal = namespaces & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		clone.flags |= CLONE_INTO_CGROUP;
		clone.cgroup = cgroup;
	}
	return syscall(SYS_clone3, &clone, sizeof clone);
}

/*
 * Born in the cgroup where the kernel can do it.  Elsewhere init is moved, and
 * a cgroup namespace made by clone3 would then have the wrong root: init makes
 * it itself after it was placed.
 */
pid_t launch_clone_init(struct launch *launch, const struct step_clone *args, uint64_t flags)
{
	uint64_t namespaces = args->namespaces | flags;
	int cgroup = args->cgroup ? launch_cgroup_birth(launch) : -1;
	pid_t pid;

	if (cgroup >= 0) {
		launch->born_in_cgroup = true;
		pid = clone_once(launch, namespaces, cgroup);
		if (pid >= 0)
			return pid;
		launch->born_in_cgroup = false;
	}
	launch->unshare_late = args->cgroup ? args->namespaces & CLONE_NEWCGROUP : 0;
	return clone_once(launch, namespaces & ~launch->unshare_late, -1);
}

/* What is hidden, only CAP_SYS_PTRACE finds: a launcher that was left without it needs init's namespaces itself. */
static bool finds_hidden(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	return syscall(SYS_capget, &header, sets) == 0 && sets[0].effective & 1U << CAP_SYS_PTRACE;
}

/*
 * Who may look into init before it is executed sees the launcher, and the
 * host's tree.  In a user namespace that the host's root has made, whoever is
 * that root may, whatever capabilities he was left with (user_namespaces(7)):
 * such as root of a container that lives in the same pid namespace, or in the
 * host's.  A user's init is out of reach of those, and he must reach its files
 * in /proc himself.
 */
static pid_t clone_hidden(struct launch *launch, const struct step *step, struct error *err)
{
	int before = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	pid_t pid;

	launch->hidden = geteuid() == 0 && finds_hidden();
	if (launch->hidden)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	pid = launch_shares_any(launch) ? launch_clone_joined(launch, step, err) : net_ahead_clone(launch, step->args);
	if (pid != 0 && before == 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return pid;
}

int launch_clone(struct launch *launch, const struct step *step, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return launch_report(step, errno, "", err);
	ours = ends[0];
	theirs = ends[1];
	pid = clone_hidden(launch, step, err);
	if (pid == 0) {
		own_close_fd(&ours);
		inside_run(launch, theirs);
	}
	if (pid < 0)
		return err->message ? -1 : launch_report(step, errno, "", err);
	launch->init = pid;
	launch->sync = steal_fd(&ours);
	return 0;
}
