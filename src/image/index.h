/*
 * What an image server offers.  Two formats: LXC's lines
 * (meta/1.0/index-MODE), which name a directory for each image, and
 * simplestreams (streams/v1), JSON that names each file with its hash.  Both
 * come from a stranger: what does not look like a name, a hash or a path below
 * the server is passed over and counted.  All strings live in the arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/error.h"

enum { BUILD_SIZE = 64 };

enum image_part { PART_ROOTFS, PART_META, PARTS };

struct image_file {
	const char *path;   /* below the server, no slash in front; NULL: the image has none */
	const char *sha256; /* NULL: not known */
	long long size;     /* bytes; -1: not known */
};

struct image {
	const char *dist, *release, *arch, *variant;
	const char *build;  /* sorts by age: "20310504_17:20" */
	const char *path;   /* directory below the server, with a slash at its end; NULL: files are known */
	struct image_file files[PARTS];
};

struct image_list {
	struct image *items;
	size_t count;
	size_t odd;         /* entries passed over */
};

/* Appends what the text of an LXC index says. */
void index_lxc_parse(struct arena *arena, const char *text, struct image_list *list);

/* The paths that a simplestreams index.json names; NULL at the end. */
const char *const *index_streams_paths(struct arena *arena, const char *text, struct error *err);

/* Appends the images of one such file. */
int index_streams_parse(struct arena *arena, const char *text, struct image_list *list, struct error *err);

/* Fills in hash and names of an LXC image's files from its SHA256SUMS; -1 when a rootfs or metadata is missing in it. */
int index_sums_parse(struct arena *arena, const char *text, struct image *image, struct error *err);

/* The names to filter by; NULL: any. */
struct image_filter { const char *dist, *release, *arch, *variant; };

bool image_matches(const struct image *image, const struct image_filter *filter);

/* By name, and of one name the newest build first. */
void image_list_sort(struct image_list *list);

/* Same name, whatever the build. */
bool image_same_name(const struct image *a, const struct image *b);

/* Whether a word can be a part of a name or a build: it is shown, and files are named after it. */
bool image_word_is_good(const char *word);

/* Whether it is a path below a server: no empty, "." or ".." part, no odd character. */
bool image_path_is_good(const char *path);
