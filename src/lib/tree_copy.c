/*
 * Copies directory trees (lib/tree_copy.h).  Apart from tree.c, which removes
 * them in the same manner, because here two trees are walked in step.  Called
 * from container/ and storage/.
 */
#include "lib/tree_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/attributes.h"
#include "lib/own.h"
#include "lib/statx.h"
#include "lib/text.h"

/* A directory on the way down; only the deepest one is open, in both trees. */
struct level {
	char *name;        /* owned; "" at the top */
	struct stat facts; /* of the one that is copied */
	ino_t made;        /* of the copy */
	struct buffer directories; /* names still to be copied in it, each with its NUL */
	size_t next;
};

/* A file with several names, and the first one its copy got. */
struct link {
	dev_t device;
	ino_t inode;
	char *path; /* owned; beneath the copy's top; NULL: the slot is free */
};

struct copy {
	int from, to;      /* of the deepest level; owned */
	int top;           /* of the copy; the caller's */
	struct stat self;  /* that */
	uint64_t mount;    /* the one mount we stay on */
	struct level *levels;
	size_t depth;
	struct link *links; /* a table by inode, at most half full */
	size_t link_size, link_count;
	const char *shown;
};

static void copy_done(struct copy *copy)
{
	own_close_fd(&copy->from);
	own_close_fd(&copy->to);
	for (size_t i = 0; i < copy->depth; i++) {
		own_free(&copy->levels[i].name);
		buffer_done(&copy->levels[i].directories);
	}
	own_free(&copy->levels);
	for (size_t i = 0; i < copy->link_size; i++)
		own_free(&copy->links[i].path);
	own_free(&copy->links);
}

static int copy_failed(const struct copy *copy, int code, const char *name, struct error *err)
{
	error_set(err, code, "cannot copy %s", name);
	for (size_t i = copy->depth; i > 1; i--)
		error_add(err, "%s", copy->levels[i - 1].name);
	return error_add(err, "%s", copy->shown);
}

/* ---- hard links ---- */

static struct link *link_slot(const struct copy *copy, dev_t device, ino_t inode)
{
	size_t i = (size_t)inode * 2654435761U & (copy->link_size - 1);

	while (copy->links[i].path && (copy->links[i].device != device || copy->links[i].inode != inode))
		i = (i + 1) & (copy->link_size - 1);
	return &copy->links[i];
}

static int links_grow(struct copy *copy)
{
	struct copy grown = *copy;

	grown.link_size = copy->link_size ? copy->link_size * 2 : 256;
	grown.links = calloc(grown.link_size, sizeof *grown.links);
	if (!grown.links)
		return -1;
	for (size_t i = 0; i < copy->link_size; i++)
		if (copy->links[i].path)
			*link_slot(&grown, copy->links[i].device, copy->links[i].inode) = copy->links[i];
	free(copy->links);
	copy->links = grown.links;
	copy->link_size = grown.link_size;
	return 0;
}

/* Where the copy of this file is, for others of its names.  One too deep for a path is copied once more. */
static int link_remember(struct copy *copy, const struct stat *facts, const char *name)
{
	owned_buffer path = { 0 };
	struct link *slot;

	if (copy->link_count * 2 >= copy->link_size && links_grow(copy) < 0)
		return -ENOMEM;
	slot = link_slot(copy, facts->st_dev, facts->st_ino);
	for (size_t i = 1; i < copy->depth; i++)
		buffer_printf(&path, "%s/", copy->levels[i].name);
	buffer_puts(&path, name);
	if (path.length >= PATH_MAX || slot->path)
		return 0;
	*slot = (struct link){ facts->st_dev, facts->st_ino, strdup(buffer_text(&path)) };
	copy->link_count += slot->path != NULL;
	return slot->path ? 0 : -ENOMEM;
}

