/*
 * Layers (image/layers.h).  Each is unpacked beside the tree and then moved
 * into it, by descriptors and names of one part: so a layer can neither write
 * through links that a lower one has planted, nor take away what lies
 * elsewhere.  Called by commands/oci.c.
 */
#include "image/layers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "image/unpack.h"
#include "lib/own.h"
#include "lib/text.h"
#include "lib/tree.h"

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

/* Beside the contents of the tree while layers are unpacked; a layer that names it is refused. */
#define SCRATCH ".lxs-layer"

enum { DEPTH = 256, ATTRIBUTES = 64 * 1024 };

/* What one directory is called, for messages, and how deep it lies. */
struct place {
	const char *shown;
	unsigned depth;
};

static int directory_open(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_directory(int parent, const char *name)
{
	struct stat info;

	return fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* The names in a directory, so that it may be changed while they are gone through. */
static const char *const *names_of(struct arena *arena, int dir, struct error *err)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const char **names = NULL;
	struct dirent *entry;
	size_t count = 0;

	if (!stream) {
		error_set(err, errno, "cannot read a directory of a layer");
		own_close_fd(&copy);
		return NULL;
	}
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = arena_append(arena, names, &count, sizeof *names);
		names[count - 1] = arena_strdup(arena, entry->d_name);
	}
	closedir(stream);
	return arena_append(arena, names, &count, sizeof *names);
}

/* A name is one part of a path, and no other place than the tree's may be meant by it. */
static int names_check(const struct place *at, const char *const *names, struct error *err)
{
	for (; *names; names++) {
		const char *name = text_starts(*names, WHITEOUT) ? *names + strlen(WHITEOUT) : *names;

		if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    (at->depth == 0 && strcmp(name, SCRATCH) == 0))
			return error_set(err, 0, "a layer of %s has a file '%s', which no layer may have", at->shown, *names);
	}
	return 0;
}

/* ---- whiteouts ---- */

/* What lower layers left in `to` and this one takes away; the whiteouts themselves go too. */
static int whiteouts_apply(const struct place *at, const char *const *names, int from, int to, struct error *err)
{
	for (; *names; names++) {
		const char *victim = *names + strlen(WHITEOUT);

		if (!text_starts(*names, WHITEOUT))
			continue;
		if (strcmp(*names, OPAQUE) != 0 && tree_remove(to, victim, at->shown, err) < 0)
			return -1;
		if (unlinkat(from, *names, 0) < 0)
			return error_set(err, errno, "cannot remove %s in a layer of %s", *names, at->shown);
	}
	return 0;
}

static bool is_opaque(const char *const *names)
{
	for (; *names; names++)
		if (strcmp(*names, OPAQUE) == 0)
			return true;
	return false;
}

static int directory_empty(const struct place *at, int dir, struct error *err)
{
	owned_arena arena = arena_new();
	const char *const *names = names_of(arena, dir, err);

	for (; names && *names; names++)
		if (strcmp(*names, SCRATCH) != 0 && tree_remove(dir, *names, at->shown, err) < 0)
			return -1;
	return names ? 0 : -1;
}

/* A directory that is new has nothing below it to take away; only the marks go. */
static int whiteout_drop(void *data, int dir, const char *name, bool directory)
{
	(void)data;
	if (directory || !text_starts(name, WHITEOUT))
		return 0;
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

static int whiteouts_drop(int parent, const char *name, const char *shown, struct error *err)
{
	const struct tree_visitor visitor = {
		.visit = whiteout_drop, .verb = "clean", .verb_mounted = "clean what is mounted on",
	};

	return tree_walk(parent, name, shown, &visitor, err);
}

/* ---- moving a layer into the tree ---- */

/* Owner, mode, times and attributes of a directory that both have are the layer's. */
static int directory_dress(int from, int to)
{
	char names[ATTRIBUTES], value[ATTRIBUTES];
	ssize_t length = flistxattr(from, names, sizeof names);
	struct stat info;

	if (fstat(from, &info) < 0 || fchown(to, info.st_uid, info.st_gid) < 0 || fchmod(to, info.st_mode & 07777) < 0)
		return -errno;
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t size = fgetxattr(from, names + at, value, sizeof value);

		if (size >= 0 && fsetxattr(to, names + at, value, (size_t)size, 0) < 0 && errno != ENOTSUP && errno != EPERM)
			return -errno;
	}
	return futimens(to, (struct timespec[]){ info.st_atim, info.st_mtim }) < 0 ? -errno : 0;
}

