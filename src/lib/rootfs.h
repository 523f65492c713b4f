/*
 * Paths beneath a root file system.  Everything a guest may have written is
 * reached through these calls and by no other way: a path is resolved by
 * openat2(2) beneath the descriptor of the root, so no symbolic link can lead
 * out of it, not even one that is put in place meanwhile.  A link that stays
 * beneath is followed; one that is absolute or climbs out is refused with
 * -EXDEV, a magic link of /proc with -ELOOP.
 *
 * A path may begin with '/': it means the root.  `root` is any descriptor of
 * the directory (O_PATH will do).  All calls return -errno on failure; none
 * allocates, so they can be used between clone3 and exec.  Descriptors are
 * close-on-exec and belong to the caller.
 */
#pragma once

#include <sys/types.h>

/* Opens what is there; `flags` as for open(2), without O_CREAT. */
int rootfs_open(int root, const char *path, int flags);

/* Makes a directory and those above it (mode 0755) as far as missing; returns it as O_PATH. */
int rootfs_directory(int root, const char *path, mode_t mode);

/* Makes an empty file and the directories above it as far as missing; returns it as O_PATH. */
int rootfs_file(int root, const char *path, mode_t mode);

/* The directory above the last part of `path` as O_PATH; *name points to that part within `path`. */
int rootfs_parent(int root, const char *path, const char **name);

/* 0, or -errno; -EEXIST when anything has that name. */
int rootfs_symlink(int root, const char *contents, const char *path);
int rootfs_node(int root, const char *path, mode_t mode, dev_t device);

/* Reads at most size - 1 bytes and ends them with NUL; returns their number. */
ssize_t rootfs_read(int root, const char *path, char *buffer, size_t size);

/* Writes in one write(2), as files of /proc and /sys want it; the file must exist. */
int rootfs_write(int root, const char *path, const char *text);

/* Says what -EXDEV and -ELOOP mean here; NULL for other codes (positive errno value). */
const char *rootfs_refusal(int code);
