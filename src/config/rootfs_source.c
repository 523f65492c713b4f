/*
 * The grammar of lxc.rootfs.path (config/rootfs_source.h).  Apart from the
 * types because planners and storage read it, each for a purpose of its own.
 */
#include "config/rootfs_source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/inside.h"
#include "lib/own.h"
#include "lib/words.h"

const char *const rootfs_types[] = {
	"dir", "zfs", "lvm", "rbd", "btrfs", "overlay", "overlayfs", "loop", "nbd", NULL,
};

static const char *find_type(const char *word, size_t length)
{
	for (size_t i = 0; length > 0 && rootfs_types[i]; i++)
		if (strncmp(rootfs_types[i], word, length) == 0)
			return rootfs_types[i];
	return NULL;
}

/* Where the next part begins: ':' separates parts only before a '/', as in LXC. */
static const char *part_end(const char *part)
{
	const char *colon = strstr(part, ":/");

	return colon ? colon : part + strlen(part);
}

static int overlay_parse(struct arena *arena, const char *text, struct rootfs_source *ret, struct error *err)
{
	const char **parts = NULL;
	size_t count = 0;

	for (const char *part = text; *part; part = *part ? part + 1 : part) {
		const char *end = part_end(part);

		parts = arena_append(arena, parts, &count, sizeof *parts);
		parts[count - 1] = arena_strndup(arena, part, (size_t)(end - part));
		part = end;
	}
	if (count < 2)
		return error_set(err, 0, "an overlay has a lower and an upper directory: overlay:/LOWER[:/LOWER...]:/UPPER");
	if (count - 1 > ROOTFS_LOWERS_MAX)
		return error_set(err, 0, "an overlay of %zu lower directories: there can be %d", count - 1, ROOTFS_LOWERS_MAX);
	ret->path = parts[count - 1];
	if (!strrchr(ret->path + 1, '/'))
		return error_set(err, 0, "the upper directory %s of an overlay needs a neighbour '%s', on the same file system",
				 ret->path, "work");
	ret->work = arena_printf(arena, "%.*s/work", (int)(strrchr(ret->path, '/') - ret->path), ret->path);
	parts[count - 1] = NULL;
	ret->lowers = parts;
	return 0;
}

/* IMAGE[:PARTITION]; a file whose own name ends like that can still be meant: with ":0" behind it. */
static void nbd_parse(struct arena *arena, const char *text, struct rootfs_source *ret)
{
	const char *colon = strrchr(text, ':');

	if (!colon || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon) > 4)
		return;
	ret->path = arena_strndup(arena, text, (size_t)(colon - text));
	ret->partition = (unsigned)strtoul(colon + 1, NULL, 10);
}

int rootfs_source_parse(struct arena *arena, const char *text, struct rootfs_source *ret, struct error *err)
{
	const char *colon = *text == '/' ? NULL : strchr(text, ':');
	struct rootfs_source source = { .type = "" };

	if (colon) {
		source.type = find_type(text, (size_t)(colon - text));
		if (!source.type)
			return error_set(err, 0, "unknown storage type '%.*s'", (int)(colon - text), text);
		text = colon + 1;
	}
	source.path = text;
	if (*text != '/' && strcmp(source.type, "zfs") != 0)
		return error_set(err, 0, "the path of the rootfs must begin with '/'");
	if (*text == '\0')
		return error_set(err, 0, "the data set of the rootfs has no name");
	if (strncmp(source.type, "overlay", 7) == 0 && overlay_parse(arena, text, &source, err) < 0)
		return -1;
	if (strcmp(source.type, "nbd") == 0)
		nbd_parse(arena, text, &source);
	*ret = source;
	return 0;
}

static const char *const *places_of(struct arena *arena, const struct rootfs_source *source)
{
	struct words places = { 0 };
	const char *place;

	for (size_t i = 0; (place = rootfs_source_place(source, i)); i++)
		words_add(arena, &places, place);
	words_add(arena, &places, NULL);
	return places.items;
}

int rootfs_refuse_inside(const struct settings *settings, const char *key, struct error *err)
{
	const struct value *root = settings_value(settings, "lxc.rootfs.path"), *file = settings_value(settings, key);
	owned_arena arena = arena_new();
	owned_error ignored = ERROR_INIT;
	struct rootfs_source source;

	/* A path that cannot be parsed is refused by whoever mounts it. */
	if (!root || !file || rootfs_source_parse(arena, root->text, &source, &ignored) < 0 ||
	    !path_leads_into(file->text, places_of(arena, &source)))
		return 0;
	error_set(err, 0, "%s lies in the container's root file system, where the container could make a link of it", file->text);
	error_asked_by(err, file->origin);
	return error_hint(err, "name a file that the container cannot reach, beside its root file system or in /var/log");
}
