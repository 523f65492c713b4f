/*
 * Walks directory trees, and removes them (lib/tree.h).  Apart because this is
 * the one place where much can be destroyed by one slip: a container's tree is
 * hostile input, and a mount left in it leads to somebody else's files.
 * Called from provision/destroy.c, provision/create.c, lib/shift.c and the
 * storage backends.
 */
#include "lib/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/mountinfo.h"
#include "lib/own.h"
#include "lib/statx.h"

/* Names one behind the other, each with its NUL. */
struct names {
	char *text; /* owned */
	size_t length, next;
};

/* A directory on the way down; only the deepest one is open. */
struct level {
	char *name; /* owned */
	dev_t device;
	ino_t inode;
	struct names directories; /* still to be visited in it */
};

struct walk {
	int parent;       /* of the tree; the caller's */
	int fd;           /* of the deepest level; owned */
	uint64_t mount;   /* the one mount we stay on */
	struct level *levels;
	size_t depth;
	const char *shown;
	const struct tree_visitor *visitor;
};

static void walk_done(struct walk *walk)
{
	own_close_fd(&walk->fd);
	for (size_t i = 0; i < walk->depth; i++) {
		own_free(&walk->levels[i].name);
		own_free(&walk->levels[i].directories.text);
	}
	own_free(&walk->levels);
}

static int names_add(struct names *names, const char *name)
{
	size_t size = strlen(name) + 1;
	char *grown = realloc(names->text, names->length + size);

	if (!grown)
		return -1;
	memcpy(grown + names->length, name, size);
	names->text = grown;
	names->length += size;
	return 0;
}

/* The path of `name` in the deepest level, as the user knows it. */
static int walk_failed(const struct walk *walk, int code, const char *what, const char *name, struct error *err)
{
	error_set(err, code, "cannot %s %s", what, name ? name : "it");
	for (size_t i = walk->depth; i > 1; i--)
		error_add(err, "%s", walk->levels[i - 1].name);
	return error_add(err, "%s", walk->shown);
}

static int visit(const struct walk *walk, int from, const char *name, bool directory)
{
	return walk->visitor->visit(walk->visitor->data, from, name, directory);
}

/* A file system need not say it with the name. */
static bool is_directory(int dir, const struct dirent *entry)
{
	struct stat facts;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

/* Lists the deepest level, visits what is no directory, and keeps the names of those that are. */
static int level_visit(struct walk *walk, struct error *err)
{
	struct names *directories = &walk->levels[walk->depth - 1].directories;
	int copy = openat(walk->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		own_close_fd(&copy);
		return walk_failed(walk, errno, "list", ".", err);
	}
	for (errno = 0; (entry = readdir(list)); errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!is_directory(walk->fd, entry)) {
			int code = visit(walk, walk->fd, entry->d_name, false);

			if (code == 0)
				continue;
			if (code != -EISDIR)
				return walk_failed(walk, -code, walk->visitor->verb, entry->d_name, err);
		}
		if (names_add(directories, entry->d_name) < 0)
			return walk_failed(walk, ENOMEM, "list", entry->d_name, err);
	}
	return errno ? walk_failed(walk, errno, "list", ".", err) : 0;
}

static int walk_push(struct walk *walk, const char *name, const struct statx *facts)
{
	struct level *grown = reallocarray(walk->levels, walk->depth + 1, sizeof *grown);

	if (!grown)
		return -1;
	walk->levels = grown;
	grown[walk->depth] = (struct level){
		.name = strdup(name),
		.device = makedev(facts->stx_dev_major, facts->stx_dev_minor),
		.inode = facts->stx_ino,
	};
	if (!grown[walk->depth].name)
		return -1;
	walk->depth++;
	return 0;
}

/* Goes down into a directory, and is done with all in it but directories. */
static int walk_enter(struct walk *walk, const char *name, struct error *err)
{
	int from = walk->depth ? walk->fd : walk->parent;
	owned_fd fd = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statx facts;

	if (fd < 0)
		return walk_failed(walk, errno, "open", name, err);
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &facts) < 0)
		return walk_failed(walk, errno, "look at", name, err);
	if (walk->depth && facts.stx_mnt_id != walk->mount)
		return walk_failed(walk, EBUSY, walk->visitor->verb_mounted, name, err);
	if (walk_push(walk, name, &facts) < 0)
		return walk_failed(walk, ENOMEM, "open", name, err);
	own_close_fd(&walk->fd);
	walk->fd = steal_fd(&fd);
	return level_visit(walk, err);
}

