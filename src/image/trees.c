/* Shared trees of images (image/trees.h): making them.  Removing them is in trees-prune.c. */
#include "image/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/confine.h"
#include "image/tool.h"
#include "image/unpack.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/rootfs.h"
#include "lib/tree.h"

/*
 * One image gives different trees for different id maps and lists of what to
 * leave out.
 */
static void tree_key(const struct tree_request *request, char key[SHA256_TEXT])
{
	owned_error ignored = ERROR_INIT;
	owned_buffer text = { 0 };
	owned_str map = NULL;
	size_t length;

	buffer_printf(&text, "%s\n", request->record->image.files[PART_ROOTFS].sha256);
	for (const char *const *pattern = request->excludes; *pattern; pattern++)
		buffer_printf(&text, "%s\n", *pattern);
	if (file_read("/proc/self/uid_map", &map, &length, &ignored) == 0)
		buffer_puts(&text, map);
	sha256_of(text.text, key);
}

int tree_unpack(const struct tree_request *request, int directory, struct error *err)
{
	owned_arena arena = arena_new();
	const struct image_file *file = request->record ? &request->record->image.files[PART_ROOTFS] : NULL;
	struct unpack unpack = {
		.archive = file ? cache_blob_path(request->cache, arena, file->sha256) : request->archive,
		.shown = file ? file->path : request->archive, .tree = directory, .excludes = request->excludes,
	};
	owned_fd pts = -1;

	printf("Unpacking the rootfs\n");
	fflush(stdout);
	if (unpack_archive(&unpack, err) < 0)
		return -1;
	if (unpack.devices > 0)
		printf("%u device files were left out, which an ordinary user cannot make\n", unpack.devices);
	pts = rootfs_directory(directory, "dev/pts", 0755);
	return 0;
}

static int make_tree(const struct tree_request *request, int trees, const char *key, const char *shown, struct error *err)
{
	owned_arena arena = arena_new();
	const char *fresh = arena_printf(arena, "%s.new", key);
	owned_fd outer = -1, inner = -1;

	if (tree_remove(trees, fresh, shown, err) < 0)
		return error_add(err, "cannot clear away what a killed command has left");
	if (mkdirat(trees, fresh, 0755) < 0 || (outer = openat(trees, fresh, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return error_set(err, errno, "cannot make %s", shown);
	identity_own(request->identity);
	if (mkdirat(outer, "rootfs", 0755) < 0 ||
	    (inner = openat(outer, "rootfs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		error_set(err, errno, "cannot make %s/rootfs", shown);
	else if (tree_unpack(request, inner, err) == 0 && syncfs(inner) == 0) {
		identity_caller(request->identity);
		return renameat(trees, fresh, trees, key) < 0 ? error_set(err, errno, "cannot keep %s", shown) : 0;
	}
	if (!err->message)
		error_set(err, errno, "cannot keep %s", shown);
	tree_remove(trees, fresh, shown, &(struct error){ 0 });
	identity_caller(request->identity);
	return -1;
}

/* LXCPATH/.trees, made when missing; nobody else gets in: there are set-user-id programs in it. */
static int open_trees(const char *lxcpath, struct error *err)
{
	owned_fd parent = open(lxcpath, O_RDONLY | O_DIRECTORY | O_CLOEXEC), trees = -1;

	if (parent < 0 || (mkdirat(parent, ".trees", 0700) < 0 && errno != EEXIST) ||
	    (trees = openat(parent, ".trees", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return error_set(err, errno, "cannot make %s/.trees", lxcpath);
	return steal_fd(&trees);
}

const char *tree_take(const struct tree_request *request, struct arena *arena, struct error *err)
{
	owned_fd trees = open_trees(request->lxcpath, err), lock = -1;
	char key[SHA256_TEXT];
	const char *shown;

	tree_key(request, key);
	shown = arena_printf(arena, "%s/.trees/%s", request->lxcpath, key);
	lock = trees < 0 ? -1 : cache_lock(request->cache, key, err);
	if (lock < 0 || (faccessat(trees, key, F_OK, 0) < 0 && make_tree(request, trees, key, shown, err) < 0))
		return NULL;
	return arena_printf(arena, "%s/rootfs", shown);
}

/* By trying: btrfs, and xfs made for it, do; a mount in between or a quota may forbid it. */
bool tree_can_share(const char *lxcpath, int directory)
{
	owned_error ignored = ERROR_INIT;
	owned_fd trees = open_trees(lxcpath, &ignored);
	owned_fd from = trees < 0 ? -1 : openat(trees, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	owned_fd to = from < 0 ? -1 : openat(directory, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	return to >= 0 && write(from, "x", 1) == 1 && ioctl(to, FICLONE, from) == 0;
}

int tree_clone(const char *path, int directory, struct error *err)
{
	owned_arena arena = arena_new();
	const char *cp = tool_need(arena, "cp", "copies images", err);
	char *argv[] = { (char *)cp, (char *)"-a", (char *)"--reflink=always", (char *)"--",
			 arena_printf(arena, "%s/.", path), (char *)".", NULL };
	struct confinement confinement = { .tree = directory };
	char text[64];
	int status;
	pid_t pid;

	if (!cp)
		return -1;
	printf("Copying the image, sharing its data\n");
	fflush(stdout);
	pid = proc_start_in(argv, NULL, &(struct proc_surroundings){ -1, -1, confine, &confinement });
	status = pid < 0 ? pid : proc_wait(pid);
	if (status < 0)
		return error_set(err, -status, "cannot run %s", cp);
	if (status == 0)
		return 0;
	return error_set(err, 0, "cannot copy the image: %s %s", cp, proc_status_text(status, text, sizeof text));
}
