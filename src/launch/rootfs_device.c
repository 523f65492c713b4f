/*
 * The block device of a rootfs that does not appear by itself.  Apart from
 * rootfs.c because it runs programs of others, which only the full program
 * does.  Called from the table.
 */
#include "launch/rootfs.h"

#include "storage/storage.h"

int launch_rootfs_device(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_rootfs_device *args = step->args;

	return storage_attach(&args->source, &launch->device, err) < 0 ? error_asked_by(err, step->origin) : 0;
}