/*
 * The directory above, by "..": it must be the one we came from, since
 * somebody might have moved the tree meanwhile.
 */
static int walk_up(struct walk *walk, struct error *err)
{
	const struct level *above = &walk->levels[walk->depth - 2];
	owned_fd fd = openat(walk->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat facts;

	if (fd < 0 || fstat(fd, &facts) < 0)
		return walk_failed(walk, errno, "go back to", "..", err);
	if (facts.st_dev != above->device || facts.st_ino != above->inode)
		return walk_failed(walk, ESTALE, "go back to", "..", err);
	own_close_fd(&walk->fd);
	walk->fd = steal_fd(&fd);
	return 0;
}

/* Leaves the deepest level, whose contents are done with, and visits it. */
static int walk_leave(struct walk *walk, struct error *err)
{
	struct level *last = &walk->levels[walk->depth - 1];
	owned_str name = steal_ptr(last->name);
	int from = walk->parent, code;

	if (walk->depth > 1) {
		if (walk_up(walk, err) < 0)
			return -1;
		from = walk->fd;
	}
	own_free(&last->directories.text);
	walk->depth--;
	code = visit(walk, from, name, true);
	return code < 0 ? walk_failed(walk, -code, walk->visitor->verb, name, err) : 0;
}

static int walk_run(struct walk *walk, const char *name, struct error *err)
{
	if (walk_enter(walk, name, err) < 0)
		return -1;
	while (walk->depth > 0) {
		struct names *left = &walk->levels[walk->depth - 1].directories;
		const char *next;

		if (left->next == left->length) {
			if (walk_leave(walk, err) < 0)
				return -1;
			continue;
		}
		next = left->text + left->next;
		left->next += strlen(next) + 1;
		if (walk_enter(walk, next, err) < 0)
			return -1;
	}
	return 0;
}

/* `alone`: not when something is mounted on it. */
static int walk_all(int parent, const char *name, const char *shown, const struct tree_visitor *visitor, bool alone,
		    struct error *err)
{
	__attribute__((cleanup(walk_done))) struct walk walk = {
		.parent = parent, .fd = -1, .shown = shown, .visitor = visitor,
	};
	struct statx facts, above;
	int code;

	if (statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_MNT_ID, &facts) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot look at %s", shown);
	if (!S_ISDIR(facts.stx_mode)) {
		code = visit(&walk, parent, name, false);
		return code < 0 ? error_set(err, -code, "cannot %s %s", visitor->verb, shown) : 0;
	}
	if (alone && statx(parent, "", AT_EMPTY_PATH, STATX_MNT_ID, &above) == 0 && above.stx_mnt_id != facts.stx_mnt_id)
		return error_set(err, EBUSY, "cannot %s %s", visitor->verb_mounted, shown);
	walk.mount = facts.stx_mnt_id;
	return walk_run(&walk, name, err);
}

int tree_walk(int parent, const char *name, const char *shown, const struct tree_visitor *visitor, struct error *err)
{
	return walk_all(parent, name, shown, visitor, false, err);
}

static int entry_remove(void *data, int dir, const char *name, bool directory)
{
	(void)data;
	return unlinkat(dir, name, directory ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT ? -errno : 0;
}

int tree_remove(int parent, const char *name, const char *shown, struct error *err)
{
	static const struct tree_visitor remover = { entry_remove, NULL, "remove", "remove what is mounted on" };

	return walk_all(parent, name, shown, &remover, parent != AT_FDCWD, err);
}

int tree_refuse_mounts(int dir, const char *shown, struct error *err)
{
	owned_file table = fopen("/proc/self/mountinfo", "re");
	owned_str line = NULL;
	char link[40], path[4096];
	size_t size = 0, length;
	ssize_t got;

	snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	got = readlink(link, path, sizeof path - 1);
	if (got < 0 || !table)
		return error_set(err, errno, "cannot see what is mounted below %s", shown);
	length = (size_t)got;
	path[length] = '\0';
	while (getline(&line, &size, table) > 0) {
		struct mountinfo mount;

		if (!mountinfo_parse(line, &mount) || strncmp(mount.point, path, length) != 0 ||
		    (mount.point[length] && mount.point[length] != '/'))
			continue;
		error_set(err, EBUSY, "something is mounted on %s", mount.point);
		return error_hint(err, "umount %s", mount.point);
	}
	return 0;
}
