/*
 * loop: a file system in an image file, DIRECTORY/rootdev.  Apart as every
 * backend is.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"
#include "storage/block.h"

static int loop_name(const struct storage_request *request, char **path, struct error *err)
{
	if (asprintf(path, "loop:%s/rootdev", request->directory) < 0) {
		*path = NULL;
		return error_set(err, ENOMEM, "cannot name the image");
	}
	if (access(*path + strlen("loop:"), F_OK) == 0)
		return error_set(err, EEXIST, "cannot make %s", *path + strlen("loop:"));
	return 0;
}

static int loop_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	owned_fd image = open(made->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (image < 0 || ftruncate(image, (off_t)block_size(request)) < 0)
		return error_set(err, errno, "cannot make %s", made->path);
	return block_format(made->path, request->specs.fstype, err);
}

static int loop_destroy(const struct rootfs_source *source, struct error *err)
{
	return unlink(source->path) < 0 && errno != ENOENT ? error_set(err, errno, "cannot remove %s", source->path) : 0;
}

const struct storage_ops storage_loop = {
	.name = "loop", .mounted = true, .name_new = loop_name, .create = loop_create,
	.identify = storage_identify_file, .destroy = loop_destroy,
};
