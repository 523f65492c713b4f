/*
 * The domains of a plan: each is a function that turns its own settings into
 * its own steps and knows no other domain.  What one domain decides and others
 * must know stands in struct planner.  plan.c calls them in the one order.
 */
#pragma once

#include <sched.h>

#include "plan/plan.h"

/* What lxc.idmap makes of the container's root. */
struct id_plan {
	bool mapped;
	const char *uid_map, *gid_map;   /* as the kernel takes them */
	uid_t uid, host_uid;             /* who acts as root while the container is set up, inside and on the host */
	gid_t gid, host_gid;
	bool no_tty_group;               /* gid 5 is not mapped */
};

struct planner {
	struct plan *plan;
	const struct settings *settings;
	const struct host *host;
	const struct plan_request *request;
	uint64_t capabilities;   /* bit N: init keeps capability N (lxc.cap.*, lxs.cap.grant) */
	bool own_rootfs;         /* lxc.rootfs.path is set; else the container lives on the host's / */
	uint64_t created;        /* CLONE_NEW* that init gets for itself; set by plan_namespaces() */
	const char *birth_cgroup; /* the v2 directory clone3 may put init into, or NULL; set by plan_cgroup_make() */
	const struct step_cgroup *monitor, *payload; /* the last steps of these roles, which are all in the same places */
	struct id_plan ids;      /* set by plan_idmap_check() */
	const char *label;       /* of AppArmor or SELinux, what init gets; NULL: none; set by plan_policy() */
	const struct origin *label_origin;
	bool networked;          /* the host makes interfaces while init is at work, which has not waited for it yet */
	uint64_t shared;         /* CLONE_NEW* of others that init is born in; set by plan_namespaces() */
};

/*
 * What these namespaces hold gets its owner when they are made: files of
 * /proc/net and /sys/class/net, the root of mqueue.  With a user namespace
 * they are made once its ids are mapped.
 */
#define PLAN_MAPPED_NAMESPACES ((uint64_t)CLONE_NEWNET | CLONE_NEWIPC)

/* Appends the steps of one domain.  0, or -1 with an error that names its config line. */
typedef int domain_planner(struct planner *planner, struct error *err);

/* decisions and the host side up to the release of init */
domain_planner plan_idmap_check;     /* decides ids; no steps */
domain_planner plan_namespaces;      /* decides created and shared; no steps */
domain_planner plan_hooks_pre_start;
domain_planner plan_policy;          /* decides label; a generated profile is loaded */
domain_planner plan_rootfs_device;
domain_planner plan_cgroup_make;
domain_planner plan_pin_early;
domain_planner plan_pin;
domain_planner plan_host_directories;
domain_planner plan_shares;
domain_planner plan_clone;
domain_planner plan_time;            /* container side */
domain_planner plan_idmap;           /* both sides, up to the namespaces it makes as root */
domain_planner plan_cgroup_place;
domain_planner plan_cgroup_limits;
domain_planner plan_net_host;
domain_planner plan_proc;
domain_planner plan_prlimit;
domain_planner plan_core_sched;
domain_planner plan_placed;          /* both sides: RELEASE and SYNC */
domain_planner plan_cgroup_monitor;  /* while init sets itself up */

/* container side, before pivot_root */
domain_planner plan_unshare;
domain_planner plan_propagation;
domain_planner plan_hooks_pre_mount;
domain_planner plan_rootfs;
domain_planner plan_hostname;
domain_planner plan_keyring;
domain_planner plan_net_await;
domain_planner plan_net_inside;
domain_planner plan_dev;
domain_planner plan_auto_mounts;
domain_planner plan_fstab;
domain_planner plan_entries;
domain_planner plan_cgroup_mounts;
domain_planner plan_hooks_mount;
domain_planner plan_hooks_autodev;
domain_planner plan_nodes;
domain_planner plan_devpts;
domain_planner plan_console;
domain_planner plan_ttys;
domain_planner plan_dev_links;
domain_planner plan_pivot;

/* container side, in its new root */
domain_planner plan_shmounts;
domain_planner plan_boot_id;
domain_planner plan_personality;
domain_planner plan_sysctls;
domain_planner plan_stdio;
domain_planner plan_unmap;
domain_planner plan_bounding;
domain_planner plan_label;
domain_planner plan_no_new_privs;
domain_planner plan_clock;
domain_planner plan_seccomp;
domain_planner plan_hooks_start;
domain_planner plan_ready;           /* both sides: AWAIT and SYNC */

/* host side, init is ready but held */
domain_planner plan_cgroup_devices_beside;
domain_planner plan_cgroup_devices;
domain_planner plan_hooks_start_host;
domain_planner plan_verify;
domain_planner plan_released;        /* RELEASE */

/* container side, nothing but the way to exec is left */
domain_planner plan_init_cwd;
domain_planner plan_identity;
domain_planner plan_exec;

/* Refuses a value of the mount option idmap= that cannot be honoured: also for the rootfs. */
int idmap_refuse(const struct planner *planner, const char *text, struct error *err);

/* lxc.console.path is not "none". */
bool plan_has_console(const struct planner *planner);

/* The SELinux context of the session keyring; NULL: none. */
const char *label_keyring(const struct planner *planner);

/* For planners: 0 when a check wants to hear what else is refused; else -1, and err stays as it is. */
int plan_refuse(const struct planner *planner, struct error *err);

/* For planners: a meeting of the two sides, STEP_SYNC, STEP_TELL, STEP_RELEASE or STEP_AWAIT. */
void plan_meet(struct planner *planner, enum step_kind kind, enum sync_point point);

/* The rootfs and its options; *idmap: whose ids lxc.rootfs.options asks for, "container" or a path; NULL: nobody's. */
int plan_rootfs_step(struct planner *planner, struct step_rootfs *step, const char **idmap, struct error *err);

/*
 * Where device rules are set; for plan/devices.c.  With the limits, but v1
 * refuses `deny a` where there are cgroups below: there it is the payload
 * itself.  NULL with err.
 */
const char *plan_cgroup_device_directory(struct planner *planner, const struct cgroup_hierarchy *hierarchy,
					 struct error *err);

/* The same for limits of either version. */
const char *plan_cgroup_limit_directory(struct planner *planner, const struct cgroup_hierarchy *hierarchy,
					struct error *err);
