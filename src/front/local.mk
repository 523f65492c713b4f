# The program that users call; see src/front/front.c.  Static like the other
# small ones, so it has its own objects of what it is made of.
bin_PROGRAMS += lxs
static_programs += lxs
lxs_SOURCES = \
	src/front/front.c \
	src/front/engine.c \
	src/front/handover.c src/front/handover.h \
	src/front/mnl.c \
	src/commands/attach.c \
	src/commands/command.c \
	src/commands/console.c \
	src/commands/copy.c src/commands/copy-ephemeral.c \
	src/commands/define.c \
	src/commands/execute.c \
	src/commands/freeze.c \
	src/commands/help.c \
	src/commands/info.c \
	src/commands/lists.c \
	src/commands/ls.c \
	src/commands/options.c \
	src/commands/specs.c \
	src/commands/start.c \
	src/commands/stop.c \
	src/commands/wait.c \
	src/config/assign.c \
	src/config/find.c \
	src/config/format.c \
	src/config/grammar.c \
	src/config/include.c \
	src/config/keys.c \
	src/config/lines.c \
	src/config/read.c \
	src/config/rootfs_source.c \
	src/config/save.c \
	src/config/settings.c \
	src/config/types-net.c \
	src/config/types-set.c \
	src/config/types.c \
	src/container/addresses.c src/container/addresses_proc.c \
	src/container/attach-await.c \
	src/container/attach-confine.c \
	src/container/attach-notify.c \
	src/container/attach-relay.c \
	src/container/attach-request.c \
	src/container/attach.c \
	src/container/console.c \
	src/container/container.c \
	src/provision/copy.c src/provision/copy_files.c src/provision/copy_fill.c src/provision/copy_text.c \
	src/container/ended.c \
	src/container/freeze.c \
	src/container/handback.c \
	src/provision/hostname.c src/provision/identity.c src/provision/interrupt.c \
	src/container/info.c \
	src/container/list.c src/container/list_filter.c \
	src/provision/mapped.c \
	src/container/nested.c src/provision/newborn.c \
	src/container/partial.c \
	src/provision/rdepends.c src/provision/remains.c \
	src/container/run.c src/container/run_plan.c src/container/run_end.c src/container/run_request.c \
	src/container/scope.c \
	src/provision/snapshot.c src/provision/source.c \
	src/container/start.c \
	src/container/stop.c \
	src/container/usage.c \
	src/provision/verb_hooks.c src/container/verb_lock.c \
	src/container/wait.c \
	src/control/client.c \
	src/control/journal.c \
	src/control/lines.c \
	src/control/protocol.c \
	src/control/rundir.c \
	src/control/state.c \
	src/host/cgroups.c \
	src/host/facts.c \
	src/host/fstab.c \
	src/host/interfaces.c \
	src/host/usernic.c \
	src/host/kernel_text.c \
	src/host/lsm.c \
	src/host/lxsconf.c \
	src/host/subid.c \
	src/host/userns.c \
	src/launch/apparmor.c \
	src/launch/cgroup.c \
	src/launch/cgroup_mounts.c \
	src/launch/cgroup_owner.c \
	src/launch/cgroup_undo.c \
	src/launch/clone.c \
	src/launch/console.c \
	src/launch/dev.c \
	src/launch/devices.c \
	src/launch/exec.c \
	src/launch/helper.c \
	src/launch/hints.c \
	src/launch/hooks.c \
	src/launch/host.c \
	src/launch/idmap.c \
	src/launch/inside.c \
	src/launch/join.c \
	src/launch/label.c \
	src/launch/loopback.c \
	src/launch/mount_map.c \
	src/launch/mounts.c \
	src/launch/net.c src/launch/net_ahead.c src/launch/net_child.c src/launch/net_inside.c \
	src/launch/net_ovs.c src/launch/net_phys.c src/launch/net_port.c src/launch/net_proxy.c src/launch/net_router.c src/launch/net_script.c src/launch/net_user.c src/launch/net_stack.c \
	src/launch/notify.c \
	src/launch/process.c \
	src/launch/report.c \
	src/launch/rootfs.c src/launch/rootfs_map.c \
	src/launch/seccomp.c \
	src/launch/security.c \
	src/launch/sync.c \
	src/launch/table.c \
	src/launch/undo.c \
	src/launch/unmap.c \
	src/lib/arena.c src/lib/attributes.c \
	src/lib/block.c \
	src/lib/capability.c \
	src/lib/cgroup.c \
	src/lib/error.c \
	src/lib/file.c src/lib/file_copy.c src/lib/replace.c \
	src/lib/id_map.c src/lib/inside.c \
	src/lib/filesystem.c \
	src/lib/log.c \
	src/lib/mountinfo.c \
	src/lib/host_end.c src/lib/netlink.c src/lib/netlink_bridge.c src/lib/netlink_request.c \
	src/lib/overlay.c \
	src/lib/pidfd.c \
	src/lib/proc.c \
	src/lib/program.c \
	src/lib/relro.c \
	src/lib/resource.c \
	src/lib/rootfs.c src/lib/rootfs_mount.c \
	src/lib/text.c src/lib/tree.c src/lib/tree_copy.c \
	src/lib/usernet.c \
	src/lib/which.c \
	src/plan/apparmor.c \
	src/plan/auto_mounts.c \
	src/plan/cgroup.c src/plan/cgroup_limits.c \
	src/plan/clock.c \
	src/plan/cgroup_mounts.c \
	src/plan/dev.c \
	src/plan/device_rule.c \
	src/plan/devices.c \
	src/plan/exec.c \
	src/plan/hooks.c \
	src/plan/idmap.c \
	src/plan/label.c \
	src/plan/mount_options.c \
	src/plan/mounts.c \
	src/plan/namespaces.c \
	src/plan/net.c src/plan/net_names.c src/plan/net_open.c src/plan/net_router.c src/plan/net_types.c src/plan/net_user.c \
	src/plan/plan.c \
	src/plan/process.c \
	src/plan/rootfs.c \
	src/plan/security.c \
	src/plan/steps.c \
	src/plan/words.c \
	src/policy/apparmor.c src/policy/compiled.c \
	src/storage/block.c src/storage/btrfs.c src/storage/command.c src/storage/dir.c src/storage/loop.c \
	src/storage/lvm.c src/storage/nbd.c src/storage/overlay.c src/storage/rbd.c src/storage/storage.c src/storage/zfs.c \
	src/supervise/clients.c \
	src/supervise/console.c \
	src/supervise/console_log.c \
	src/supervise/exec.c \
	src/supervise/handover.c \
	src/supervise/keeper.c \
	src/supervise/landlock.c \
	src/supervise/ring.c \
	src/supervise/supervise.c
lxs_CFLAGS = $(static_compile)
lxs_LDFLAGS = $(static_plain_link)
lxs_LDADD =
$(lxs_OBJECTS) lxs$(EXEEXT): CC = $(STATIC_CC)
