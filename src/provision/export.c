/*
 * Exporting a container (provision/export.h): what goes into its archive and
 * in which order (provision/archive.h), and who holds it still meanwhile.
 */
#include "provision/export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/archive.h"
#include "provision/copy_fill.h"
#include "provision/export_stream.h"
#include "provision/interrupt.h"
#include "provision/mapped.h"
#include "provision/snapshot.h"
#include "provision/source.h"
#include "provision/standstill.h"
#include "lib/file.h"
#include "lib/id_map.h"
#include "lib/own.h"
#include "lib/words.h"
#include "plan/idmap.h"

/* The container itself, or a snapshot of it. */
struct part {
	const char *snapshot;       /* NULL: the container */
	const char *directory;
	const char *config;         /* its text */
	struct rootfs_source rootfs;
	bool has_rootfs;
	int tree;                   /* owned; its root file system; -1: not opened yet */
};

struct exporting {
	const struct export_options *options;
	struct container *container;
	struct source source;
	struct standstill standstill;
	struct arena *arena;        /* owned */
	struct part *parts;         /* the container, then its snapshots */
	size_t count;
	bool running;
	struct mapping mapping;
	bool mapped;                /* files are seen with the ids that they have inside */
	struct export_stream stream;
	struct interrupt interrupt;
};

static void exporting_done(struct exporting *exporting)
{
	export_stream_done(&exporting->stream);
	standstill_done(&exporting->standstill);
	for (size_t i = 0; i < exporting->count; i++)
		own_close_fd(&exporting->parts[i].tree);
	source_done(&exporting->source);
	arena_free(exporting->arena);
}

/* ---- what there is ---- */

static int part_add(struct exporting *exporting, struct container *container, const char *snapshot, struct error *err)
{
	struct arena *arena = exporting->arena;
	owned_str text = NULL;
	const char *path;
	struct part *part;
	size_t length;

	if (!container->settings && container_load(container, NULL, err) < 0)
		return -1;
	if (file_read(container->config_path, &text, &length, err) < 0)
		return -1;
	exporting->parts = arena_append(arena, exporting->parts, &exporting->count, sizeof *exporting->parts);
	part = &exporting->parts[exporting->count - 1];
	*part = (struct part){
		.snapshot = snapshot, .directory = arena_printf(arena, "%s/%s", container->lxcpath, container->name),
		.config = arena_strdup(arena, text), .tree = -1,
	};
	path = settings_string(container->settings, "lxc.rootfs.path");
	part->has_rootfs = path != NULL;
	return path && !storage_of(arena, arena_strdup(arena, path), &part->rootfs, err) ? -1 : 0;
}

