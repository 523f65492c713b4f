# Sources of src/launch, one a line.
core_sources += \
	src/launch/apparmor.c src/launch/apparmor.h \
	src/launch/cgroup_mounts.c src/launch/cgroup_mounts.h \
	src/launch/cgroup_owner.c \
	src/launch/clock.c src/launch/clock.h src/launch/clock_claim.c \
	src/launch/clone.c src/launch/clone.h \
	src/launch/console.c \
	src/launch/dev.c src/launch/dev.h \
	src/launch/exec.c src/launch/exec.h \
	src/launch/helper.c src/launch/helper.h \
	src/launch/hints.c \
	src/launch/hooks.c src/launch/hooks.h \
	src/launch/host.c src/launch/host.h \
	src/launch/idmap.c src/launch/idmap.h \
	src/launch/inside.c src/launch/inside.h \
	src/launch/join.c src/launch/join.h \
	src/launch/label.c src/launch/label.h \
	src/launch/launch.h \
	src/launch/loopback.c \
	src/launch/mount_map.c src/launch/mount_map.h \
	src/launch/mounts.c src/launch/mounts.h \
	src/launch/notify.c src/launch/notify.h \
	src/launch/process.c src/launch/process.h \
	src/launch/report.c src/launch/report.h \
	src/launch/rootfs.c src/launch/rootfs.h \
	src/launch/rootfs_device.c src/launch/rootfs_map.c \
	src/launch/seccomp.c src/launch/seccomp.h \
	src/launch/security.c src/launch/security.h \
	src/launch/sync.c src/launch/sync.h \
	src/launch/table.c \
	src/launch/undo.c src/launch/undo.h \
	src/launch/unmap.c src/launch/unmap.h

core_sources += src/launch/cgroup.c src/launch/cgroup.h
core_sources += src/launch/cgroup_undo.c
core_sources += src/launch/devices.c src/launch/devices.h
core_sources += src/launch/net.c src/launch/net.h src/launch/net_inside.c
core_sources += src/launch/net_child.c src/launch/net_phys.c src/launch/net_proxy.c src/launch/net_router.c src/launch/net_router.h src/launch/net_script.c src/launch/net_user.c src/launch/net_stack.c src/launch/net_script.h
core_sources += src/launch/net_ahead.c src/launch/net_ahead.h src/launch/net_port.c src/launch/net_port.h src/launch/net_ovs.c
