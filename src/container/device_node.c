/*
 * Device nodes of a running container.  What is written inside is written by
 * a child that has joined the container's mounts and, where there is one, its
 * user namespace: it can do no more than root in there, whatever the guest
 * puts in the way meanwhile.  Called by lxs-device.
 */
#include "container/device_node.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "container/device_record.h"
#include "container/device_rules.h"
#include "container/handback.h"
#include "lib/filesystem.h"
#include "lib/mount.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/rootfs.h"

enum { PATIENCE = 10 * 1000 }; /* milliseconds */

struct guest {
	int root;              /* of its init (O_PATH) */
	int mounts;            /* its mount namespace */
	int users;             /* its user namespace; -1: ours */
};

struct node {
	const char *name;      /* inside */
	mode_t mode;           /* with its type */
	dev_t device;
	int source;            /* the host's node as a mount that is attached nowhere; -1: it is to go */
	struct stat *facts;    /* shared with the child, which is only to look; NULL: it is to act */
};

static void guest_done(struct guest *guest)
{
	own_close_fd(&guest->root);
	own_close_fd(&guest->mounts);
	own_close_fd(&guest->users);
}

#define owned_guest __attribute__((cleanup(guest_done))) struct guest

/* Whether this namespace is the one we are in. */
static bool is_ours(int namespace, const char *own)
{
	struct stat theirs, ours;

	return fstat(namespace, &theirs) == 0 && stat(own, &ours) == 0 && theirs.st_ino == ours.st_ino;
}

