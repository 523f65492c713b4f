/* Names of images, and LXC's index of them (image/index.h); the JSON format is in index-streams.c. */
#include "image/index.h"

#include <stdlib.h>
#include <string.h>

#include "lib/own.h"
#include "lib/sha256.h"
#include "lib/text.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool is_made_of(const char *text, const char *more)
{
	for (; *text; text++)
		if (!strchr(letters, *text) && !strchr(more, *text))
			return false;
	return true;
}

bool image_word_is_good(const char *word)
{
	size_t length = strlen(word);

	return length > 0 && length < BUILD_SIZE && *word != '.' && *word != '-' && is_made_of(word, "._:+~-");
}

bool image_path_is_good(const char *path)
{
	const char *part = path;
	size_t length;

	if (!*path || strlen(path) > 1024 || !is_made_of(path, "._:+~-/@%=,"))
		return false;
	do {
		length = strcspn(part, "/");
		if (length == 0 || (length <= 2 && strspn(part, ".") >= length))
			return false;
		part += length + (part[length] == '/');
	} while (*part);
	return true;
}

bool image_matches(const struct image *image, const struct image_filter *filter)
{
	return (!filter->dist || strcmp(image->dist, filter->dist) == 0) &&
	       (!filter->release || strcmp(image->release, filter->release) == 0) &&
	       (!filter->arch || strcmp(image->arch, filter->arch) == 0) &&
	       (!filter->variant || strcmp(image->variant, filter->variant) == 0);
}

static int compare_names(const struct image *a, const struct image *b)
{
	int order = strcmp(a->dist, b->dist);

	order = order ? order : strcmp(a->release, b->release);
	order = order ? order : strcmp(a->arch, b->arch);
	return order ? order : strcmp(a->variant, b->variant);
}

static int compare(const void *left, const void *right)
{
	int order = compare_names(left, right);

	return order ? order : strcmp(((const struct image *)right)->build, ((const struct image *)left)->build);
}

bool image_same_name(const struct image *a, const struct image *b)
{
	return compare_names(a, b) == 0;
}

void image_list_sort(struct image_list *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, compare);
}

/* "/images/x//y/" and "images/x/y" are one directory; NULL: none below the server. */
static const char *directory_of(struct arena *arena, const char *path)
{
	char *clean = arena_strdup(arena, path), *to = clean;

	for (const char *from = path; *from; from++)
		if (*from != '/' || (to > clean && to[-1] != '/'))
			*to++ = *from;
	while (to > clean && to[-1] == '/')
		to--;
	*to = '\0';
	return image_path_is_good(clean) ? arena_printf(arena, "%s/", clean) : NULL;
}

/* DIST;RELEASE;ARCH;VARIANT;BUILD;PATH.  False: no image. */
static bool line_parse(struct arena *arena, const char *line, struct image *ret)
{
	const char **fields[] = { &ret->dist, &ret->release, &ret->arch, &ret->variant, &ret->build };
	const char *next = line;

	*ret = (struct image){ .files = { { .size = -1 }, { .size = -1 } } };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		size_t length = strcspn(next, ";");

		if (next[length] != ';')
			return false;
		*fields[i] = arena_strndup(arena, next, length);
		if (!image_word_is_good(*fields[i]))
			return false;
		next += length + 1;
	}
	if (strchr(next, ';'))
		return false;
	ret->path = directory_of(arena, next);
	return ret->path;
}

void index_lxc_parse(struct arena *arena, const char *text, struct image_list *list)
{
	struct image image;

	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = text_trim(arena_strndup(arena, text, length));
		size_t end = strlen(line);

		text += length + (text[length] == '\n');
		/* An image that is announced and not there yet has an empty last field. */
		if (end == 0 || line[end - 1] == ';')
			continue;
		if (!line_parse(arena, line, &image)) {
			list->odd++;
			continue;
		}
		list->items = arena_append(arena, list->items, &list->count, sizeof *list->items);
		list->items[list->count - 1] = image;
	}
}

/* The files that can be used, the better ones first. */
static const struct { const char *name; enum image_part part; } known_files[] = {
	{ "rootfs.tar.zst", PART_ROOTFS }, { "rootfs.tar.xz", PART_ROOTFS },  { "rootfs.tar.gz", PART_ROOTFS },
	{ "rootfs.tar.bz2", PART_ROOTFS }, { "rootfs.squashfs", PART_ROOTFS }, { "meta.tar.xz", PART_META },
	{ "meta.tar.zst", PART_META },     { "meta.tar.gz", PART_META },
};

enum { KNOWN_FILES = sizeof known_files / sizeof *known_files };

static size_t known_file(const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN_FILES && strcmp(known_files[i].name, name) != 0; i++)
		;
	return i;
}

/* "HASH  NAME", or "HASH *NAME" for binary files: sha256sum(1). */
int index_sums_parse(struct arena *arena, const char *text, struct image *image, struct error *err)
{
	size_t best[PARTS] = { KNOWN_FILES, KNOWN_FILES };

	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = text_trim(arena_strndup(arena, text, length));
		char *name = line + strcspn(line, " ");
		size_t row;

		text += length + (text[length] == '\n');
		if (!*name)
			continue;
		*name++ = '\0';
		name += strspn(name, " *");
		name += text_starts(name, "./") ? 2 : 0;
		row = known_file(name);
		if (row == KNOWN_FILES || row >= best[known_files[row].part] || !sha256_is_text(line))
			continue;
		best[known_files[row].part] = row;
		image->files[known_files[row].part] =
			(struct image_file){ arena_printf(arena, "%s%s", image->path, name), line, -1 };
	}
	if (best[PART_ROOTFS] == KNOWN_FILES || best[PART_META] == KNOWN_FILES)
		return error_set(err, 0, "it has no hash for %s", best[PART_ROOTFS] == KNOWN_FILES ? "a rootfs.tar.xz"
												  : "meta.tar.xz");
	return 0;
}
