/*
 * The simplestreams format (image/index.h), as Incus' and LXD's servers speak
 * it: index.json names files of products, a product is an image, its versions
 * are builds, their items are files.  Apart because it needs a JSON library.
 */
#include <jansson.h>
#include <string.h>

#include "image/index.h"
#include "lib/sha256.h"
#include "lib/text.h"

static json_t *load(const char *text, struct error *err)
{
	json_error_t why;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (root && json_is_object(root))
		return root;
	json_decref(root);
	error_set(err, 0, "line %d is no JSON of the format simplestreams: %s", why.line, why.text);
	return NULL;
}

static const char *string_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

const char *const *index_streams_paths(struct arena *arena, const char *text, struct error *err)
{
	json_t *root = load(text, err), *entry;
	const char **paths = NULL;
	size_t count = 0;
	const char *key;

	if (!root)
		return NULL;
	json_object_foreach(json_object_get(root, "index"), key, entry) {
		const char *path = string_of(entry, "path");

		if (strcmp(string_of(entry, "datatype"), "image-downloads") != 0 || !image_path_is_good(path))
			continue;
		paths = arena_append(arena, paths, &count, sizeof *paths);
		paths[count - 1] = arena_strdup(arena, path);
	}
	json_decref(root);
	if (count == 0) {
		error_set(err, 0, "it names no list of images");
		return NULL;
	}
	return arena_append(arena, paths, &count, sizeof *paths);
}

/* What an item is to us; PARTS: nothing.  The lower number in *rank is the better file. */
static enum image_part part_of(const char *type, const char *name, int *rank)
{
	static const struct { const char *type; enum image_part part; } rows[] = {
		{ "root.tar.zst", PART_ROOTFS }, { "root.tar.xz", PART_ROOTFS }, { "root.tar.gz", PART_ROOTFS },
		{ "squashfs", PART_ROOTFS },     { "meta.tar.xz", PART_META },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		*rank = (int)i;
		if (strcmp(rows[i].type, type) == 0 || strcmp(rows[i].type, name) == 0)
			return rows[i].part;
	}
	return PARTS;
}

static bool build_parse(struct arena *arena, json_t *items, struct image *image)
{
	int best[PARTS] = { 99, 99 }, rank;
	const char *name;
	json_t *item;

	image->files[PART_ROOTFS] = image->files[PART_META] = (struct image_file){ .size = -1 };
	json_object_foreach(items, name, item) {
		enum image_part part = part_of(string_of(item, "ftype"), name, &rank);
		const char *path = string_of(item, "path"), *hash = string_of(item, "sha256");
		json_t *size = json_object_get(item, "size");

		if (part == PARTS || rank >= best[part] || !image_path_is_good(path) || !sha256_is_text(hash))
			continue;
		best[part] = rank;
		image->files[part] = (struct image_file){ arena_strdup(arena, path), arena_strdup(arena, hash),
							  json_is_integer(size) ? json_integer_value(size) : -1 };
	}
	return image->files[PART_ROOTFS].path;
}

/* DIST:RELEASE:ARCH:VARIANT is a product's name on servers of system containers; others say it in fields. */
static bool name_parse(struct arena *arena, const char *key, json_t *product, struct image *image)
{
	const char *arch = string_of(product, "arch"), *variant = string_of(product, "variant");
	char *words[5] = { NULL }, *rest = arena_strdup(arena, key);
	int count = 0;

	while (count < 5 && (words[count] = strsep(&rest, ":")))
		count++;
	if (count == 4 && strcmp(words[2], arch) == 0) {
		*image = (struct image){ words[0], words[1], words[2], words[3] };
	} else {
		char *dist = arena_strdup(arena, string_of(product, "os"));

		for (char *letter = dist; *letter; letter++)
			*letter |= *letter >= 'A' && *letter <= 'Z' ? 0x20 : 0;
		*image = (struct image){ dist, arena_strdup(arena, string_of(product, "release")),
					 arena_strdup(arena, arch), *variant ? arena_strdup(arena, variant) : "default" };
	}
	return image_word_is_good(image->dist) && image_word_is_good(image->release) &&
	       image_word_is_good(image->arch) && image_word_is_good(image->variant);
}

static void product_parse(struct arena *arena, const char *key, json_t *product, struct image_list *list)
{
	struct image image;
	json_t *version;
	const char *build;

	if (!name_parse(arena, key, product, &image)) {
		list->odd++;
		return;
	}
	json_object_foreach(json_object_get(product, "versions"), build, version) {
		/* An image of a virtual machine has no file for us: nothing odd. */
		if (!build_parse(arena, json_object_get(version, "items"), &image))
			continue;
		if (!image_word_is_good(build)) {
			list->odd++;
			continue;
		}
		image.build = arena_strdup(arena, build);
		list->items = arena_append(arena, list->items, &list->count, sizeof *list->items);
		list->items[list->count - 1] = image;
	}
}

int index_streams_parse(struct arena *arena, const char *text, struct image_list *list, struct error *err)
{
	json_t *root = load(text, err), *product;
	const char *key;

	if (!root)
		return -1;
	json_object_foreach(json_object_get(root, "products"), key, product)
		product_parse(arena, key, product, list);
	json_decref(root);
	return 0;
}
