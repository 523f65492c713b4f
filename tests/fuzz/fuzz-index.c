/*
 * Fuzz target of what image servers say: both formats of indexes, hashes and
 * records.  Whatever passes is made of words and paths that can do no harm.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/record.h"
#include "lib/own.h"
#include "lib/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(const struct image_file *file)
{
	if (file->path && !image_path_is_good(file->path))
		abort();
	if (file->sha256 && !sha256_is_text(file->sha256))
		abort();
}

static void check_image(const struct image *image)
{
	const char *const words[] = { image->dist, image->release, image->arch, image->variant, image->build };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!image_word_is_good(words[i]))
			abort();
	for (int part = 0; part < PARTS; part++)
		check_file(&image->files[part]);
	if (image->path && (strncmp(image->path, "../", 3) == 0 || strstr(image->path, "/../")))
		abort();
}

static void check_record(struct arena *arena, const char *text)
{
	owned_error err = ERROR_INIT;
	owned_buffer again = { 0 };
	struct record record, second;

	if (record_parse(arena, text, "fuzz", &record, &err) < 0)
		return;
	check_image(&record.image);
	record_format(&record, &again);
	if (record_parse(arena, again.text, "again", &second, &err) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_arena arena = arena_new();
	owned_str text = strndup((const char *)data, size);
	owned_error err = ERROR_INIT;
	struct image_list list = { 0 };
	struct image image = { .path = "x/" };

	if (!text)
		return 0;
	index_lxc_parse(arena, text, &list);
	index_streams_parse(arena, text, &list, &err);
	index_streams_paths(arena, text, &err);
	image_list_sort(&list);
	for (size_t i = 0; i < list.count; i++)
		check_image(&list.items[i]);
	if (index_sums_parse(arena, text, &image, &err) == 0)
		for (int part = 0; part < PARTS; part++)
			check_file(&image.files[part]);
	check_record(arena, text);
	return 0;
}
