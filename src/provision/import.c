/*
 * Importing a container (provision/import.h): its texts are read first, then a
 * container is made as by lxs-create, marker and all, with a config that has
 * been judged as it is written, and tar(1) fills it, confined.
 */
#include "provision/import.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/archive.h"
#include "provision/copy_fill.h"
#include "provision/copy_text.h"
#include "provision/foreign.h"
#include "provision/identity.h"
#include "provision/import_files.h"
#include "provision/import_stream.h"
#include "provision/interrupt.h"
#include "provision/newborn.h"
#include "provision/owner.h"
#include "image/unpack.h"
#include "lib/attributes.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "lib/own.h"

enum { CONFIG_MODE = 0640, DIRECTORY_MODE = 0750 };

/* The container itself, or a snapshot of it. */
struct part {
	const char *snapshot;        /* NULL: the container */
	const char *prefix;          /* of its members */
	const char *directory;       /* where it will be */
	const char *config;          /* as it is in the archive */
	const struct storage_ops *ops;
	struct storage_request request;
	const char *path;            /* lxc.rootfs.path */
	struct rootfs_source rootfs;
};

struct importing {
	const struct import_options *options;
	struct arena *arena;         /* owned */
	struct import_stream stream;
	struct archive_manifest manifest;
	struct container target;
	struct newborn newborn;
	struct part *parts;
	size_t count;
	struct subids ids;           /* an ordinary user's */
	struct mapping mapping;
	struct buffer *said;
	unsigned *devices;           /* shared with the process that fills: files that this user cannot make */
	unsigned *kept;              /* owned; provision/identity.h */
	struct interrupt interrupt;
};

static void importing_done(struct importing *importing)
{
	identity_kept_tell(&importing->kept, NULL, NULL);
	import_stream_done(&importing->stream);
	newborn_done(&importing->newborn);
	container_done(&importing->target);
	arena_free(importing->arena);
}

/* ---- texts ---- */

static const char *directory_before(const struct importing *importing, const char *snapshot)
{
	const char *directory = importing->manifest.directory;

	return snapshot ? arena_printf(importing->arena, "%s/snaps/%s", directory, snapshot) : directory;
}

static int part_read(struct importing *importing, const char *snapshot, struct error *err)
{
	struct arena *arena = importing->arena;
	const char *name = arena_printf(arena, "%sconfig", archive_prefix(arena, snapshot));
	struct part *part;

	importing->parts = arena_append(arena, importing->parts, &importing->count, sizeof *importing->parts);
	part = &importing->parts[importing->count - 1];
	part->snapshot = snapshot;
	part->prefix = archive_prefix(arena, snapshot);
	part->config = import_stream_text(&importing->stream, arena, name, ARCHIVE_CONFIG, err);
	return part->config ? 0 : -1;
}

static int texts_read(struct importing *importing, struct error *err)
{
	struct arena *arena = importing->arena;
	const char *text = import_stream_text(&importing->stream, arena, ARCHIVE_MANIFEST, ARCHIVE_SMALL, err);

	if (!text || archive_manifest_parse(arena, text, &importing->manifest, err) < 0)
		return -1;
	if (mapping_is_needed())
		subids_read(arena, geteuid(), &importing->ids);
	if (part_read(importing, NULL, err) < 0)
		return -1;
	for (size_t i = 0; importing->manifest.snapshots[i]; i++)
		if (part_read(importing, importing->manifest.snapshots[i], err) < 0)
			return -1;
	return 0;
}

/* ---- the container without its files ---- */

static int storage_choose(struct importing *importing, struct part *part, struct error *err)
{
	const struct import_options *options = importing->options;
	owned_str path = NULL;

	part->request = (struct storage_request){
		.name = importing->target.name, .directory = part->directory, .specs = options->specs,
	};
	part->ops = storage_find(options->backend, &part->request, err);
	if (!part->ops)
		return -1;
	if (part->ops->mounted && mapping_is_needed()) {
		error_set(err, 0, "an ordinary user cannot fill storage of type %s", part->ops->name);
		return error_hint(err, "use dir, btrfs or overlay");
	}
	/*
	 * A snapshot is no layer below: it would be in the way of its container's other snapshots.  And what a failure
	 * leaves of it goes with its directory.
	 */
	if (part->snapshot && (part->ops == &storage_overlay || part->ops->elsewhere))
		part->ops = &storage_dir;
	if (!part->snapshot) {
		if (newborn_storage(&importing->newborn, part->ops, &part->request, err) < 0)
			return -1;
		part->path = importing->newborn.rootfs;
	} else if (part->ops->name_new(&part->request, &path, err) < 0) {
		return -1;
	} else {
		part->path = arena_strdup(importing->arena, path);
	}
	return storage_of(importing->arena, part->path, &part->rootfs, err) ? 0 : -1;
}