static int guest_open(const struct run_state *state, struct guest *ret, struct error *err)
{
	owned_fd pidfd = run_state_pidfd(state, err);
	owned_fd proc = -1;
	char path[64];

	if (pidfd < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%d", (int)state->init);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return error_set(err, errno, "cannot look at init in %s", path);
	ret->root = openat(proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret->mounts = openat(proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
	ret->users = openat(proc, "ns/user", O_RDONLY | O_CLOEXEC);
	/* A kernel without user namespaces is the only one where there is none. */
	if (ret->root < 0 || ret->mounts < 0 || (ret->users < 0 && errno != ENOENT))
		return error_set(err, errno, "cannot look into the container's files");
	/* Still there, so it was this process all the time. */
	if (proc_signal(pidfd, 0) < 0)
		return error_set(err, ESRCH, "init (pid %d) is gone", (int)state->init);
	if (is_ours(ret->mounts, "/proc/self/ns/mnt"))
		return error_set(err, 0, "the container has no mounts of its own: what the host has it has");
	if (ret->users >= 0 && is_ours(ret->users, "/proc/self/ns/user"))
		own_close_fd(&ret->users);
	return 0;
}

static int name_check(const char *name, struct error *err)
{
	if (*name != '/') {
		error_set(err, 0, "'%s' does not begin with '/'", name);
		return error_hint(err, "name the node in the container by its whole path, such as /dev/fuse");
	}
	if (name[strlen(name) - 1] == '/')
		return error_set(err, 0, "'%s' is a directory's name", name);
	return path_climbs(name) ? error_set(err, 0, "'%s' has '..' in it", name) : 0;
}

/* ---- in the child ---- */

/* Its mounts with our rights, and then no rights but those that are had in there. */
static int guest_enter(const struct guest *guest)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setns(guest->mounts, CLONE_NEWNS) < 0)
		return -errno;
	if (guest->users < 0)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
	return setns(guest->users, CLONE_NEWUSER) < 0 || setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	       setresuid(0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
}

/* Which device a node is; 0, or -errno: -ENODEV when it is none. */
static int node_look(int root, const char *name, struct stat *ret)
{
	owned_fd fd = rootfs_open(root, name, O_PATH | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, ret) < 0)
		return fd < 0 ? fd : -errno;
	return S_ISCHR(ret->st_mode) || S_ISBLK(ret->st_mode) ? 0 : -ENODEV;
}

static int parents_make(int root, const char *name)
{
	owned_str parent = strndup(name, (size_t)(strrchr(name, '/') - name));
	owned_fd fd = parent ? rootfs_directory(root, parent, 0755) : -ENOMEM;

	return fd < 0 ? fd : 0;
}

/* A node on a mount with nodev would be of no use. */
static bool allows_devices(int root, const char *name)
{
	const char *last;
	owned_fd parent = rootfs_parent(root, name, &last);
	struct statvfs facts;

	return parent < 0 || fstatvfs(parent, &facts) < 0 || !(facts.f_flag & ST_NODEV);
}

static int node_bind(int root, const struct node *node)
{
	owned_fd target = -1, parent = -1;
	int code = rootfs_node(root, node->name, S_IFREG, 0);
	const char *last;

	if (code < 0)
		return code;
	target = rootfs_open(root, node->name, O_PATH | O_NOFOLLOW);
	code = target < 0 ? target : mount_attach(node->source, target);
	if (code == 0)
		return 0;
	parent = rootfs_parent(root, node->name, &last);
	if (parent >= 0)
		unlinkat(parent, last, 0);
	return code;
}

static bool is_there(int root, const struct node *node)
{
	struct stat there;

	return node_look(root, node->name, &there) == 0 && there.st_rdev == node->device &&
	       (there.st_mode & S_IFMT) == (node->mode & S_IFMT);
}

/* 0 also when that very node is there. */
static int node_make(int root, const struct node *node)
{
	int code = parents_make(root, node->name);

	if (code < 0)
		return code;
	code = allows_devices(root, node->name) ? rootfs_node(root, node->name, node->mode, node->device) : -EPERM;
	if (code == -EPERM)
		code = node_bind(root, node);
	return code == -EEXIST && is_there(root, node) ? 0 : code;
}

/* Of a node that was a mount, the empty file that it stood on goes too.  What else the guest has there stays. */
static int node_remove(int root, const struct node *node)
{
	const char *last;
	owned_fd parent = -1;
	struct stat below;

	if (!is_there(root, node))
		return 0;
	parent = rootfs_parent(root, node->name, &last);
	if (parent < 0 || fchdir(parent) < 0)
		return parent < 0 ? parent : -errno;
	if (umount2(last, UMOUNT_NOFOLLOW | MNT_DETACH) < 0)
		return errno == EINVAL && unlinkat(parent, last, 0) == 0 ? 0 : -errno;
	if (fstatat(parent, last, &below, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(below.st_mode) && below.st_size == 0)
		unlinkat(parent, last, 0);
	return 0;
}

static int node_report(const struct node *node, int code, struct error *err)
{
	const char *refusal = rootfs_refusal(-code);

	if (code == -EEXIST)
		return error_set(err, 0, "the container already has a %s", node->name);
	if (node->facts && code == -ENOENT)
		return error_set(err, 0, "the container has no %s", node->name);
	if (node->facts && code == -ENODEV)
		return error_set(err, 0, "the container's %s is no device node", node->name);
	error_set(err, refusal ? 0 : -code, node->source >= 0 ? "cannot make %s in the container"
							      : "cannot remove the container's %s", node->name);
	return refusal ? error_add(err, "the path %s", refusal) : -1;
}

/* The guest may have a file system there that never answers. */
static int answer_await(int pipe, int pidfd, struct error *err)
{
	struct pollfd answer = { .fd = pipe, .events = POLLIN };
	int code;

	do
		code = poll(&answer, 1, PATIENCE);
	while (code < 0 && errno == EINTR);
	if (code > 0)
		return handback_receive(pipe, "the process that went into the container died", err);
	proc_signal(pidfd, SIGKILL);
	return error_set(err, ETIMEDOUT, "the container's file system does not answer");
}

static int node_work(int root, const struct node *node)
{
	if (node->facts)
		return node_look(root, node->name, node->facts);
	return node->source >= 0 ? node_make(root, node) : node_remove(root, node);
}

/* Makes the node inside, removes it, or looks at it. */
static int node_change(const struct guest *guest, const struct node *node, struct error *err)
{
	owned_fd ours = -1, theirs = -1, child = -1;
	int ends[2], code, answer;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid == 0) {
		owned_error failure = ERROR_INIT;

		code = guest_enter(guest);
		if (code < 0)
			error_set(&failure, -code, "cannot enter the container");
		else if ((code = node_work(guest->root, node)) < 0)
			node_report(node, code, &failure);
		handback_send(theirs, code < 0 ? &failure : NULL);
		_exit(0);
	}
	own_close_fd(&theirs);
	child = proc_open(pid);
	answer = child < 0 ? error_set(err, -child, "cannot hold the process that goes into the container")
			   : answer_await(ours, child, err);
	proc_wait(pid);
	return answer;
}

/* ---- the two verbs ---- */

static struct device_rule rule_of(const struct node *node, bool allow)
{
	struct device_rule rule = device_rule_everything(allow);

	rule.type = S_ISBLK(node->mode) ? 'b' : 'c';
	rule.major = (int)major(node->device);
	rule.minor = (int)minor(node->device);
	return rule;
}

static bool is_same_device(const struct device_rule *one, const struct device_rule *other)
{
	return one->type == other->type && one->major == other->major && one->minor == other->minor;
}

static int host_node(const char *host, struct node *node, struct error *err)
{
	struct stat facts;

	node->source = mount_copy(AT_FDCWD, host, false);
	if (node->source < 0)
		return error_set(err, -node->source, "cannot open %s", host);
	if (fstat(node->source, &facts) < 0)
		return error_set(err, errno, "cannot look at %s", host);
	if (!S_ISCHR(facts.st_mode) && !S_ISBLK(facts.st_mode))
		return error_set(err, 0, "%s is neither a device node nor an interface", host);
	node->mode = facts.st_mode;
	node->device = facts.st_rdev;
	return 0;
}

/* One at a time: what one grants another could take for what the container always had. */
static int run_lock(const struct rundir *run, struct error *err)
{
	return flock(run->fd, LOCK_EX) < 0 ? error_set(err, errno, "cannot lock %s", run->path) : 0;
}

/* Nothing is left of a node that could not be given. */
static void node_take_back(const struct rundir *run, const struct run_state *state, const char *inside,
			   const struct device_rule *deny, bool granted)
{
	owned_error ignored = ERROR_INIT;

	if (granted && !device_record_used(run->fd, deny, inside))
		running_device_rule(run, state, deny, &ignored);
	device_record_forget(run->fd, inside, &ignored);
}

/* It is written down before it is given: whoever is killed in between leaves what `del` finds. */
int running_node_add(const struct rundir *run, const struct run_state *state, const char *host, const char *inside,
		     struct error *err)
{
	owned_guest guest = { -1, -1, -1 };
	owned_fd source = -1;
	struct node node = { .name = inside, .source = -1 };
	struct device_rule allow, deny, given = device_rule_everything(true);
	bool granted;
	int answer = host_node(host, &node, err);

	source = node.source;
	if (answer < 0 || name_check(inside, err) < 0 || guest_open(state, &guest, err) < 0 || run_lock(run, err) < 0)
		return -1;
	allow = rule_of(&node, true);
	deny = rule_of(&node, false);
	if (device_record_find(run->fd, inside, &given) && !is_same_device(&given, &allow)) {
		error_set(err, 0, "the container was given another device as %s", inside);
		return error_hint(err, "take that away first: lxs-device del %s", inside);
	}
	granted = device_record_granted(run->fd, &allow) || !running_device_allowed(run, state, &allow);
	if (device_record_add(run->fd, inside, &allow, granted, err) < 0)
		return -1;
	if ((!granted || running_device_rule(run, state, &allow, err) == 0) && node_change(&guest, &node, err) == 0)
		return 0;
	node_take_back(run, state, inside, &deny, granted);
	return -1;
}

/* What is there by that name, as the child that goes into the container sees it. */
static int node_find(const struct guest *guest, const char *inside, struct node *ret, struct error *err)
{
	struct stat *facts = mmap(NULL, sizeof *facts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int answer;

	if (facts == MAP_FAILED)
		return error_set(err, errno, "cannot share memory");
	*ret = (struct node){ .name = inside, .source = -1, .facts = facts };
	answer = node_change(guest, ret, err);
	ret->mode = facts->st_mode;
	ret->device = facts->st_rdev;
	ret->facts = NULL;
	munmap(facts, sizeof *facts);
	return answer;
}

/* Which device the name stands for: by our own list, else by what is there. */
static int device_of(const struct rundir *run, const struct guest *guest, const char *inside, struct device_rule *deny,
		     bool *granted, struct error *err)
{
	struct node node;

	*deny = device_rule_everything(false);
	*granted = true; /* in either case: what is in no list came with the container */
	if (device_record_find(run->fd, inside, deny)) {
		*granted = device_record_granted(run->fd, deny);
		return 0;
	}
	if (node_find(guest, inside, &node, err) < 0)
		return -1;
	*deny = rule_of(&node, false);
	return 0;
}

/* The right goes first, of the device that was given: the guest decides what is to be seen under the name. */
int running_node_delete(const struct rundir *run, const struct run_state *state, const char *inside,
			struct error *err)
{
	owned_guest guest = { -1, -1, -1 };
	struct node node = { .name = inside, .source = -1 };
	struct device_rule deny;
	bool granted;

	if (name_check(inside, err) < 0 || guest_open(state, &guest, err) < 0 || run_lock(run, err) < 0 ||
	    device_of(run, &guest, inside, &deny, &granted, err) < 0)
		return -1;
	if (granted && !device_record_used(run->fd, &deny, inside) && running_device_rule(run, state, &deny, err) < 0)
		return -1;
	if (device_record_forget(run->fd, inside, err) < 0)
		return -1;
	node.mode = deny.type == 'b' ? S_IFBLK : S_IFCHR;
	node.device = makedev((unsigned)deny.major, (unsigned)deny.minor);
	return node_change(&guest, &node, err);
}
