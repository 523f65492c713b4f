/*
 * The kinds of steps and the arguments of each.  A kind is one row in
 * plan/steps.c (its name, side, size and fields, from which plans are printed)
 * and one row in launch/table.c (what runs it).  Arguments are plain data that
 * lives in the plan's arena: the container side reads them after clone3
 * without allocating.
 *
 * Paths called `target` are relative to the rootfs and are only ever opened
 * beneath its descriptor (lib/rootfs.h).  Mount attributes are MOUNT_ATTR_*
 * of mount_setattr(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/origin.h"
#include "lib/rootfs_mount.h"
#include "plan/cgroup_steps.h"
#include "plan/confine_steps.h"
#include "plan/net_steps.h"

enum step_side { SIDE_HOST, SIDE_CONTAINER };

enum step_kind {
	/* host side */
	STEP_NOTE,            /* step_text: a line that is not acted upon, and why; nothing is done */
	STEP_HOST_HOOK,       /* step_hook: pre-start, start-host */
	STEP_APPARMOR,        /* step_apparmor: a profile is compiled and loaded, journalled */
	STEP_CGROUP_MAKE,     /* step_cgroup: a directory in every hierarchy, journalled */
	STEP_CGROUP_JOIN,     /* step_cgroup: the launcher moves itself (monitor) */
	STEP_ROOTFS_DEVICE,   /* step_rootfs_device: its block device appears: a volume is activated, an image connected */
	STEP_PIN,             /* step_pin: holds the rootfs's file system open for writing */
	STEP_HOST_DIRECTORY,  /* step_path: on the host, absolute, with those above it */
	STEP_SHARE,           /* step_share: opens a namespace to be joined: init is born in it */
	STEP_CLONE,           /* step_clone: clone3; from here on the container side runs */
	STEP_IDMAP,           /* step_idmap: of init's user namespace; of a joined one they are compared */
	STEP_ROOTFS_MAP,      /* step_rootfs_map: the rootfs through an idmapped mount, for STEP_ROOTFS */
	STEP_CGROUP_OWNER,    /* step_cgroup_owner: the payload's cgroups are handed on to the container's root */
	STEP_CGROUP_PLACE,    /* step_cgroup: init is moved in, unless cloned into it */
	STEP_CGROUP_LIMIT,    /* step_cgroup_limit */
	STEP_CGROUP_DEVICES,  /* step_cgroup_devices */
	STEP_VETH,            /* step_veth: a pair, one end made in init's network namespace */
	STEP_NET_USER,        /* step_net_user: a pair of an ordinary user */
	STEP_NET_STACK,       /* step_net_stack: an interface of a program of the user's */
	STEP_NET_CHILD,       /* step_net_child: macvlan, ipvlan or vlan */
	STEP_NET_PHYS,        /* step_net_phys: an interface of the host is moved in, and back at the end */
	STEP_NET_PROXY,       /* step_net_proxy: an interface of the host answers for the container */
	STEP_PROC,            /* step_proc: a file of /proc/INIT */
	STEP_PRLIMIT,         /* step_prlimit */
	STEP_CORE_SCHED,      /* no arguments: lxc.sched.core */
	STEP_RELEASE,         /* step_sync: init may go on past this point */
	STEP_AWAIT,           /* step_sync: wait until init has come to this point */
	STEP_VERIFY,          /* step_verify: init's capabilities, no_new_privs and filter as /proc shows them */

	/* container side */
	STEP_SYNC,            /* step_sync: tell the host side, wait to be released */
	STEP_TELL,            /* step_sync: tell the host side, go on */
	STEP_NAMESPACE_ROOT,  /* step_namespace_root: become root of the new user namespace */
	STEP_UNSHARE,         /* step_unshare: what could not be made by clone3 */
	STEP_TIME,            /* step_time: a time namespace of its own */
	STEP_HOOK,            /* step_hook: pre-mount, mount, autodev, start */
	STEP_PROPAGATION,     /* step_propagation: of the whole tree */
	STEP_ROOTFS,          /* step_rootfs */
	STEP_HOSTNAME,        /* step_text */
	STEP_KEYRING,         /* step_keyring: a session keyring of its own */
	STEP_NET_ADDRESS,     /* step_net_setup: rename, hwaddr, addresses, up, gateways of one interface */
	STEP_LOOPBACK_UP,     /* no arguments */
	STEP_DIRECTORY,       /* step_path */
	STEP_FILESYSTEM,      /* step_filesystem: a new mount of a file system */
	STEP_BIND,            /* step_bind */
	STEP_ATTRIBUTES,      /* step_attributes: of an existing mount */
	STEP_UNMOUNT,         /* step_path: lazily; nothing mounted there is fine */
	STEP_NODE,            /* step_node: a device below /dev, mknod or a bind of the host's */
	STEP_LINK,            /* step_link */
	STEP_DEVPTS,          /* step_devpts */
	STEP_CONSOLE,         /* step_console: a pty, sent to the host side */
	STEP_TTYS,            /* step_ttys: ptys, sent to the host side */
	STEP_CGROUP_MOUNT,    /* step_cgroup_mount */
	STEP_PIVOT,           /* no arguments */
	STEP_BOOT_ID,         /* no arguments */
	STEP_PERSONALITY,     /* step_number: persona of personality(2) */
	STEP_SYSCTL,          /* step_sysctl */
	STEP_STDIO,           /* step_stdio: a session of its own, the console as 0, 1, 2 */
	STEP_UNMAP,           /* no arguments: the host's program and libraries leave init's memory */
	STEP_BOUNDING,        /* step_bounding: bounding set; inheritable and ambient are emptied */
	STEP_LABEL,           /* step_label: what init, and hooks before it, are once executed */
	STEP_NO_NEW_PRIVS,    /* no arguments */
	STEP_CLOCK,           /* no arguments: lxs.clock = owner */
	STEP_SECCOMP,         /* step_seccomp */
	STEP_DIRECTORY_CHANGE,/* step_text: lxc.init.cwd */
	STEP_IDENTITY,        /* step_identity */
	STEP_EXEC,            /* step_exec: the last */

	STEP_KINDS
};

