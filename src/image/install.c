/*
 * Installing an image (image/install.h): where its files go.  Storage of the
 * type overlay gets the image's shared tree as its lower layer, so that nothing
 * is copied; other storage is filled.  The config is put together in assemble.c.
 */
#include "image/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/assemble.h"
#include "image/meta.h"
#include "image/substitute.h"
#include "image/trees.h"
#include "lib/file.h"
#include "lib/overlay.h"
#include "lib/own.h"

struct installing {
	const struct install *install;
	struct arena *arena;
	bool has_meta;
	struct placeholders words;
	const char *shared;         /* the tree below the overlay; NULL: the files are in install->tree */
	const char *upper, *work;   /* of the overlay */
};

/* A logical file of the metadata, "" when there is none. */
static const char *text_of(const struct installing *at, const char *name)
{
	const struct install *install = at->install;
	const char *text = NULL;

	if (at->has_meta && install->record)
		text = meta_text(install->cache, at->arena, install->record->image.files[PART_META].sha256, name, install->user);
	else if (at->has_meta)
		text = meta_text_in(install->meta, at->arena, name, install->user);
	return text ? text : "";
}

/* The lines of a list, blanks cut; NULL at the end. */
static const char *const *lines_of(struct arena *arena, const char *text)
{
	char *rest = arena_strdup(arena, text);
	const char **lines = NULL;
	size_t count = 0;

	for (char *line; (line = strsep(&rest, "\n"));) {
		line = text_trim(line);
		if (!*line)
			continue;
		lines = arena_append(arena, lines, &count, sizeof *lines);
		lines[count - 1] = line;
	}
	return arena_append(arena, lines, &count, sizeof *lines);
}

/* What the image says is to stay out, and what the caller does. */
static const char *const *excludes_of(const struct installing *at)
{
	const char *devices = at->install->no_devices ? "\n./dev/*\ndev/*" : "";

	return lines_of(at->arena, arena_printf(at->arena, "%s%s", text_of(at, "excludes"), devices));
}

/* "overlay:TREE:UPPER" in the container's config says that lxs-create made us such a storage. */
static bool is_overlay(struct installing *at, const char *config)
{
	const char *value = assemble_rootfs(at->arena, config);
	const char *wanted = arena_printf(at->arena, "overlay:%s:", at->install->tree);

	if (!value || !text_starts(value, wanted))
		return false;
	at->upper = value + strlen(wanted);
	if (strchr(at->upper, ':'))
		return false;
	at->work = arena_printf(at->arena, "%s/../work", at->upper);
	return true;
}

