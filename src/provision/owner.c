/*
 * Owners of a new tree (provision/owner.h).  Apart from create.c because most
 * file systems need none of it: only an attempt tells which do.
 */
#include "provision/owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/userns.h"
#include "lib/id_map.h"
#include "lib/log.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "lib/shift.h"
#include "plan/idmap.h"

/* 1: a mount of the tree can have the ids of the user namespace; 0: not; -1. */
static int can_map(const struct id_maps *maps, int tree, struct error *err)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	owned_fd mount = open_tree(tree, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH), space = -1;

	/* A kernel without such mounts. */
	if (mount < 0)
		return 0;
	space = userns_open(maps, err);
	if (space < 0)
		return -1;
	attributes.userns_fd = (uint64_t)space;
	return mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0;
}

int owner_settle(const struct settings *settings, const char *tree, struct error *err)
{
	owned_arena arena = arena_new();
	const struct id_maps maps = { idmap_text(arena, settings, 'u'), idmap_text(arena, settings, 'g') };
	owned_fd fd = open(tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	unsigned long root;
	struct stat facts;
	int mapped;

	if (geteuid() != 0 || !id_map_outside(maps.uids, 0, &root) || root == 0)
		return 0;
	if (fd < 0 || fstat(fd, &facts) < 0 || id_map_tree_of(maps.uids, facts.st_uid) != TREE_INSIDE)
		return 0;
	mapped = can_map(&maps, fd, err);
	if (mapped != 0)
		return mapped < 0 ? -1 : 0;
	log_info("container", "the file system of %s cannot map ids on a mount: its owners are shifted", tree);
	return shift_tree(AT_FDCWD, tree, tree, maps.uids, maps.gids, err);
}
