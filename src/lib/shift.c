/*
 * Shifted ownership (lib/shift.h).  Apart from tree.c because of what hangs on
 * an owner: a change of it takes away set-user-id bits and capabilities
 * (chown(2)), and lists of access hold ids of their own.  Called from
 * provision/create.c.
 */
#include "lib/shift.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/id_map.h"
#include "lib/own.h"
#include "lib/tree.h"

/* A list of access as an extended attribute: a version, then entries (acl(5)). */
enum { ACL_HEADER = 4, ACL_ENTRY = 8, ACL_ID_AT = 4, ACL_TAG_USER = 0x02, ACL_TAG_GROUP = 0x08 };

struct file_id { dev_t device; ino_t inode; };

struct shift {
	const char *uids, *gids;
	struct file_id *seen;    /* owned; files with several names that are done, a table with gaps */
	size_t count, room;      /* room: 0, or a power of two */
};

/* ---- names of one file ---- */

static struct file_id *seen_find(struct file_id *table, size_t room, const struct file_id *file)
{
	size_t at = (size_t)(file->inode * 0x9e3779b97f4a7c15ULL) & (room - 1);

	while (table[at].inode && (table[at].inode != file->inode || table[at].device != file->device))
		at = (at + 1) & (room - 1);
	return &table[at];
}

static int seen_grow(struct shift *shift)
{
	size_t room = shift->room ? shift->room * 2 : 1024;
	struct file_id *table = calloc(room, sizeof *table);

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < shift->room; i++)
		if (shift->seen[i].inode)
			*seen_find(table, room, &shift->seen[i]) = shift->seen[i];
	free(shift->seen);
	shift->seen = table;
	shift->room = room;
	return 0;
}

/* 1: it was met under another name before; 0: now it was; -errno. */
static int seen_before(struct shift *shift, const struct stat *facts)
{
	struct file_id file = { facts->st_dev, facts->st_ino }, *place;

	if (S_ISDIR(facts->st_mode) || facts->st_nlink < 2)
		return 0;
	if (shift->count * 2 >= shift->room && seen_grow(shift) < 0)
		return -ENOMEM;
	place = seen_find(shift->seen, shift->room, &file);
	if (place->inode)
		return 1;
	*place = file;
	shift->count++;
	return 0;
}

/* ---- extended attributes ---- */

/* EOVERFLOW is what the kernel says of an id that a user namespace does not have. */
static int id_shift_le(const char *map, unsigned char *bytes)
{
	unsigned long shifted;
	uint32_t id;

	memcpy(&id, bytes, sizeof id);
	if (!id_map_outside(map, le32toh(id), &shifted))
		return -EOVERFLOW;
	id = htole32((uint32_t)shifted);
	memcpy(bytes, &id, sizeof id);
	return 0;
}

static int acl_shift(const struct shift *shift, const char *path, const char *name)
{
	unsigned char list[ACL_HEADER + ACL_ENTRY * 4096];
	ssize_t size = getxattr(path, name, list, sizeof list);
	bool changed = false;

	if (size < 0)
		return errno == ENODATA || errno == ENOTSUP ? 0 : -errno;
	for (ssize_t at = ACL_HEADER; at + ACL_ENTRY <= size; at += ACL_ENTRY) {
		unsigned tag = list[at] | list[at + 1] << 8;
		int code;

		if (tag != ACL_TAG_USER && tag != ACL_TAG_GROUP)
			continue;
		code = id_shift_le(tag == ACL_TAG_USER ? shift->uids : shift->gids, list + at + ACL_ID_AT);
		if (code < 0)
			return code;
		changed = true;
	}
	return changed && setxattr(path, name, list, (size_t)size, 0) < 0 ? -errno : 0;
}

/* Capabilities of a file are good in the user namespace of the root they name; version 2 names none, the host's. */
static int capability_shift(const struct shift *shift, struct vfs_ns_cap_data *data)
{
	uint32_t magic = le32toh(data->magic_etc);
	unsigned long root;

	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3)
		data->rootid = 0;
	if (!id_map_outside(shift->uids, le32toh(data->rootid), &root))
		return -EOVERFLOW;
	data->rootid = htole32((uint32_t)root);
	data->magic_etc = htole32((magic & ~(uint32_t)VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_3);
	return 0;
}

/* ---- one thing ---- */

static int owner_shift(const struct shift *shift, int fd, const char *path, const struct stat *facts)
{
	unsigned long uid, gid;

	if (!id_map_outside(shift->uids, facts->st_uid, &uid) || !id_map_outside(shift->gids, facts->st_gid, &gid))
		return -EOVERFLOW;
	if (fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if (!S_ISLNK(facts->st_mode) && facts->st_mode & (S_ISUID | S_ISGID) && chmod(path, facts->st_mode & 07777) < 0)
		return -errno;
	return 0;
}

static int attributes_shift(const struct shift *shift, int fd, const char *path, const struct stat *facts)
{
	struct vfs_ns_cap_data data = { 0 };
	ssize_t size = S_ISREG(facts->st_mode) ? getxattr(path, XATTR_NAME_CAPS, &data, sizeof data) : -1;
	int code = size > 0 ? capability_shift(shift, &data) : 0;

	if (code == 0)
		code = owner_shift(shift, fd, path, facts);
	if (code == 0 && size > 0 && setxattr(path, XATTR_NAME_CAPS, &data, sizeof data, 0) < 0)
		code = -errno;
	if (code == 0)
		code = acl_shift(shift, path, XATTR_NAME_POSIX_ACL_ACCESS);
	if (code == 0 && S_ISDIR(facts->st_mode))
		code = acl_shift(shift, path, XATTR_NAME_POSIX_ACL_DEFAULT);
	return code;
}

static int entry_shift(void *data, int dir, const char *name, bool directory)
{
	struct shift *shift = data;
	owned_fd fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[40];
	struct stat facts;
	int code;

	(void)directory;
	if (fd < 0 || fstat(fd, &facts) < 0)
		return -errno;
	code = seen_before(shift, &facts);
	if (code != 0)
		return code < 0 ? code : 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	/* A symbolic link has an owner and nothing else; its path would lead to what it names. */
	return S_ISLNK(facts.st_mode) ? owner_shift(shift, fd, path, &facts) : attributes_shift(shift, fd, path, &facts);
}

int shift_tree(int parent, const char *name, const char *shown, const char *uids, const char *gids, struct error *err)
{
	struct shift shift = { .uids = uids, .gids = gids };
	const struct tree_visitor visitor = {
		entry_shift, &shift, "shift the owner of", "shift the owners of what is mounted on",
	};
	int answer = tree_walk(parent, name, shown, &visitor, err);

	free(shift.seen);
	if (answer < 0 && err->code == EOVERFLOW)
		error_hint(err, "it belongs to an id, or names one, that lxc.idmap does not map: a longer range would");
	return answer;
}
