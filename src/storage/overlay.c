/*
 * Overlay: directories that are only read, and one on top that takes all
 * changes.  Many containers can share what is below, such as an unpacked
 * image.  Apart as every backend is.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/own.h"
#include "lib/text.h"
#include "lib/tree_copy.h"

/* A part of the text ends where ":/" stands. */
static int check_layer(const char *path, struct error *err)
{
	if (path[0] == '/' && !strstr(path, ":/"))
		return 0;
	return error_set(err, 0, "'%s' cannot be a layer of an overlay: it must begin with '/', and no ':/' may be in it", path);
}

/* Layers of what it is a clone of, the given one, or one of its own. */
static int layers_name(const struct storage_request *request, struct buffer *layers, struct error *err)
{
	const struct rootfs_source *from = request->from;
	owned_str own = NULL;

	if (from) {
		for (size_t i = 0; from->lowers && from->lowers[i]; i++)
			buffer_printf(layers, "%s%s", i > 0 ? ":" : "", from->lowers[i]);
		if (!from->lowers)
			buffer_puts(layers, from->path);
		return from->lowers ? 0 : check_layer(from->path, err);
	}
	if (asprintf(&own, "%s/rootfs", request->directory) < 0) {
		own = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	buffer_puts(layers, request->lower ? request->lower : own);
	return check_layer(buffer_text(layers), err) < 0 || (!request->lower && storage_refuse_filled(own, err) < 0) ? -1 : 0;
}

/* As in LXC: DIRECTORY/overlay/delta is written; DIRECTORY/overlay/work beside it is the kernel's. */
static int overlay_name(const struct storage_request *request, char **path, struct error *err)
{
	owned_buffer layers = { 0 };
	owned_str delta = NULL;

	if (asprintf(&delta, "%s/overlay/delta", request->directory) < 0) {
		delta = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	if (layers_name(request, &layers, err) < 0 || check_layer(delta, err) < 0 || storage_refuse_filled(delta, err) < 0)
		return -1;
	if (asprintf(path, "overlay:%s:%s", buffer_text(&layers), delta) < 0) {
		*path = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	return 0;
}

static int make_written(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	owned_str directory = NULL;

	if (asprintf(&directory, "%s/overlay", request->directory) < 0)
		return error_set(err, ENOMEM, "cannot make an overlay");
	if (storage_make_directory(directory, err) < 0 || storage_make_directory(made->path, err) < 0)
		return -1;
	return storage_make_directory(made->work, err);
}

static int overlay_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	if (!request->lower && storage_make_directory(made->lowers[0], err) < 0)
		return -1;
	return make_written(request, made, err);
}

/* What `from` has written is copied: its container goes on writing. */
static int written_copy(const struct rootfs_source *from, const struct rootfs_source *made, struct error *err)
{
	owned_fd old = open(from->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_fd new = open(made->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || new < 0)
		return error_set(err, errno, "cannot open %s", old < 0 ? from->path : made->path);
	return tree_copy(old, new, from->path, err);
}

/* Of a directory: it becomes the lower one.  Of an overlay: the same layers below. */
static int overlay_clone(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	const struct rootfs_source *from = request->from;

	if (make_written(request, made, err) < 0)
		return -1;
	return from->lowers ? written_copy(from, made, err) : 0;
}

/* On a directory; whom the layers of an overlay belong to is known (provision/rdepends.h). */
static bool overlay_depends(const struct rootfs_source *from)
{
	return !from->lowers;
}

/* Layers below may be another container's, or an image: only what was written on top is this one's. */
static int overlay_destroy(const struct rootfs_source *source, struct error *err)
{
	if (storage_remove_directory(source->path, err) < 0)
		return -1;
	return storage_remove_directory(source->work, err);
}

const struct storage_ops storage_overlay = {
	.name = "overlay", .name_new = overlay_name, .create = overlay_create, .clone = overlay_clone,
	.clone_depends = overlay_depends, .destroy = overlay_destroy,
};