static int config_write(struct importing *importing, const struct part *part, struct error *err)
{
	bool same = importing->options->identical && strcmp(importing->target.name, importing->manifest.name) == 0;
	const struct copy_text how = {
		.from = directory_before(importing, part->snapshot), .to = part->directory, .rootfs = part->path,
		.every_path = true,
		.name = same || part->snapshot ? NULL : importing->target.name, .new_hwaddr = !importing->options->identical,
	};
	const struct foreign foreign = {
		.directory = part->directory, .rootfs = part->path, .trust = importing->options->trust,
		.ids = mapping_is_needed() ? &importing->ids : NULL,
	};
	owned_str text = copy_text(part->config, &how);
	const char *judged;

	if (!text)
		return error_set(err, ENOMEM, "cannot write the config");
	judged = foreign_config(importing->arena, &foreign, text, err);
	if (!judged)
		return part->snapshot ? error_add(err, "its snapshot %s", part->snapshot) : -1;
	return file_replace(arena_printf(importing->arena, "%s/config", part->directory), judged, strlen(judged), CONFIG_MODE,
			    err);
}

static int part_make(struct importing *importing, struct part *part, struct error *err)
{
	struct arena *arena = importing->arena;
	const char *snaps;

	part->directory = importing->newborn.directory;
	if (part->snapshot) {
		part->directory = arena_printf(arena, "%s/snaps/%s", importing->newborn.directory, part->snapshot);
		snaps = arena_printf(arena, "%s/snaps", importing->newborn.directory);
		if ((mkdir(snaps, DIRECTORY_MODE) < 0 && errno != EEXIST) || mkdir(part->directory, DIRECTORY_MODE) < 0)
			return error_set(err, errno, "cannot make %s", part->directory);
	}
	if (importing->manifest.rootfs && storage_choose(importing, part, err) < 0)
		return -1;
	return config_write(importing, part, err);
}

/* ---- its files ---- */

