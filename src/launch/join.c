/*
 * Namespaces of others (lxc.namespace.share): opening them, and the process in
 * between that joins them and has init as its brother.  The launcher cannot
 * join them itself: from a user namespace there is no way back.  Init could,
 * but only with the rights it was born with, and what it makes for itself
 * would belong to the namespace it came from.  Called from clone.c and the
 * table.
 */
#include "launch/join.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/rundir.h"
#include "launch/clone.h"
#include "launch/report.h"
#include "lib/own.h"
#include "lib/proc.h"

/* The pid of a running container's init; 0 when there is none of that name, or `why` says what is in the way. */
static pid_t container_init_pid(const char *lxcpath, const char *name, struct error *why)
{
	struct rundir run = RUNDIR_INIT;
	struct run_state state = { 0 };
	pid_t init = 0;

	if (rundir_open(lxcpath, name, &run, why) == RUNDIR_OPENED &&
	    run_state_read(&run, &state, why) == RUNDIR_OPENED)
		init = state.init;
	run_state_done(&state);
	rundir_done(&run);
	return init;
}

/* A path of nsfs, the pid of a process, or the name of a running container beside this one. */
static int share_path(struct launch *launch, const struct step_share *args, char path[static PATH_MAX], struct error *why)
{
	char *end;
	long pid = strtol(args->target, &end, 10);

	if (args->target[0] == '/')
		return snprintf(path, PATH_MAX, "%s", args->target) < PATH_MAX ? 0 : -ENAMETOOLONG;
	if (*end != '\0' || end == args->target)
		pid = container_init_pid(launch->plan->lxcpath, args->target, why);
	if (pid <= 0)
		return -ESRCH;
	snprintf(path, PATH_MAX, "/proc/%ld/ns/%s", pid, args->name);
	return 0;
}

/* The starter's own user namespace cannot be joined, and there is nothing in it to join. */
static bool is_own_user(const struct step_share *args, int fd)
{
	struct stat one, other;

	return args->namespace == CLONE_NEWUSER && fstat(fd, &one) == 0 && stat("/proc/self/ns/user", &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

int launch_share(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_share *args = step->args;
	int slot = launch_namespace_slot(args->namespace);
	char path[PATH_MAX];
	owned_error why = ERROR_INIT;
	int code = share_path(launch, args, path, &why);
	owned_fd fd = -1;

	if (code == -ESRCH) {
		launch_report(step, ECANCELED, why.message ? why.message : "no container of this name is running", err);
		return why.message ? -1 : error_hint(err, "start that container first, or name one that runs, or a pid");
	}
	if (slot < 0 || code < 0)
		return launch_report(step, code < 0 ? -code : EINVAL, "", err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return launch_report(step, errno, "", err);
	if (ioctl(fd, NS_GET_NSTYPE) != (int)args->namespace)
		return launch_report(step, EINVAL, "it is not a namespace of this kind", err);
	if (is_own_user(args, fd))
		return launch_report(step, ECANCELED, "it has none of its own: its ids are the host's", err);
	launch->shared[slot] = steal_fd(&fd);
	return 0;
}

bool launch_shares_any(const struct launch *launch)
{
	for (int slot = 0; slot < LAUNCH_NAMESPACES; slot++)
		if (launch->shared[slot] >= 0)
			return true;
	return false;
}

/* What the process in between has to tell. */
struct word {
	pid_t init;          /* 0: none */
	int code;            /* errno value */
	int slot;            /* of the namespace that could not be joined; -1: it was the clone */
	bool born_in_cgroup;
};

/* 0, or -errno with *slot.  With `patient` those that are refused now may be joined later. */
static int join_all(int *shared, bool patient, int *slot)
{
	int user = launch_namespace_slot(CLONE_NEWUSER);

	for (int i = 0; i < LAUNCH_NAMESPACES; i++) {
		*slot = i;
		if (shared[i] < 0 || i == user)
			continue;
		if (setns(shared[i], 0) == 0)
			own_close_fd(&shared[i]);
		else if (!patient || errno != EPERM)
			return -errno;
	}
	return 0;
}

/*
 * What belongs to the starter's user namespace is joined with the starter's
 * rights, what belongs to the joined one with those that are had in there.
 */
static int join_in_order(int *shared, int *slot)
{
	int user = launch_namespace_slot(CLONE_NEWUSER);
	int code = join_all(shared, shared[user] >= 0, slot);

	if (code < 0 || shared[user] < 0)
		return code;
	*slot = user;
	/* Root in there may trace what it sees, and it sees init: which is a copy of us, with all that we hold. */
	if (setns(shared[user], CLONE_NEWUSER) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return join_all(shared, false, slot);
}

/* Returns in init only. */
static pid_t between(struct launch *launch, const struct step_clone *args, int pipe)
{
	struct word word = { .slot = -1 };
	int shared[LAUNCH_NAMESPACES];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < LAUNCH_NAMESPACES; i++)
		shared[i] = launch->shared[i];
	word.code = -join_in_order(shared, &word.slot);
	if (word.code == 0) {
		word.slot = -1;
		word.init = launch_clone_init(launch, args, CLONE_PARENT);
		if (word.init == 0)
			return 0;
		word.code = word.init < 0 ? errno : 0;
		word.born_in_cgroup = launch->born_in_cgroup;
	}
	_exit(write(pipe, &word, sizeof word) == sizeof word ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int word_report(const struct launch *launch, const struct step *step, const struct word *word, struct error *err)
{
	const struct side *host = &launch->plan->host;

	for (size_t i = 0; word->slot >= 0 && i < host->count; i++) {
		const struct step_share *share = host->steps[i].args;

		if (host->steps[i].kind == STEP_SHARE && launch_namespace_slot(share->namespace) == word->slot)
			return launch_report(&host->steps[i], word->code, "", err);
	}
	return launch_report(step, word->code, "", err);
}

pid_t launch_clone_joined(struct launch *launch, const struct step *step, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	struct word word;
	int ends[2];
	pid_t pid;
	ssize_t got;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return launch_report(step, errno, "", err);
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return launch_report(step, errno, "", err);
	if (pid == 0)
		return between(launch, step->args, theirs);
	own_close_fd(&theirs);
	got = read(ours, &word, sizeof word);
	proc_wait(pid);
	if (got != sizeof word)
		return launch_report(step, ECANCELED, "the process that joins namespaces died", err);
	if (word.code != 0)
		return word_report(launch, step, &word, err);
	launch->born_in_cgroup = word.born_in_cgroup;
	/* A child of ours that nobody has waited for: the number cannot be another's. */
	launch->pidfd = proc_open(word.init);
	if (launch->pidfd < 0)
		return launch_report(step, -launch->pidfd, "", err);
	return word.init;
}