/* 1: it was copied before under another name and has this one too now; 0: it has to be copied; -errno. */
static int link_try(struct copy *copy, const struct stat *facts, const char *name)
{
	struct link *slot;

	if (facts->st_nlink < 2 || copy->link_count == 0)
		return 0;
	slot = link_slot(copy, facts->st_dev, facts->st_ino);
	if (!slot->path)
		return 0;
	return linkat(copy->top, slot->path, copy->to, name, 0) < 0 ? -errno : 1;
}

/* ---- one entry ---- */

/* What is copied may be another file by now than was listed: *facts is what it was. */
static int regular_copy(struct copy *copy, const char *name, struct stat *facts)
{
	owned_fd from = openat(copy->from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	owned_fd to = -1;
	int code;

	if (from < 0 || fstat(from, facts) < 0)
		return -errno;
	if (!S_ISREG(facts->st_mode))
		return -ESTALE;
	to = openat(copy->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	code = file_copy_data(from, to, facts->st_size);
	return code < 0 ? code : attributes_copy(from, to, facts);
}

static int symlink_copy(struct copy *copy, const char *name, const struct stat *facts)
{
	char contents[PATH_MAX];
	ssize_t length = readlinkat(copy->from, name, contents, sizeof contents - 1);

	if (length < 0)
		return -errno;
	contents[length] = '\0';
	if (symlinkat(contents, copy->to, name) < 0)
		return -errno;
	return attributes_copy_at(copy->from, copy->to, name, facts);
}

static int node_copy(struct copy *copy, const char *name, const struct stat *facts)
{
	if (mknodat(copy->to, name, facts->st_mode, facts->st_rdev) < 0)
		return errno == EPERM && (S_ISCHR(facts->st_mode) || S_ISBLK(facts->st_mode)) ? 0 : -errno;
	return attributes_copy_at(copy->from, copy->to, name, facts);
}

static int entry_copy(struct copy *copy, const char *name, struct stat *facts)
{
	int code = link_try(copy, facts, name);

	if (code != 0)
		return code < 0 ? code : 0;
	if (S_ISREG(facts->st_mode))
		code = regular_copy(copy, name, facts);
	else
		code = S_ISLNK(facts->st_mode) ? symlink_copy(copy, name, facts) : node_copy(copy, name, facts);
	/* Only now: what was removed while it was copied has no copy that other names could be linked to. */
	return code == 0 && facts->st_nlink > 1 ? link_remember(copy, facts, name) : code;
}

/* Copies what is no directory, and keeps the names of those that are. */
static int level_copy(struct copy *copy, struct error *err)
{
	struct level *level = &copy->levels[copy->depth - 1];
	int again = openat(copy->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;
	struct stat facts;
	int code;

	if (!list) {
		own_close_fd(&again);
		return copy_failed(copy, errno, ".", err);
	}
	for (errno = 0; (entry = readdir(list)); errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(copy->from, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue;
			return copy_failed(copy, errno, entry->d_name, err);
		}
		if (S_ISDIR(facts.st_mode)) {
			buffer_add(&level->directories, entry->d_name, strlen(entry->d_name) + 1);
			continue;
		}
		code = entry_copy(copy, entry->d_name, &facts);
		/* A running container may remove what was just listed. */
		if (code < 0 && code != -ENOENT)
			return copy_failed(copy, -code, entry->d_name, err);
	}
	return errno ? copy_failed(copy, errno, ".", err) : 0;
}

/* ---- directories ---- */

/* 1: another mount stands there, or it is gone: nothing to copy; 0; -1. */
static int directory_open(struct copy *copy, const char *name, int *from, struct stat *facts, struct error *err)
{
	struct statx mount;

	*from = openat(copy->from, *name ? name : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*from < 0)
		return errno == ENOENT ? 1 : copy_failed(copy, errno, name, err);
	if (fstat(*from, facts) < 0 || statx(*from, "", AT_EMPTY_PATH, STATX_MNT_ID, &mount) < 0)
		return copy_failed(copy, errno, name, err);
	if (copy->depth == 0)
		copy->mount = mount.stx_mnt_id;
	return 0;
}

static bool is_other_mount(const struct copy *copy, int directory)
{
	struct statx mount;

	return statx(directory, "", AT_EMPTY_PATH, STATX_MNT_ID, &mount) == 0 && mount.stx_mnt_id != copy->mount;
}

static int level_push(struct copy *copy, const char *name, const struct stat *facts, ino_t made)
{
	struct level *grown = reallocarray(copy->levels, copy->depth + 1, sizeof *grown);

	if (!grown)
		return -1;
	copy->levels = grown;
	grown[copy->depth] = (struct level){ .name = strdup(name), .facts = *facts, .made = made };
	if (!grown[copy->depth].name)
		return -1;
	copy->depth++;
	return 0;
}

static int directory_enter(struct copy *copy, const char *name, struct error *err)
{
	owned_fd from = -1, to = -1;
	struct stat facts, made;
	int answer = directory_open(copy, name, &from, &facts, err);

	if (answer != 0)
		return answer < 0 ? -1 : 0;
	if (facts.st_ino == copy->self.st_ino && facts.st_dev == copy->self.st_dev)
		return copy_failed(copy, 0, "it into itself", err);
	if (*name && mkdirat(copy->to, name, 0700) < 0)
		return copy_failed(copy, errno, name, err);
	to = openat(copy->to, *name ? name : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0 || fstat(to, &made) < 0)
		return copy_failed(copy, errno, name, err);
	/* A mount point stays as an empty directory: what is mounted there is not of this tree. */
	if (is_other_mount(copy, from)) {
		attributes_copy(from, to, &facts);
		return 0;
	}
	if (level_push(copy, name, &facts, made.st_ino) < 0)
		return copy_failed(copy, ENOMEM, name, err);
	own_close_fd(&copy->from);
	own_close_fd(&copy->to);
	copy->from = steal_fd(&from);
	copy->to = steal_fd(&to);
	return level_copy(copy, err);
}

/* The directory above by "..": it must be the one we came from. */
static int step_up(int *fd, dev_t device, ino_t inode)
{
	owned_fd above = openat(*fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat facts;

	if (above < 0 || fstat(above, &facts) < 0)
		return -errno;
	if (facts.st_ino != inode || (device && facts.st_dev != device))
		return -ESTALE;
	own_close_fd(fd);
	*fd = steal_fd(&above);
	return 0;
}

/* Its times come last: copying into it has changed them. */
static int directory_leave(struct copy *copy, struct error *err)
{
	struct level *last = &copy->levels[copy->depth - 1];
	owned_str name = NULL;
	int code = attributes_copy(copy->from, copy->to, &last->facts);

	if (code < 0)
		return copy_failed(copy, -code, ".", err);
	if (copy->depth > 1) {
		const struct level *above = last - 1;

		code = step_up(&copy->from, above->facts.st_dev, above->facts.st_ino);
		if (code == 0)
			code = step_up(&copy->to, 0, above->made);
		if (code < 0)
			return copy_failed(copy, -code, "..", err);
	}
	name = steal_ptr(last->name);
	buffer_done(&last->directories);
	copy->depth--;
	return 0;
}

int tree_copy(int from, int to, const char *shown, struct error *err)
{
	__attribute__((cleanup(copy_done))) struct copy copy = {
		.from = fcntl(from, F_DUPFD_CLOEXEC, 3), .to = fcntl(to, F_DUPFD_CLOEXEC, 3), .top = to, .shown = shown,
	};

	if (copy.from < 0 || copy.to < 0 || fstat(to, &copy.self) < 0)
		return error_set(err, errno, "cannot copy %s", shown);
	if (directory_enter(&copy, "", err) < 0)
		return -1;
	while (copy.depth > 0) {
		struct level *last = &copy.levels[copy.depth - 1];
		const char *next;

		if (last->next == last->directories.length) {
			if (directory_leave(&copy, err) < 0)
				return -1;
			continue;
		}
		next = last->directories.text + last->next;
		last->next += strlen(next) + 1;
		if (directory_enter(&copy, next, err) < 0)
			return -1;
	}
	return 0;
}