/* Mounted in this process's own mount namespace: what unpacks has to find it by a path. */
static int tree_attach(const struct part *part, const char *place, struct error *err)
{
	/* Of an overlay the tree below: as lxs-create fills it. */
	const char *tree = storage_tree(&part->rootfs);
	const struct rootfs_source below = { .type = "dir", .path = tree };
	owned_fd root = rootfs_open_unseen(tree ? &below : &part->rootfs, err);
	owned_fd target = open(place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (root < 0)
		return -1;
	/* Of a new ext4. */
	unlinkat(root, "lost+found", AT_REMOVEDIR);
	if (target < 0 || mount_attach(root, target) < 0)
		return error_set(err, errno, "cannot mount the root file system");
	return 0;
}

static int tree_unpack(struct importing *importing, const struct part *part, const char *place, struct error *err)
{
	owned_fd tree = open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct unpack unpack = { .shown = importing->stream.reader.shown, .tree = tree };
	const char *prefix = arena_printf(importing->arena, "%srootfs", part->prefix);

	if (tree < 0)
		return error_set(err, errno, "cannot open the root file system");
	if (import_stream_unpack(&importing->stream, &unpack, prefix, err) < 0)
		return -1;
	*importing->devices += unpack.devices;
	return 0;
}

/* What the root of an overlay looks like is up to its topmost layer. */
static int root_attributes(const struct part *part, struct error *err)
{
	owned_fd below = open(storage_tree(&part->rootfs), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_fd top = open(part->rootfs.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat facts;
	int code = below < 0 || top < 0 || fstat(below, &facts) < 0 ? -errno : attributes_copy(below, top, &facts);

	return code < 0 ? error_set(err, -code, "cannot give %s its attributes", part->rootfs.path) : 0;
}

static int tree_fill(struct importing *importing, struct part *part, struct error *err)
{
	const char *place = arena_printf(importing->arena, "%s/" IMPORT_PLACE, importing->newborn.directory);
	const struct identity identity = {
		.hostname = importing->target.name, .old_hostname = importing->manifest.name, .kept = importing->kept,
	};
	owned_fd root = -1;

	if (part->ops->create(&part->request, &part->rootfs, err) < 0 || tree_attach(part, place, err) < 0)
		return -1;
	if (tree_unpack(importing, part, place, err) < 0)
		return -1;
	root = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "cannot open the root file system");
	if (!part->snapshot && !importing->options->identical) {
		if (identity_renew(root, &identity, err) < 0)
			return -1;
	}
	if (rootfs_write_through(root, &part->rootfs, err) < 0)
		return -1;
	own_close_fd(&root);
	if (part->rootfs.lowers && root_attributes(part, err) < 0)
		return -1;
	return umount2(place, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? error_set(err, errno, "cannot unmount %s", place) : 0;
}

/* In a process with mounts of its own, for an ordinary user as root of his container's ids. */
static int trees_fill(void *data, struct error *err)
{
	struct importing *importing = data;

	umask(0022);
	for (size_t i = 0; i < importing->count; i++)
		if (importing->manifest.rootfs && tree_fill(importing, &importing->parts[i], err) < 0)
			return -1;
	return import_stream_finish(&importing->stream, err);
}

static void warning_say(const struct error *warning, void *context)
{
	buffer_printf(context, "%s\n", warning->message);
}

/* Of what root's containers with ids of their own have been given. */
static int owners_settle(const struct importing *importing, struct error *err)
{
	for (size_t i = 0; i < importing->count && importing->manifest.rootfs; i++) {
		const char *tree = storage_tree(&importing->parts[i].rootfs);

		if (tree && owner_settle(importing->target.settings, tree, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

static int fill(struct importing *importing, struct error *err)
{
	bool mapped = mapping_is_needed();

	for (size_t i = 0; i < importing->count; i++)
		if (part_make(importing, &importing->parts[i], err) < 0)
			return -1;
	if (container_load(&importing->target, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < importing->count; i++) {
		const struct import_files files = {
			.directory = importing->parts[i].directory, .prefix = importing->parts[i].prefix,
			.work = importing->newborn.dir,
			.trust = importing->options->trust, .said = importing->said,
		};

		if (import_files_take(&importing->stream, &files, err) < 0)
			return -1;
	}
	if (mapped)
		mapping_of_settings(importing->arena, importing->target.settings, &importing->mapping);
	if (mapping_call_held(mapped ? &importing->mapping : NULL, trees_fill, importing, &importing->interrupt, err) < 0)
		return -1;
	identity_kept_tell(&importing->kept, warning_say, importing->said);
	if (*importing->devices > 0)
		buffer_printf(importing->said, "%u device files are left out: only root can make them\n", *importing->devices);
	if (import_files_end(importing->newborn.dir, err) < 0 || owners_settle(importing, err) < 0)
		return -1;
	return interrupt_check(&importing->interrupt, err);
}

/* What fails or is killed removes all that is in the directory, so nothing may be there before. */
static int refuse_directory(struct importing *importing, struct error *err)
{
	if (importing->newborn.made_directory)
		return 0;
	error_set(err, EEXIST, "cannot make %s", importing->newborn.directory);
	return error_hint(err, "there is no container in it: remove it, or choose another name with -n");
}

static int import_held(struct importing *importing, struct error *err)
{
	int answer;

	if (newborn_claim(&importing->target, &importing->newborn, err) == 0 && refuse_directory(importing, err) == 0 &&
	    fill(importing, err) == 0 &&
	    import_stream_end(&importing->stream, 0, err) == 0 && newborn_finish(&importing->newborn, err) == 0)
		return 0;
	answer = import_stream_end(&importing->stream, -1, err);
	newborn_roll_back(&importing->newborn, err);
	return answer;
}

int container_import(const struct import_options *options, char **name, struct buffer *said, struct error *err)
{
	__attribute__((cleanup(importing_done))) struct importing importing = {
		.options = options, .arena = arena_new(), .stream = IMPORT_STREAM_INIT, .newborn = NEWBORN_INIT, .said = said,
		.kept = identity_kept_new(),
	};
	const char *chosen;
	int answer;

	importing.devices = mmap(NULL, sizeof *importing.devices, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (importing.devices == MAP_FAILED)
		return error_set(err, errno, "cannot import");
	signal(SIGPIPE, SIG_IGN);
	if (import_stream_begin(&importing.stream, options->input, err) < 0 || texts_read(&importing, err) < 0)
		return import_stream_end(&importing.stream, -1, err);
	chosen = options->name ? options->name : importing.manifest.name;
	if (container_init(options->lxcpath, chosen, &importing.target, err) < 0 ||
	    newborn_refuse_defined(&importing.target, err) < 0)
		return -1;
	*name = strdup(importing.target.name);
	interrupt_hold(&importing.interrupt);
	importing.stream.reader.signals = signalfd(-1, &importing.interrupt.held, SFD_CLOEXEC);
	answer = import_held(&importing, err);
	interrupt_release(&importing.interrupt);
	return answer;
}
