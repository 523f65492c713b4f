core_sources += \
	src/lib/arena.c src/lib/arena.h \
	src/lib/capability.c src/lib/capability.h \
	src/lib/error.c src/lib/error.h \
	src/lib/file.c src/lib/file.h src/lib/words.h \
	src/lib/libmount.c src/lib/libmount.h \
	src/lib/log.c src/lib/log.h \
	src/lib/origin.h src/lib/own.h \
	src/lib/resource.c src/lib/resource.h \
	src/lib/rootfs.c src/lib/rootfs.h \
	src/lib/proc.c src/lib/proc.h \
	src/lib/text.c src/lib/text.h \
	src/lib/unotify.h
core_sources += src/lib/filesystem.c src/lib/filesystem.h src/lib/rootfs_mount.c src/lib/rootfs_mount.h
core_sources += src/lib/block.c src/lib/block.h src/lib/overlay.c src/lib/overlay.h
core_sources += src/lib/tree_copy.c src/lib/tree_copy.h src/lib/file_copy.c src/lib/attributes.c src/lib/attributes.h
core_sources += src/lib/tree.c src/lib/tree.h src/lib/statx.h
core_sources += src/lib/shift.c src/lib/shift.h src/lib/id_map.c src/lib/id_map.h

core_sources += src/lib/cgroup.c src/lib/cgroup.h
core_sources += src/lib/netlink.c src/lib/netlink.h src/lib/netlink_request.c src/lib/netlink_request.h
core_sources += src/lib/netlink_peer.c src/lib/netlink_peer.h src/lib/usernet.c src/lib/usernet.h
core_sources += src/lib/netlink_bridge.c src/lib/netlink_bridge.h
core_sources += src/lib/host_end.c src/lib/host_end.h
core_sources += src/lib/which.c src/lib/which.h
core_sources += src/lib/mount.h src/lib/program.c src/lib/program.h
core_sources += src/lib/replace.c src/lib/pidfd.c src/lib/inside.c src/lib/inside.h
core_sources += src/lib/mountinfo.c src/lib/mountinfo.h
core_sources += src/lib/sha256.c src/lib/sha256.h
