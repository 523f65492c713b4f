/*
 * Names, sizes and file systems (storage/block.h).  Apart from the backends,
 * which differ in where the device comes from and in nothing else.
 */
#include "storage/block.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/block.h"
#include "lib/own.h"
#include "storage/command.h"

/* Quiet, and over what is there: the device is ours. */
static const struct { const char *type, *quiet, *force; } makers[] = {
	{ "ext2", "-q", "-F" }, { "ext3", "-q", "-F" },  { "ext4", "-q", "-F" },
	{ "xfs", "-q", "-f" },  { "btrfs", "-q", "-f" }, { "f2fs", "-q", "-f" },
};

enum { NAMES_TRIED = 100 };
enum { MAKERS = sizeof makers / sizeof makers[0] };

static size_t maker_find(const char *type)
{
	size_t row = 0;

	while (row < MAKERS && strcmp(makers[row].type, type) != 0)
		row++;
	return row;
}

int block_format(const char *device, const char *type, struct error *err)
{
	size_t row = maker_find(type ? type : "ext4");
	owned_str program = NULL;

	if (row == MAKERS) {
		error_set(err, 0, "a root file system of type '%s' cannot be made", type);
		return error_hint(err, "--fstype knows ext2, ext3, ext4, xfs, btrfs and f2fs");
	}
	if (asprintf(&program, "mkfs.%s", makers[row].type) < 0) {
		program = NULL;
		return error_set(err, ENOMEM, "cannot make a file system");
	}
	return command_run((const char *const[]){ program, makers[row].quiet, makers[row].force, device, NULL }, NULL, err);
}

uint64_t block_size(const struct storage_request *request)
{
	return request->specs.size ? request->specs.size : STORAGE_SIZE;
}

int storage_like(const struct rootfs_source *source, struct storage_specs *specs, struct error *err)
{
	owned_fd file = -1;
	const char *type = NULL;
	struct stat facts;
	uint64_t size = 0;

	if (storage_attach(source, &file, err) < 0)
		return -1;
	/* What is not at a path of its own, or no file of bytes, says nothing about size and kind. */
	if (file < 0 && (source->lowers || *source->path != '/' || (file = open(source->path, O_RDONLY | O_CLOEXEC)) < 0))
		return 0;
	if (fstat(file, &facts) < 0)
		return error_set(err, errno, "cannot look at %s", source->path);
	if (S_ISREG(facts.st_mode))
		size = (uint64_t)facts.st_size;
	else if (!S_ISBLK(facts.st_mode) || ioctl(file, BLKGETSIZE64, &size) < 0)
		return 0;
	if (!specs->size)
		specs->size = size;
	if (!specs->fstype && (type = block_probe(file)) && maker_find(type) < MAKERS)
		specs->fstype = type;
	return 0;
}

/* LXCPATH/NAME/snaps/SNAPSHOT: where NAME is, and its length; NULL: not the directory of a snapshot. */
static const char *snapshot_owner(const char *directory, size_t *length)
{
	const char *snaps = strrchr(directory, '/'), *name;

	while (snaps && snaps > directory && snaps[-1] != '/')
		snaps--;
	if (!snaps || snaps - 1 <= directory || strncmp(snaps, "snaps/", 6) != 0)
		return NULL;
	for (name = snaps - 1; name > directory && name[-1] != '/'; name--)
		;
	*length = (size_t)(snaps - 1 - name);
	return name;
}

static char *name_numbered(const struct storage_request *request, const char *owner, size_t length, unsigned number)
{
	char *name;
	const char *own = strrchr(request->directory, '/') + 1;

	if (number == 1 ? asprintf(&name, "%.*s.%s", (int)length, owner, own) < 0
			: asprintf(&name, "%.*s.%s.%u", (int)length, owner, own, number) < 0)
		return NULL;
	return name;
}

char *block_name(const struct storage_request *request, const char *wanted, bool (*taken)(const char *place, const char *name),
		 const char *place, struct error *err)
{
	size_t length;
	const char *owner = wanted ? NULL : snapshot_owner(request->directory, &length);
	owned_str name = owner ? name_numbered(request, owner, length, 1) : strdup(wanted ? wanted : request->name);

	/* A place that does not answer has everything taken. */
	for (unsigned number = 2; name && owner && number < NAMES_TRIED && taken(place, name); number++) {
		own_free(&name);
		name = name_numbered(request, owner, length, number);
	}
	if (!name) {
		error_set(err, ENOMEM, "cannot name the root file system");
		return NULL;
	}
	if (taken(place, name)) {
		error_set(err, EEXIST, "cannot make %s in %s", name, place);
		return NULL;
	}
	return steal_ptr(name);
}
