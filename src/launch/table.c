/*
 * One row a kind of step: what runs it.  The only place where the engine
 * (host.c, inside.c) and the domains meet.
 */
#include "launch/launch.h"

#include "launch/apparmor.h"
#include "launch/cgroup.h"
#include "launch/cgroup_mounts.h"
#include "launch/clock.h"
#include "launch/clone.h"
#include "launch/dev.h"
#include "launch/devices.h"
#include "launch/exec.h"
#include "launch/hooks.h"
#include "launch/host.h"
#include "launch/idmap.h"
#include "launch/inside.h"
#include "launch/join.h"
#include "launch/label.h"
#include "launch/mounts.h"
#include "launch/net.h"
#include "launch/process.h"
#include "launch/rootfs.h"
#include "launch/seccomp.h"
#include "launch/security.h"
#include "launch/unmap.h"

const struct launch_row launch_table[STEP_KINDS] = {
	/* engine */
	[STEP_SHARE] = { "join the {name} namespace of {target}", .host = launch_share },
	[STEP_CLONE] = { "make the container's first process", .host = launch_clone },
	[STEP_IDMAP] = { "map the container's ids", .host = launch_idmap },
	[STEP_ROOTFS_MAP] = { "map the ids of {path}", .host = launch_rootfs_map },
	[STEP_CGROUP_OWNER] = { "hand the cgroups on to group {gid}", .host = launch_cgroup_owner },
	[STEP_NAMESPACE_ROOT] = { "become root of the user namespace", .inside = inside_namespace_root },
	[STEP_RELEASE] = { "let init go on", .host = launch_release },
	[STEP_AWAIT] = { "wait for init", .host = launch_await },
	[STEP_SYNC] = { "meet the launcher", .inside = inside_sync },
	[STEP_TELL] = { "tell the launcher", .inside = inside_tell },
	[STEP_UNSHARE] = { "make new namespaces", .inside = inside_unshare },
	[STEP_TIME] = { "give the container clocks of its own", .inside = inside_time },

	/* mounts */
	[STEP_ROOTFS_DEVICE] = { "find the block device of {path}", .host = launch_rootfs_device },
	[STEP_PIN] = { "hold the rootfs {path}", .host = launch_pin },
	[STEP_HOST_DIRECTORY] = { "make the directory {target}", .host = launch_host_directory },
	[STEP_PROPAGATION] = { "keep the container's mounts from the host's", .inside = inside_propagation },
	[STEP_ROOTFS] = { "use {path} as the rootfs", .inside = inside_rootfs },
	[STEP_DIRECTORY] = { "make the directory /{target} in the container", .inside = inside_directory },
	[STEP_FILESYSTEM] = { "mount {source} (type {type}) on /{target}", .inside = inside_filesystem },
	[STEP_BIND] = { "mount {source} on /{target}", .inside = inside_bind },
	[STEP_ATTRIBUTES] = { "change the mount on /{target}", .inside = inside_attributes },
	[STEP_UNMOUNT] = { "unmount /{target}", .inside = inside_unmount },
	[STEP_CGROUP_MOUNT] = { "mount cgroups on /{target}", .inside = inside_cgroup_mount },
	[STEP_PIVOT] = { "make the rootfs the container's /", .inside = inside_pivot },

	/* /dev */
	[STEP_NODE] = { "make the device /{target}", .inside = inside_node },
	[STEP_LINK] = { "make the link /{target}", .inside = inside_link },
	[STEP_DEVPTS] = { "mount devpts on /dev/pts", .inside = inside_devpts },
	[STEP_CONSOLE] = { "make the console", .inside = inside_console },
	[STEP_TTYS] = { "make {count} ttys", .inside = inside_ttys },
	[STEP_BOOT_ID] = { "give the container a boot id of its own", .inside = inside_boot_id },

	[STEP_NOTE] = { "note that {text}", .host = launch_note },

	/* cgroups */
	[STEP_CGROUP_MAKE] = { "make the {role} cgroups", .host = launch_cgroup_make },
	[STEP_CGROUP_JOIN] = { "enter the {role} cgroups", .host = launch_cgroup_join },
	[STEP_CGROUP_PLACE] = { "place init in the {role} cgroups", .host = launch_cgroup_place },
	[STEP_CGROUP_LIMIT] = { "set {file} to {value}", .host = launch_cgroup_limit },
	[STEP_CGROUP_DEVICES] = { "set the device rules of {directory}", .host = launch_cgroup_devices },

	/* network */
	[STEP_VETH] = { "make interface {index}", .host = launch_veth },
	[STEP_NET_USER] = { "make interface {index}", .host = launch_net_user },
	[STEP_NET_STACK] = { "make interface {index}", .host = launch_net_stack },
	[STEP_NET_CHILD] = { "make interface {index}, {type} on {link}", .host = launch_net_child },
	[STEP_NET_PHYS] = { "lend {link} to the container as interface {index}", .host = launch_net_phys },
	[STEP_NET_PROXY] = { "let {link} answer for the container", .host = launch_net_proxy },
	[STEP_NET_ADDRESS] = { "set up interface {index} in the container",
			       .prepare = launch_net_prepare, .inside = inside_net },
	[STEP_LOOPBACK_UP] = { "bring up the loopback interface", .inside = inside_loopback_up },

	/* hooks */
	[STEP_HOST_HOOK] = { "run the {type} hook {command}", .host = launch_hook },
	[STEP_HOOK] = { "run the {type} hook {command}", .inside = inside_hook },

	/* process */
	[STEP_PROC] = { "write {value} to {file} of init in /proc", .host = launch_proc },
	[STEP_PRLIMIT] = { "set the resource limit {name}", .host = launch_prlimit },
	[STEP_CORE_SCHED] = { "give the container a core scheduling domain", .host = launch_core_sched },
	[STEP_HOSTNAME] = { "set the host name {text}", .inside = inside_hostname },
	[STEP_KEYRING] = { "make a session keyring", .inside = inside_keyring },
	[STEP_PERSONALITY] = { "set the personality", .inside = inside_personality },
	[STEP_SYSCTL] = { "set the kernel parameter {key} to {value}", .inside = inside_sysctl },

	/* security */
	[STEP_VERIFY] = { "verify that init is confined", .host = launch_verify },
	[STEP_UNMAP] = { "let go of the host's program", .prepare = launch_unmap, .inside = inside_unmap },
	[STEP_APPARMOR] = { "load the AppArmor profile {profile}", .host = launch_apparmor },
	[STEP_LABEL] = { "take the label {label}", .prepare = launch_label, .inside = inside_label },
	[STEP_BOUNDING] = { "drop capabilities", .inside = inside_bounding },
	[STEP_NO_NEW_PRIVS] = { "set no_new_privs", .inside = inside_no_new_privs },
	[STEP_CLOCK] = { "hand the clock to the container", .prepare = launch_clock, .inside = inside_clock },
	[STEP_SECCOMP] = { "load the seccomp profile {profile}", .prepare = launch_seccomp, .inside = inside_seccomp },

	/* exec */
	[STEP_STDIO] = { "set up the standard descriptors", .inside = inside_stdio },
	[STEP_DIRECTORY_CHANGE] = { "change to the directory {text}", .inside = inside_directory_change },
	[STEP_IDENTITY] = { "become the user and group of init", .inside = inside_identity },
	[STEP_EXEC] = { "execute {argv}", .prepare = launch_exec, .inside = inside_exec },
};
