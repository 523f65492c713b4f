/*
 * lvm: the root file system is on a logical volume, thin where its group has
 * the pool.  Apart as every backend is.
 */
#include "storage/storage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"
#include "storage/block.h"
#include "storage/command.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

enum { NAME_SIZE = 256 };

/* GROUP/VOLUME, as the tools have it, of /dev/GROUP/VOLUME; they take other paths as they are. */
static const char *volume_of(const char *path)
{
	return text_starts(path, "/dev/") && !text_starts(path, "/dev/mapper/") ? path + strlen("/dev/") : path;
}

/* "Vwi-a-tz--": the first letter tells the kind; '\0': there is no such volume. */
static char kind_of(const char *volume)
{
	struct proc_tail said;
	const char *attributes = command_ask(WORDS("lvs", "--noheadings", "-o", "lv_attr", volume), &said);

	return attributes ? *attributes : '\0';
}

static bool is_thin(const char *volume)
{
	return kind_of(volume) == 'V';
}

/*
 * What the group knows of a volume; nothing, when it has none of that name.
 * Asked of the group, this fails only when nobody can tell.
 */
static int volume_ask(const char *group, const char *name, const char *field, struct proc_tail *said, struct error *err)
{
	char selection[NAME_SIZE];

	snprintf(selection, sizeof selection, "lv_name=\"%s\"", name);
	return command_run(WORDS("lvs", "--noheadings", "-o", field, "--select", selection, group), said, err);
}

static int lvm_identify(const struct rootfs_source *source, char **ret, struct error *err)
{
	const char *volume = volume_of(source->path), *slash = *volume == '/' ? NULL : strchr(volume, '/');
	char group[NAME_SIZE];
	struct proc_tail said;

	snprintf(group, sizeof group, "%.*s", (int)strcspn(volume, "/"), volume);
	if (slash ? volume_ask(group, slash + 1, "lv_uuid", &said, err) < 0
		  : command_run(WORDS("lvs", "--noheadings", "-o", "lv_uuid", volume), &said, err) < 0)
		return error_add(err, "cannot tell which volume %s is", source->path);
	return storage_identity(text_trim(said.bytes), ret, err);
}

/* The group answers, and the volume is not among its own: anything else may be somebody's. */
static bool is_free(const char *group, const char *name)
{
	owned_error ignored = ERROR_INIT;
	struct proc_tail said;

	return volume_ask(group, name, "lv_name", &said, &ignored) == 0 && *text_trim(said.bytes) == '\0';
}

static bool is_taken(const char *group, const char *name)
{
	return !is_free(group, name);
}

static bool lvm_available(const struct storage_request *request)
{
	return geteuid() == 0 && command_agrees(WORDS("vgs", request->specs.vg));
}

/* A copy stays in the group of what it is copied from. */
static int lvm_name(const struct storage_request *request, char **path, struct error *err)
{
	const char *like = request->like ? volume_of(request->like->path) : NULL;
	const char *wanted = request->specs.vg ? request->specs.vg : "";
	owned_str group = like && *like != '/' ? strndup(like, strcspn(like, "/")) : strdup(wanted);
	owned_str name = NULL;

	if (!group)
		return error_set(err, ENOMEM, "cannot name the root file system");
	/* Whether a name is taken shows only where there is a group. */
	if (command_run(WORDS("vgs", "--noheadings", group), NULL, err) < 0) {
		error_hint(err, "--vgname or lxc.bdev.lvm.vg in lxs.conf(5) names the volume group");
		return error_add(err, "cannot use the volume group %s", group);
	}
	name = block_name(request, request->specs.lv, is_taken, group, err);
	if (!name)
		return -1;
	if (asprintf(path, "lvm:/dev/%s/%s", group, name) < 0) {
		*path = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	return 0;
}

/* GROUP/POOL that the volume is to lie in: that of what it is a copy of, else the configured one; false: in none. */
static bool pool_find(const struct storage_request *request, const char *group, char pool[static 2 * NAME_SIZE])
{
	const char *name = request->specs.thinpool;
	struct proc_tail said;

	if (request->like)
		name = command_ask(WORDS("lvs", "--noheadings", "-o", "pool_lv", volume_of(request->like->path)), &said);
	if (!name || *name == '\0')
		return false;
	snprintf(pool, 2 * NAME_SIZE, "%s/%s", group, name);
	return kind_of(pool) == 't';
}

/*
 * Old signatures are wiped unasked.  Thin ones are not to be skipped when the
 * machine boots, as snapshots otherwise are.
 */
static int volume_make(const struct storage_request *request, const char *volume, struct error *err)
{
	char group[NAME_SIZE], pool[2 * NAME_SIZE], size[32];
	const char *name = strchr(volume, '/');

	snprintf(group, sizeof group, "%.*s", (int)strcspn(volume, "/"), volume);
	snprintf(size, sizeof size, "%" PRIu64 "b", block_size(request));
	if (pool_find(request, group, pool))
		return command_run(WORDS("lvcreate", "--yes", "--addtag", request->tag, "--wipesignatures", "y",
					 "--setactivationskip", "n", "--virtualsize", size, "--thin", "--name", name + 1,
					 pool), NULL, err);
	return command_run(WORDS("lvcreate", "--yes", "--addtag", request->tag, "--wipesignatures", "y", "--size", size,
				 "--name", name + 1, group), NULL, err);
}

static int lvm_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	if (volume_make(request, volume_of(made->path), err) < 0)
		return error_add(err, "cannot make %s", made->path);
	return block_format(made->path, request->specs.fstype, err);
}