/* Meeting points of the two sides, in the order in which they are passed. */
enum sync_point {
	SYNC_MAPPED,  /* ids are mapped: init may become root of its user namespace; without one nobody meets here */
	SYNC_PLACED,  /* in its cgroups: set-up may begin */
	SYNC_NETWORKED, /* its interfaces are there; without any nobody meets here */
	SYNC_MADE,    /* every node and mount is made: device rules may hold; without any nobody tells */
	SYNC_READY,   /* all is set up and confined; descriptors were sent; exec is next */
	SYNC_POINTS
};

struct step_sync { enum sync_point point; };
struct step_text { const char *text; bool warn; };                /* warn: the caller is told as well */
struct step_number { uint64_t number; };
struct step_path { const char *target; mode_t mode; };
struct step_unshare { uint64_t namespaces; };                 /* CLONE_NEW* */
struct step_time { const char *offsets; };                    /* lines of /proc/PID/timens_offsets; NULL: none */
struct step_propagation { uint64_t flags; };                  /* MS_SLAVE | MS_REC ... */
struct step_link { const char *target, *contents; };          /* `target` becomes a symlink holding `contents` */
struct step_node { const char *target; unsigned major, minor; mode_t mode; };
struct step_sysctl { const char *key, *value; };              /* key with dots; a file below /proc/sys */
struct step_proc { const char *file, *value; };               /* "oom_score_adj" */
struct step_prlimit { int resource; const char *name; uint64_t soft, hard; };

struct step_share { uint64_t namespace; const char *name, *target; }; /* CLONE_NEWNET, "net", path | pid | container */

struct step_clone {
	uint64_t namespaces;       /* CLONE_NEW* */
	const char *cgroup;        /* absolute path of the v2 directory to be born in; NULL: placed later */
	int death_signal;          /* 0: none */
};

/* Lines `INSIDE OUTSIDE RANGE` as the kernel takes them. */
struct step_idmap { const char *uid_map, *gid_map; bool joined; };
struct step_cgroup_owner {
	gid_t gid;                 /* of the host; with maps of the container */
	const char *uid_map, *gid_map; /* a user namespace in which a user can remove what is made in them; NULL: root */
};
struct step_namespace_root {
	uid_t uid;                 /* of the container: 0 where that is mapped */
	gid_t gid;
	struct rootfs_source source; /* its places are opened before the change of ids; path NULL: none of its own */
	bool joined;               /* others live in the namespace: what we hold is hidden from them */
};
struct step_rootfs_device { struct rootfs_source source; };
struct step_pin { const char *path; };

