# Sources of src/plan, one a line.
core_sources += \
	src/plan/apparmor.c src/plan/apparmor.h \
	src/plan/auto_mounts.c \
	src/plan/cgroup_mounts.c \
	src/plan/dev.c \
	src/plan/domains.h \
	src/plan/label.c \
	src/plan/mount_options.c src/plan/mount_options.h \
	src/plan/mounts.c \
	src/plan/plan.c src/plan/plan.h \
	src/plan/print.c \
	src/plan/rootfs.c \
	src/plan/steps.c src/plan/steps.h

core_sources += \
	src/plan/exec.c \
	src/plan/hooks.c src/plan/hooks.h \
	src/plan/idmap.c src/plan/idmap.h \
	src/plan/namespaces.c \
	src/plan/process.c \
	src/plan/security.c \
	src/plan/words.c src/plan/words.h

core_sources += src/plan/cgroup.c src/plan/cgroup_limits.c src/plan/cgroup_steps.h src/plan/confine_steps.h src/plan/net_steps.h src/plan/devices.c src/plan/device_rule.c src/plan/device_rule.h
core_sources += src/plan/net.c src/plan/net_names.c src/plan/net.h src/plan/net_router.c src/plan/net_types.c src/plan/net_open.c src/plan/net_user.c
core_sources += src/plan/clock.c
