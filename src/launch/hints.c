/*
 * Advice by kind of step and errno value: one row a case.  Apart from the
 * steps because the container side has no room for words.
 */
#include "launch/report.h"

#include <errno.h>

const struct launch_hint launch_hints[] = {
	{ STEP_ROOTFS_MAP, EINVAL, "its file system cannot be mounted with mapped ids: without idmap= the tree must belong to "
	  "the ids that lxc.idmap gives the container" },
	{ STEP_ROOTFS, ENOENT, "create the container first, or correct lxc.rootfs.path" },
	{ STEP_ROOTFS, EACCES, "all directories on the way to it must be searchable" },
	{ STEP_BIND, ENOENT, "create {source}, or add 'optional' to skip the mount when its source is missing" },
	{ STEP_BIND, ENOTDIR, "a directory goes on a directory and a file on a file: create=dir or create=file" },
	{ STEP_BIND, EXDEV, "/{target} must lie in the container's own files: name the place itself, or remove the link" },
	{ STEP_BIND, ENOSPC, "the file system that holds the rootfs is full: free some, or make the target before" },
	{ STEP_BIND, EINVAL, "a directory with mounts below it, or one that another namespace guards, needs rbind" },
	{ STEP_FILESYSTEM, ENODEV, "the kernel does not know the file system {type}: is its module loaded?" },
	{ STEP_FILESYSTEM, ENOENT, "create {source}, or add 'optional' to skip the mount when it is missing" },
	{ STEP_FILESYSTEM, EXDEV, "/{target} must lie in the container's own files: name the place itself, or remove the link" },
	{ STEP_FILESYSTEM, ENOSPC, "the file system that holds the rootfs is full: free some, or make the target before" },
	{ STEP_FILESYSTEM, EINVAL, "see whether {type} knows all of the options" },
	{ STEP_FILESYSTEM, EPERM, "this needs a privilege that the launcher lacks" },
	{ STEP_ATTRIBUTES, EINVAL, "nothing is mounted on /{target}" },
	{ STEP_PIVOT, EINVAL, "the host's own root is an initial ramfs: start from one that was pivoted to" },
	{ STEP_DEVPTS, EINVAL, "the kernel has no devpts, or lxc.pty.max is beyond its limit (kernel.pty.max)" },
	{ STEP_CONSOLE, EXDEV, "lxc.tty.dir is a directory below the container's own /dev" },
	{ STEP_CONSOLE, ENOSPC, "all pseudo-terminals are in use: raise kernel.pty.max or lxc.pty.max" },
	{ STEP_TTYS, ENOSPC, "all pseudo-terminals are in use: raise kernel.pty.max or lxc.pty.max" },
	{ STEP_LABEL, ENOENT, "no such profile is loaded: apparmor_parser -r FILE loads one, 'generated' makes one, and "
	  "'unconfined' goes without" },
	{ STEP_LABEL, EACCES, "whoever starts the container is confined, and its own policy does not allow the change" },
	{ STEP_LABEL, EINVAL, "the kernel knows no such label" },
	{ STEP_EXEC, ENOENT, "is there an init in the root file system? lxc.init.cmd names another, or give a command" },
	{ STEP_EXEC, ECANCELED, "what it names must exist inside the root file system, at that very path" },
	{ STEP_EXEC, EACCES, "make it executable, and see that no mount on the way is noexec" },
	{ STEP_EXEC, ENOEXEC, "a script needs '#!' and its interpreter in the first line, "
	  "a program of another architecture an emulator in binfmt_misc" },
	{ STEP_HOST_HOOK, 0, "a hook that fails ends the start: mend it, or take the line out" },
	{ STEP_HOOK, 0, "a hook that fails ends the start: mend it, or take the line out" },
	{ STEP_PROC, ENOENT, "files are named as in /proc/PID: oom_score_adj, timerslack_ns ..." },
	{ STEP_PROC, EINVAL, "the kernel refuses this value" },
	{ STEP_SYSCTL, ENOENT, "this kernel has no such parameter, or the namespace it belongs to is not the container's own" },
	{ STEP_SYSCTL, EROFS, "the parameter belongs to the host and is read-only in a container" },
	{ STEP_PRLIMIT, EINVAL, "limits are SOFT:HARD, and the soft one is not above the hard one" },
	{ STEP_PRLIMIT, EPERM, "raising a hard limit needs CAP_SYS_RESOURCE on the host" },
	{ STEP_CORE_SCHED, EINVAL, "this kernel is built without CONFIG_SCHED_CORE" },
	{ STEP_CGROUP_LIMIT, ENOENT, "the name is misspelt, or the controller is not handed down to this cgroup "
	  "(cgroup.subtree_control of the one above)" },
	{ STEP_CGROUP_LIMIT, EINVAL, "the kernel refuses this value" },
	{ STEP_CGROUP_LIMIT, ERANGE, "the kernel refuses this value" },
	{ STEP_CGROUP_LIMIT, EBUSY, "the container already uses more than that" },
	{ STEP_CGROUP_LIMIT, EACCES, "this file can only be read" },
	{ STEP_CGROUP_DEVICES, ENOENT, "the device does not exist on the host" },
	{ STEP_CGROUP_DEVICES, EPERM, "device rules need CAP_SYS_ADMIN, and a cgroup above that allows as much" },
	{ STEP_CGROUP_DEVICES, EINVAL, "a kernel without CONFIG_CGROUP_BPF knows no device rules for cgroup v2" },
	{ STEP_NET_ADDRESS, EEXIST, "two interfaces want the same name, or one address is given twice" },
	{ STEP_SHARE, ENOENT, "there is no such process, or no such file" },
	{ STEP_SHARE, EPERM, "this needs root of the host, or of the user namespace that it belongs to: share that too "
	  "(lxc.namespace.share.user)" },
	{ STEP_SHARE, EINVAL, "a pid namespace can be joined from above it only, and no namespace twice" },
	{ STEP_TIME, ERANGE, "a clock cannot be set before the boot of the host, nor centuries ahead" },
	{ STEP_CLONE, EPERM, "new namespaces need root; for user namespaces of users see kernel.unprivileged_userns_clone and "
	  "kernel.apparmor_restrict_unprivileged_userns (sysctl)" },
	{ STEP_CLONE, ENOSPC, "the limit of namespaces in /proc/sys/user is reached" },
	{ STEP_CLONE, EAGAIN, "a limit of processes is reached (ulimit -u, pids.max, kernel.pid_max)" },
	{ 0, 0, NULL },
};
