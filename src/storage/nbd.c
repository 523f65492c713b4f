/*
 * nbd: the root file system is in a disk image of any format that qemu knows,
 * perhaps in a partition of it.  It is only used: as in LXC, whoever made the
 * image keeps it.  Apart as every backend is.
 */
#include "storage/storage.h"

#include "storage/nbd_connect.h"

static int nbd_destroy(const struct rootfs_source *source, struct error *err)
{
	(void)source, (void)err;
	return 0;
}

static int nbd_attach(const struct rootfs_source *source, int *device, struct error *err)
{
	*device = nbd_connect(source->path, source->partition, err);
	return *device < 0 ? -1 : 0;
}

const struct storage_ops storage_nbd = {
	.name = "nbd", .mounted = true, .destroy = nbd_destroy, .attach = nbd_attach,
};
