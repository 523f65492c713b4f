/*
 * rbd: the root file system is on an image of a Ceph cluster, which the kernel
 * shows as /dev/rbd/POOL/IMAGE.  Apart as every backend is.
 */
#include "storage/storage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/lxsconf.h"
#include "lib/own.h"
#include "lib/text.h"
#include "storage/block.h"
#include "storage/command.h"

static const char directory[] = "/dev/rbd/";

/* POOL/IMAGE of /dev/rbd/POOL/IMAGE. */
static const char *image_of(const char *path)
{
	return text_starts(path, directory) ? path + strlen(directory) : path;
}

/*
 * rbd with some words, in the name of lxc.bdev.rbd.rbduser, or of the one
 * that a create was told.
 */
static int rbd_ask(const char *const *words, const char *user, struct proc_tail *said, struct error *err)
{
	const char *all[12] = { "rbd" };
	owned_str configured = NULL;
	size_t count = 1;

	if (!user && lxsconf_get("lxc.bdev.rbd.rbduser", &configured, err) < 0)
		return -1;
	for (; *words; words++)
		all[count++] = *words;
	if (user || configured) {
		all[count++] = "--id";
		all[count++] = user ? user : configured;
	}
	return command_run(all, said, err);
}

static int rbd(const char *const *words, const char *user, struct error *err)
{
	return rbd_ask(words, user, NULL, err);
}

static bool is_taken(const char *pool, const char *name)
{
	owned_error ignored = ERROR_INIT;
	owned_str image = NULL;

	if (asprintf(&image, "%s/%s", pool, name) < 0)
		image = NULL;
	return image && rbd((const char *const[]){ "info", image, NULL }, NULL, &ignored) == 0;
}

static int rbd_name(const struct storage_request *request, char **path, struct error *err)
{
	const char *like = request->like ? image_of(request->like->path) : NULL;
	const char *wanted = request->specs.rbdpool ? request->specs.rbdpool : "";
	owned_str pool = like && *like != '/' ? strndup(like, strcspn(like, "/")) : strdup(wanted);
	owned_str name = pool ? block_name(request, request->specs.rbdname, is_taken, pool, err) : NULL;

	if (!name)
		return pool ? -1 : error_set(err, ENOMEM, "cannot name the root file system");
	if (asprintf(path, "rbd:%s%s/%s", directory, pool, name) < 0) {
		*path = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	return 0;
}

#define MADE "lxs.made"

/*
 * What an image is called until it bears its mark, which cannot be given to it
 * when it is made: its own name alone tells whose it is.
 */
static char *unmarked_name(const char *image, const char *tag)
{
	const char *number = strrchr(tag, '#');
	char *name;

	return asprintf(&name, "%s.%s", image, number ? number + 1 : tag) < 0 ? NULL : name;
}

/* A name that is taken by now refuses the renaming. */
static int image_make(const char *image, const char *size, const char *tag, const char *user, struct error *err)
{
	owned_str unmarked = unmarked_name(image, tag);

	if (!unmarked)
		return error_set(err, ENOMEM, "cannot make the image %s", image);
	if (rbd((const char *const[]){ "create", "--size", size, unmarked, NULL }, user, err) < 0 ||
	    rbd((const char *const[]){ "image-meta", "set", unmarked, MADE, tag, NULL }, user, err) < 0 ||
	    rbd((const char *const[]){ "rename", unmarked, image, NULL }, user, err) < 0)
		return error_add(err, "cannot make the image %s", image);
	return 0;
}

static int rbd_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	const char *user = request->specs.rbduser, *image = image_of(made->path);
	char size[32];

	/* In MiB, rounded up. */
	snprintf(size, sizeof size, "%" PRIu64, (block_size(request) + (1 << 20) - 1) >> 20);
	if (image_make(image, size, request->tag, user, err) < 0)
		return -1;
	if (rbd((const char *const[]){ "map", image, NULL }, user, err) < 0)
		return error_add(err, "cannot map the image %s", image);
	return block_format(made->path, request->specs.fstype, err);
}

/* Gone: the pool answers, and has no such image. */
static bool is_gone(const char *image)
{
	owned_error ignored = ERROR_INIT;
	char pool[256];

	snprintf(pool, sizeof pool, "%.*s", (int)strcspn(image, "/"), image);
	return !is_taken(pool, image + strcspn(image, "/") + 1) &&
	       rbd((const char *const[]){ "ls", pool, NULL }, NULL, &ignored) == 0;
}

/* The names of its objects keep the number that it was given when it was made. */
static int rbd_identify(const struct rootfs_source *source, char **ret, struct error *err)
{
	static const char word[] = "block_name_prefix: ";
	const char *image = image_of(source->path);
	owned_error why = ERROR_INIT;
	struct proc_tail said;
	char *prefix;

	if (rbd_ask((const char *const[]){ "info", image, NULL }, NULL, &said, &why) < 0) {
		if (is_gone(image))
			return 0;
		error_move(err, &why);
		return error_add(err, "cannot tell which image %s is", image);
	}
	prefix = strstr(said.bytes, word);
	if (!prefix)
		return error_set(err, 0, "cannot tell which image %s is", image);
	prefix += strlen(word);
	prefix[strcspn(prefix, "\n")] = '\0';
	return storage_identity(prefix, ret, err);
}

static int rbd_destroy(const struct rootfs_source *source, struct error *err)
{
	const char *image = image_of(source->path);
	owned_error why = ERROR_INIT;

	if (access(source->path, F_OK) == 0 && rbd((const char *const[]){ "unmap", source->path, NULL }, NULL, err) < 0)
		return error_add(err, "cannot unmap %s", source->path);
	if (rbd((const char *const[]){ "rm", "--no-progress", image, NULL }, NULL, &why) == 0 || is_gone(image))
		return 0;
	error_move(err, &why);
	return error_add(err, "cannot remove the image %s", image);
}

static int rbd_withdraw(const struct rootfs_source *made, const struct storage_work *work, struct error *err)
{
	const char *image = image_of(made->path);
	owned_str unmarked = unmarked_name(image, work->tag);
	owned_str pool = strndup(image, strcspn(image, "/"));
	owned_error untold = ERROR_INIT;
	struct proc_tail said;

	if (!unmarked || !pool)
		return error_set(err, ENOMEM, "cannot remove the image %s", image);
	if (rbd((const char *const[]){ "ls", pool, NULL }, NULL, err) < 0)
		return error_add(err, "cannot tell who made %s", image);
	if (is_taken(pool, strchr(unmarked, '/') + 1) &&
	    rbd((const char *const[]){ "rm", "--no-progress", unmarked, NULL }, NULL, err) < 0)
		return error_add(err, "cannot remove the image %s", unmarked);
	if (rbd_ask((const char *const[]){ "image-meta", "get", image, MADE, NULL }, NULL, &said, &untold) == 0 &&
	    strcmp(text_trim(said.bytes), work->tag) == 0)
		return rbd_destroy(made, err);
	return 0;
}

static int rbd_attach(const struct rootfs_source *source, int *device, struct error *err)
{
	(void)device;
	if (access(source->path, F_OK) == 0)
		return 0;
	if (rbd((const char *const[]){ "map", image_of(source->path), NULL }, NULL, err) < 0)
		return error_add(err, "cannot map %s", source->path);
	return 0;
}

const struct storage_ops storage_rbd = {
	.name = "rbd", .mounted = true, .elsewhere = true, .name_new = rbd_name, .create = rbd_create,
	.identify = rbd_identify, .destroy = rbd_destroy, .withdraw = rbd_withdraw,
	.attach = rbd_attach,
};
