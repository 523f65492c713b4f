/*
 * Mounts that are attached nowhere yet: of a file system, made by fsopen(2),
 * fsconfig(2) and fsmount(2), or a copy of another by open_tree(2).  Nothing here allocates: it runs between clone3
 * and exec too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filesystem {
	const char *type, *source;
	const char *data;     /* comma list for the file system; NULL: none */
	bool readonly;        /* the file system itself, not only this mount of it */
	uint64_t attributes;  /* MOUNT_ATTR_* of this mount */
};

/* Why a mount failed, beyond the errno value: what the kernel had to say, or words of ours; "" without. */
struct mount_detail {
	char *text;
	size_t size;
};

void mount_detail_set(const struct mount_detail *detail, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The mount, or -errno; -E2BIG: a text is longer than fsconfig(2) takes (mount(2) may do). */
int filesystem_new(const struct filesystem *wanted, const struct mount_detail *detail);

/* For who needs more than texts: the context of a file system, its words set, and the mount made of it. */
int filesystem_open(const struct filesystem *wanted, const struct mount_detail *detail);
int filesystem_finish(int context, uint64_t attributes, const struct mount_detail *detail);

/* The refusal of a context with its own words put into `detail`; returns -code. */
int filesystem_refusal(int context, int code, const struct mount_detail *detail);

/* A detached copy of what `directory` and `path` name (path "": the descriptor itself); or -errno. */
int mount_copy(int directory, const char *path, bool recursive);

/* Puts a detached mount on what `target` is. */
int mount_attach(int mount, int target);
