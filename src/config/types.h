/*
 * The rows of value types that the key table refers to.  types.c has the
 * plain ones, types-net.c those of networks, types-set.c those that are words
 * out of a set.
 */
#pragma once

#include "config/keys.h"

extern const struct key_type type_string, type_proc, type_line, type_path, type_bool, type_bool_any, type_unsigned, type_integer,
	type_signed, type_bytes, type_size, type_limit, type_idmap, type_environment, type_uts, type_tty_dir,
	type_rootfs_path, type_rootfs_options, type_cgroup_dir, type_cgroup_name, type_offset, type_groups, type_words,
	type_notify_proxy, type_include;

extern const struct key_type type_net, type_net_flags, type_hwaddr, type_mtu, type_interface, type_interfaces, type_address4,
	type_address6, type_gateway4, type_gateway6, type_route4, type_route6, type_vlan, type_vlan_port,
	type_vlan_tagged, type_queues, type_veth_mode, type_macvlan_mode, type_ipvlan_mode, type_ipvlan_isolation;

extern const struct key_type type_arch, type_signal, type_capability, type_capability_keep, type_namespace,
	type_clock, type_mount_auto, type_log_level, type_log_facility;

/* Groups of lxc.mount.auto: a later word of the same group replaces. */
enum mount_auto { MOUNT_AUTO_PROC, MOUNT_AUTO_SYS, MOUNT_AUTO_CGROUP, MOUNT_AUTO_SHMOUNTS };

/* What the words of lxs.clock parse to. */
enum clock_role { CLOCK_NONE, CLOCK_OWNER };

/* What the words of lxc.net.N.type parse to. */
enum net_type { NET_EMPTY, NET_VETH, NET_MACVLAN, NET_IPVLAN, NET_VLAN, NET_PHYS, NET_NONE };

/* LXC's numbers: blanks may stand in front, base 0, nothing behind. */
int parse_unsigned(const char *text, uint64_t greatest, uint64_t *ret, struct error *err);
int parse_signed(const char *text, int64_t least, int64_t greatest, int64_t *ret, struct error *err);

/* One of `choices`: its position in ret->number and its spelling there in ret->text; else an error with a hint. */
int parse_choice(const char *const *choices, const char *text, struct value *ret, struct error *err);

const char *format_number(struct arena *arena, const struct value *value);