static int merge(const struct place *at, int from, int to, struct error *err);

static int directory_merge(const struct place *at, const char *name, int from, int to, struct error *err)
{
	const struct place below = { at->shown, at->depth + 1 };
	owned_fd source = directory_open(from, name), target = directory_open(to, name);
	int code;

	if (source < 0 || target < 0)
		return error_set(err, errno, "cannot open %s in a layer of %s", name, at->shown);
	if (merge(&below, source, target, err) < 0)
		return -1;
	code = directory_dress(source, target);
	return code < 0 ? error_set(err, -code, "cannot give %s in %s what its layer says", name, at->shown) : 0;
}

static int entry_move(const struct place *at, const char *name, int from, int to, struct error *err)
{
	bool directory = is_directory(from, name);

	if (directory && is_directory(to, name))
		return directory_merge(at, name, from, to, err);
	if (tree_remove(to, name, at->shown, err) < 0)
		return -1;
	if (directory && whiteouts_drop(from, name, at->shown, err) < 0)
		return -1;
	if (renameat(from, name, to, name) < 0)
		return error_set(err, errno, "cannot move %s of a layer into %s", name, at->shown);
	return 0;
}

static int merge(const struct place *at, int from, int to, struct error *err)
{
	owned_arena arena = arena_new();
	const char *const *names = names_of(arena, from, err);

	if (!names)
		return -1;
	if (at->depth > DEPTH)
		return error_set(err, ELOOP, "a layer of %s is nested too deeply", at->shown);
	if (names_check(at, names, err) < 0)
		return -1;
	if (is_opaque(names) && directory_empty(at, to, err) < 0)
		return -1;
	if (whiteouts_apply(at, names, from, to, err) < 0)
		return -1;
	for (; *names; names++)
		if (!text_starts(*names, WHITEOUT) && entry_move(at, *names, from, to, err) < 0)
			return -1;
	return 0;
}

/* ---- one after the other ---- */

static int layer_unpack(const char *archive, const char *name, int tree, const char *shown, unsigned *devices,
			struct error *err)
{
	const struct place at = { .shown = shown };
	struct unpack unpack = { .archive = archive, .shown = name };
	owned_fd scratch = -1;
	int answer;

	if (tree_remove(tree, SCRATCH, shown, err) < 0)
		return -1;
	if (mkdirat(tree, SCRATCH, 0755) < 0 || (scratch = directory_open(tree, SCRATCH)) < 0)
		return error_set(err, errno, "cannot make a folder in %s", shown);
	unpack.tree = scratch;
	answer = unpack_archive(&unpack, err) < 0 || merge(&at, scratch, tree, err) < 0 ? -1 : 0;
	*devices += unpack.devices;
	if (answer == 0)
		return tree_remove(tree, SCRATCH, shown, err);
	tree_remove(tree, SCRATCH, shown, &(struct error){ 0 });
	return -1;
}

int layers_unpack(struct arena *arena, const char *const *archives, const char *const *names, int tree,
		  const char *shown, unsigned *devices, struct error *err)
{
	*devices = 0;
	for (; *archives; archives++, names++) {
		printf("Unpacking layer %s\n", *names);
		fflush(stdout);
		if (layer_unpack(*archives, *names, tree, shown, devices, err) < 0)
			return error_add(err, "cannot unpack layer %s", arena_strdup(arena, *names));
	}
	return 0;
}