/* A thin snapshot takes what it needs of the pool; another one is given room for all of it to change. */
static int lvm_clone(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	const char *name = strrchr(made->path, '/') + 1, *from = volume_of(request->from->path);
	char size[32];
	int answer;

	snprintf(size, sizeof size, "%" PRIu64 "b", block_size(request));
	if (is_thin(from))
		answer = command_run(WORDS("lvcreate", "--yes", "--addtag", request->tag, "--snapshot",
					   "--setactivationskip", "n", "--name", name, from), NULL, err);
	else
		answer = command_run(WORDS("lvcreate", "--yes", "--addtag", request->tag, "--snapshot", "--size", size,
					   "--name", name, from), NULL, err);
	return answer < 0 ? error_add(err, "cannot make a snapshot of %s", request->from->path) : 0;
}

static bool lvm_depends(const struct rootfs_source *from)
{
	return !is_thin(volume_of(from->path));
}

static bool is_gone(const char *volume)
{
	char group[NAME_SIZE];
	const char *slash = strchr(volume, '/');

	if (*volume == '/' || !slash)
		return false;
	snprintf(group, sizeof group, "%.*s", (int)(slash - volume), volume);
	return is_free(group, slash + 1);
}

static int lvm_destroy(const struct rootfs_source *source, struct error *err)
{
	const char *volume = volume_of(source->path);
	owned_error why = ERROR_INIT;

	if (command_run(WORDS("lvremove", "--yes", "--force", volume), NULL, &why) == 0 || is_gone(volume))
		return 0;
	error_move(err, &why);
	return error_add(err, "cannot remove %s", source->path);
}

static int lvm_withdraw(const struct rootfs_source *made, const struct storage_work *work, struct error *err)
{
	char group[NAME_SIZE];
	const char *volume = volume_of(made->path), *slash = strchr(volume, '/');
	struct proc_tail said;

	snprintf(group, sizeof group, "%.*s", (int)strcspn(volume, "/"), volume);
	if (!slash || volume_ask(group, slash + 1, "lv_tags", &said, err) < 0)
		return error_add(err, "cannot tell who made %s", made->path);
	return strstr(said.bytes, work->tag) ? lvm_destroy(made, err) : 0;
}

static int lvm_attach(const struct rootfs_source *source, int *device, struct error *err)
{
	(void)device;
	if (access(source->path, F_OK) == 0)
		return 0;
	if (command_run(WORDS("lvchange", "--activate", "y", "--ignoreactivationskip", volume_of(source->path)), NULL, err) == 0)
		return 0;
	return error_add(err, "cannot activate %s", source->path);
}

const struct storage_ops storage_lvm = {
	.name = "lvm", .mounted = true, .elsewhere = true, .available = lvm_available, .name_new = lvm_name, .create = lvm_create,
	.clone = lvm_clone, .clone_depends = lvm_depends, .identify = lvm_identify, .destroy = lvm_destroy,
	.withdraw = lvm_withdraw, .attach = lvm_attach,
};