struct step_rootfs {
	struct rootfs_source source; /* path "/" when there is none of its own */
	const char *mountpoint;    /* lxc.rootfs.mount */
	uint64_t attr_set, attr_clear, propagation;
};

struct step_rootfs_map {
	struct step_rootfs rootfs;
	const char *idmap;         /* by which user namespace: "container", or a path */
	bool required;             /* asked for; else only where the tree has the ids of inside, and as far as possible */
	const char *uids;          /* the container's map, by which that is told */
	uid_t uid;                 /* of the host: the container's root */
	gid_t gid;
};

struct step_filesystem {
	const char *type, *source, *target;
	const char *data;          /* comma list for the file system; NULL: none */
	uint64_t attr_set, propagation;
	bool readonly;             /* the file system itself too, not only this mount of it */
	char create;               /* 'd' directory, 'f' file, 0: must exist */
};

struct step_bind {
	const char *source;        /* on the host, or in the rootfs when `relative` */
	const char *target;
	const char *within;        /* both are below this place, of the file system mounted last; NULL: anywhere */
	bool relative, recursive;
	bool if_exists;            /* a missing source is fine: what need not exist needs no cover */
	uint64_t attr_set, attr_clear, propagation;
	char create;
	const char *idmap;         /* its ids by a user namespace: "container", or a path; NULL: as they are */
};

struct step_attributes { const char *target; bool recursive; uint64_t attr_set, attr_clear, propagation; };

/* One hierarchy of cgroups, below sys/fs/cgroup. */
struct step_cgroup_mount {
	const char *source;        /* on the host: bound, for want of a cgroup namespace; NULL: a mount of its own */
	const char *target;
	const char *controllers;   /* v1: "cpu,cpuacct" or "name=systemd"; NULL: v2 */
	bool full;                 /* bound: all of the hierarchy, not only our cgroup and the way to it */
	bool readonly;             /* ours too */
	bool mixed;                /* bound: all but ours is read-only */
};
struct step_devpts { unsigned max; bool bind_ptmx, no_tty_group; }; /* no_tty_group: the container has no gid 5 */
struct step_console { const char *directory; bool none; }; /* lxc.tty.dir or NULL; console = none */
struct step_ttys { unsigned count; const char *directory; };

struct step_identity {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	bool keep_groups;          /* a new user namespace, and lxc.init.groups unset */
	int death_signal;          /* set anew: a change of uid clears it */
};

struct step_stdio { bool terminals_only; }; /* lxs-execute, or no console: what is no terminal stays */

struct step_exec {
	char *const *argv;         /* NULL at the end */
	char *const *environment;  /* an entry "container_ttys=" is filled in by STEP_TTYS */
	bool small_init;           /* lxs-init, as argv[0] "init", runs argv[1] and on */
};

/* One field of a kind's arguments, for printing. */
enum field_type {
	FIELD_STRING, FIELD_STRINGS, FIELD_BOOL, FIELD_UNSIGNED, FIELD_INT, FIELD_SIZE, FIELD_MODE, FIELD_CHAR,
	FIELD_NUMBER,      /* uint64_t */
	FIELD_LIMIT,       /* uint64_t, RLIM_INFINITY is "unlimited" */
	FIELD_ENVIRONMENT, /* strings; as text only their number */
	FIELD_NAMESPACES, FIELD_ATTRIBUTES, FIELD_PROPAGATION, FIELD_CAPABILITIES, FIELD_SYNC,
	FIELD_ADDRESSES, FIELD_ADDRESS, FIELD_DEVICE_RULES, FIELD_UNSIGNEDS,
};

struct step_field {
	const char *name;
	enum field_type type;
	size_t offset;
	size_t count_offset; /* for arrays that have a count */
};

struct step_kind_row {
	const char *name;
	enum step_side side;
	size_t size;                     /* of the arguments; 0: none */
	const struct step_field *fields; /* until name == NULL; NULL: none */
};

extern const struct step_kind_row step_kinds[STEP_KINDS];
