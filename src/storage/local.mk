# Sources of src/storage, one a line.
core_sources += src/storage/storage.c src/storage/storage.h
core_sources += src/storage/dir.c
core_sources += src/storage/overlay.c
core_sources += src/storage/btrfs.c src/storage/loop.c src/storage/lvm.c src/storage/nbd.c src/storage/rbd.c src/storage/zfs.c
core_sources += src/storage/block.c src/storage/block.h src/storage/command.c src/storage/command.h
core_sources += src/storage/nbd_connect.c src/storage/nbd_connect.h
core_sources += src/storage/nbd_device.c src/storage/nbd_device.h src/storage/nbd_server.c src/storage/nbd_server.h