static int fill(struct installing *at, const char *config, const struct tree_request *request, struct error *err)
{
	owned_fd tree = open(at->install->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *path;
	int answer;

	if (tree < 0)
		return error_set(err, errno, "cannot open %s", at->install->tree);
	if (request->record && is_overlay(at, config)) {
		at->shared = tree_take(request, at->arena, err);
		return at->shared ? 0 : -1;
	}
	if (request->record && tree_can_share(request->lxcpath, tree)) {
		path = tree_take(request, at->arena, err);
		return path ? tree_clone(path, tree, err) : -1;
	}
	identity_own(&at->install->identity);
	answer = tree_unpack(request, tree, err);
	identity_caller(&at->install->identity);
	return answer;
}

/* The whole root file system as the container will see it, mounted nowhere. */
static int open_overlay(const struct installing *at, struct error *err)
{
	owned_fd lower = open(at->shared, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_fd upper = open(at->upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	owned_fd work = open(at->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[512] = "";
	const struct mount_detail detail = { text, sizeof text };
	const int lowers[] = { lower };
	const struct overlay overlay = { .lowers = lowers, .lower_count = 1, .upper = upper, .work = work };
	int root;

	if (lower < 0 || upper < 0 || work < 0)
		return error_set(err, errno, "cannot open the layers of %s", at->install->tree);
	root = overlay_mount(&overlay, &detail);
	return root < 0 ? error_set(err, -root, "cannot mount an overlay%s%s", *text ? ": " : "", text) : root;
}

/* Files of the container that its name goes into. */
static int personalise_at(const struct installing *at, int root, struct error *err)
{
	const char *const *paths = lines_of(at->arena, text_of(at, "templates"));

	for (; *paths; paths++)
		if (substitute_inside(&at->words, root, *paths, err) < 0)
			return -1;
	if (at->has_meta)
		return 0;
	return write_inside(root, "etc/hostname", arena_printf(at->arena, "%s\n", at->install->name), err);
}

static int personalise(const struct installing *at, struct error *err)
{
	owned_fd root = -1;
	int answer;

	if (at->has_meta && !*text_of(at, "templates"))
		return 0;
	identity_own(&at->install->identity);
	root = at->shared ? open_overlay(at, err) : open(at->install->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	answer = root < 0 ? error_add(err, "cannot write into the root file system") : personalise_at(at, root, err);
	identity_caller(&at->install->identity);
	return answer;
}

static int write_text(const struct installing *at, const char *name, const struct buffer *text, struct error *err)
{
	return file_replace(arena_printf(at->arena, "%s/%s", at->install->directory, name), buffer_text(text), text->length,
			    0640, err);
}

static int configure(const struct installing *at, const char *config, struct error *err)
{
	const struct install *install = at->install;
	owned_buffer text = { 0 }, fstab = { 0 }, refused = { 0 };
	const struct assemble assemble = {
		.config = config, .image_config = at->has_meta ? text_of(at, "config") : NULL,
		.image_fstab = text_of(at, "fstab"), .image = install->record ? &install->record->image : NULL,
		.user = install->user, .words = &at->words,
		.rootfs = at->shared ? arena_printf(at->arena, "overlay:%s:%s", at->shared, at->upper) : NULL,
	};

	assemble_config(&assemble, &text, &fstab, &refused);
	if (fstab.length > 0 && write_text(at, "fstab", &fstab, err) < 0)
		return -1;
	if (write_text(at, "config", &text, err) < 0)
		return -1;
	for (const char *const *line = lines_of(at->arena, buffer_text(&refused)); *line; line++)
		printf("Not taken from the image: %s\n", *line);
	return 0;
}

/* A stranger's text on somebody's terminal: letters only. */
static void show_message(const struct installing *at)
{
	const char *message = text_of(at, "create-message");
	owned_buffer text = { 0 };

	if (!*message)
		return;
	substitute(&at->words, message, &text);
	printf("\n---\n");
	for (const char *letter = buffer_text(&text); *letter; letter++)
		putchar((unsigned char)*letter >= ' ' || *letter == '\n' || *letter == '\t' ? *letter : '?');
	if (text.length > 0 && text.text[text.length - 1] != '\n')
		putchar('\n');
}

int image_install(const struct install *install, struct error *err)
{
	owned_arena arena = arena_new();
	const char *slash = strrchr(install->directory, '/');
	struct installing at = {
		.install = install, .arena = arena,
		.has_meta = install->record ? install->record->image.files[PART_META].sha256 != NULL : install->meta >= 0,
		.words = { install->name, install->directory, install->tree },
	};
	struct tree_request request = {
		.cache = install->cache, .identity = &install->identity, .record = install->record,
		.archive = install->archive,
		.lxcpath = slash ? arena_strndup(arena, install->directory, (size_t)(slash - install->directory)) : ".",
	};
	owned_str config = NULL;
	size_t length;

	if (file_read(arena_printf(arena, "%s/config", install->directory), &config, &length, err) < 0)
		return -1;
	if (at.has_meta && !*text_of(&at, "config"))
		return error_set(err, 0, "meta tarball is missing the configuration file");
	request.excludes = excludes_of(&at);
	if (fill(&at, config, &request, err) < 0 || personalise(&at, err) < 0 || configure(&at, config, err) < 0)
		return -1;
	show_message(&at);
	return 0;
}