static int parts_collect(struct exporting *exporting, struct error *err)
{
	struct snapshot_list list = { 0 };

	if (part_add(exporting, exporting->container, NULL, err) < 0)
		return -1;
	if (exporting->options->snapshots && snapshot_list(exporting->container, exporting->arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		owned_container snapshot = { 0 };

		if (!list.items[i].defined)
			continue;
		if (container_init(list.items[i].lxcpath, list.items[i].name, &snapshot, err) < 0 ||
		    part_add(exporting, &snapshot, list.items[i].name, err) < 0)
			return error_add(err, "its snapshot %s", list.items[i].name);
	}
	return 0;
}

/* ---- its parts ---- */

static const char *member_name(const struct exporting *exporting, const struct part *part, const char *name)
{
	return arena_printf(exporting->arena, "%s%s", archive_prefix(exporting->arena, part->snapshot), name);
}

static int texts_put(struct exporting *exporting, struct error *err)
{
	struct archive_manifest manifest = {
		.name = exporting->container->name, .directory = exporting->parts[0].directory,
		.rootfs = exporting->parts[0].has_rootfs,
	};
	struct words snapshots = { 0 };
	owned_buffer text = { 0 };

	for (size_t i = 1; i < exporting->count; i++)
		words_add(exporting->arena, &snapshots, exporting->parts[i].snapshot);
	words_add(exporting->arena, &snapshots, NULL);
	manifest.snapshots = snapshots.items;
	archive_manifest_format(&manifest, &text);
	if (export_stream_text(&exporting->stream, ARCHIVE_MANIFEST, buffer_text(&text), err) < 0)
		return -1;
	for (size_t i = 0; i < exporting->count; i++) {
		const struct part *part = &exporting->parts[i];

		if (export_stream_text(&exporting->stream, member_name(exporting, part, "config"), part->config, err) < 0)
			return -1;
	}
	return 0;
}

/* Whether the root file system is there, or below. */
static bool holds_rootfs(const struct exporting *exporting, const struct part *part, const char *name)
{
	const char *path = arena_printf(exporting->arena, "%s/%s", part->directory, name), *place;

	for (size_t i = 0; part->has_rootfs && (place = rootfs_source_place(&part->rootfs, i)); i++)
		if (text_starts(place, path) && strchr("/", place[strlen(path)]))
			return true;
	return false;
}

static int files_append(struct exporting *exporting, const struct part *part, struct error *err)
{
	struct words files = { 0 };
	owned_fd directory = open(part->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = opendir(part->directory);
	const struct dirent *entry;

	if (directory < 0 || !list)
		return error_set(err, errno, "cannot list %s", part->directory);
	while ((entry = readdir(list)))
		if (!archive_is_reserved(entry->d_name) && !holds_rootfs(exporting, part, entry->d_name))
			words_add(exporting->arena, &files, arena_printf(exporting->arena, "./%s", entry->d_name));
	if (files.count == 0)
		return 0;
	/* The log of one that runs may grow while it is packed. */
	return export_stream_pack(&exporting->stream, directory, &files, member_name(exporting, part, "files"),
				  exporting->running ? 1 : 0, err);
}

static int tree_append(struct exporting *exporting, struct part *part, struct error *err)
{
	static const char *all[] = { "." };

	if (part->tree < 0)
		part->tree = rootfs_open_unseen(&part->rootfs, err);
	if (part->tree < 0)
		return -1;
	return export_stream_pack(&exporting->stream, part->tree, &(struct words){ all, 1 },
				  member_name(exporting, part, "rootfs"), 0, err);
}

/* In a process that sees ids as they are inside. */
static int trees_append(void *data, struct error *err)
{
	struct exporting *exporting = data;

	for (size_t i = 0; i < exporting->count; i++)
		if (exporting->parts[i].has_rootfs && tree_append(exporting, &exporting->parts[i], err) < 0)
			return -1;
	return export_stream_finish(&exporting->stream, err);
}

/* ---- all of it ---- */

/* They are only read, so it does not matter who else uses them. */
static int trees_open(struct exporting *exporting, struct error *err)
{
	for (size_t i = 0; i < exporting->count; i++) {
		struct part *part = &exporting->parts[i];

		part->rootfs.readonly = true;
		if (!part->has_rootfs || mapping_is_needed())
			continue;
		part->tree = rootfs_open_unseen(&part->rootfs, err);
		if (part->tree < 0)
			return -1;
	}
	return 0;
}

static bool has_host_ids(const struct exporting *exporting)
{
	int tree = exporting->parts[0].tree;
	struct stat facts;

	return tree >= 0 && fstat(tree, &facts) == 0 &&
	       id_map_tree_of(idmap_text(exporting->arena, exporting->container->settings, 'u'), facts.st_uid) == TREE_SHIFTED;
}

static void choose_mapping(struct exporting *exporting)
{
	exporting->mapped = mapping_is_needed() || has_host_ids(exporting);
	if (exporting->mapped)
		mapping_of_settings(exporting->arena, exporting->container->settings, &exporting->mapping);
}

static int refuse_unreadable(const struct exporting *exporting, struct error *err)
{
	const struct part *part = &exporting->parts[0];

	if (!exporting->running || !part->has_rootfs)
		return 0;
	if (settings_flag(exporting->container->settings, "lxs.rootfs.tmpfs"))
		return error_set(err, 0, "what it has written is in memory and cannot be exported");
	if (part->rootfs.lowers || storage_tree(&part->rootfs))
		return 0;
	error_set(err, 0, "storage of type %s cannot be read while the container runs", part->rootfs.type);
	return error_hint(err, "stop it first");
}

static int write_all_parts(struct exporting *exporting, struct error *err)
{
	if (texts_put(exporting, err) < 0)
		return -1;
	for (size_t i = 0; i < exporting->count; i++)
		if (files_append(exporting, &exporting->parts[i], err) < 0)
			return -1;
	return mapping_call_held(exporting->mapped ? &exporting->mapping : NULL, trees_append, exporting, &exporting->interrupt,
				 err);
}

static int export_held(struct exporting *exporting, struct error *err)
{
	const struct export_options *options = exporting->options;
	int answer;

	if (exporting->running && standstill_begin(exporting->container, &exporting->standstill, err) < 0)
		return -1;
	if (trees_open(exporting, err) < 0 ||
	    export_stream_begin(&exporting->stream, exporting->arena, options->compress, options->output, err) < 0)
		return -1;
	choose_mapping(exporting);
	answer = write_all_parts(exporting, err);
	return export_stream_end(&exporting->stream, answer, err);
}

static int export_whole(struct container *container, const struct export_options *options, struct error *err)
{
	__attribute__((cleanup(exporting_done))) struct exporting exporting = {
		.options = options, .container = container, .source = SOURCE_INIT, .standstill = STANDSTILL_INIT,
		.arena = arena_new(), .stream = EXPORT_STREAM_INIT,
	};
	int answer;

	if (source_hold(container, options->allow_running, &exporting.source, err) < 0)
		return -1;
	exporting.running = exporting.source.running;
	if (parts_collect(&exporting, err) < 0 || refuse_unreadable(&exporting, err) < 0)
		return -1;
	/* A reader that goes away is an error, not the end of us. */
	signal(SIGPIPE, SIG_IGN);
	interrupt_hold(&exporting.interrupt);
	answer = export_held(&exporting, err);
	interrupt_release(&exporting.interrupt);
	return answer;
}

/* A disk that fails or has no room may say so only now.  The container is free already; a pipe has nothing to say. */
int container_export(struct container *container, const struct export_options *options, struct error *err)
{
	if (export_whole(container, options, err) < 0)
		return -1;
	if (fsync(options->output) < 0 && errno != EINVAL && errno != EROFS)
		return error_set(err, errno, "cannot write the archive");
	return 0;
}
