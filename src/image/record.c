/* Records (image/record.h).  Apart because a lock file comes from elsewhere: nothing odd in it gets through. */
#include "image/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sha256.h"

/* The texts of a record; a number and the files' sizes are told apart below. */
struct field {
	const char *name, **place;
	bool (*is_good)(const char *text);
};

static bool is_address(const char *text)
{
	return *text == '\0' || ((text_starts(text, "https://") || text_starts(text, "http://")) &&
				 !strpbrk(text, " \t\"'<>\\?#"));
}

enum { FIELDS = 10 };

static void fields_of(struct record *record, struct field fields[FIELDS])
{
	struct image *image = &record->image;
	const struct field all[FIELDS] = {
		{ "server", &record->server, is_address },
		{ "dist", &image->dist, image_word_is_good },
		{ "release", &image->release, image_word_is_good },
		{ "arch", &image->arch, image_word_is_good },
		{ "variant", &image->variant, image_word_is_good },
		{ "build", &image->build, image_word_is_good },
		{ "rootfs.path", &image->files[PART_ROOTFS].path, image_path_is_good },
		{ "rootfs.sha256", &image->files[PART_ROOTFS].sha256, sha256_is_text },
		{ "meta.path", &image->files[PART_META].path, image_path_is_good },
		{ "meta.sha256", &image->files[PART_META].sha256, sha256_is_text },
	};

	memcpy(fields, all, sizeof all);
}

void record_format(const struct record *record, struct buffer *out)
{
	struct record copy = *record;
	struct field fields[FIELDS];

	fields_of(&copy, fields);
	for (size_t i = 0; i < FIELDS; i++)
		if (*fields[i].place)
			buffer_printf(out, "%s=%s\n", fields[i].name, *fields[i].place);
	buffer_printf(out, "rootfs.size=%lld\n", record->image.files[PART_ROOTFS].size);
	if (record->image.files[PART_META].path)
		buffer_printf(out, "meta.size=%lld\n", record->image.files[PART_META].size);
	buffer_printf(out, "expiry=%lld\n", record->expiry);
}

static bool number_parse(const char *text, long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return *text && !*end && errno == 0;
}

/* False: the line is no line of a record. */
static bool line_parse(struct record *record, const struct field fields[FIELDS], char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return false;
	*value++ = '\0';
	for (size_t i = 0; i < FIELDS; i++) {
		if (strcmp(fields[i].name, line) != 0)
			continue;
		*fields[i].place = value;
		return fields[i].is_good(value);
	}
	if (strcmp(line, "expiry") == 0)
		return number_parse(value, &record->expiry);
	if (strcmp(line, "rootfs.size") == 0)
		return number_parse(value, &record->image.files[PART_ROOTFS].size);
	return strcmp(line, "meta.size") == 0 && number_parse(value, &record->image.files[PART_META].size);
}

int record_parse(struct arena *arena, const char *text, const char *shown, struct record *ret, struct error *err)
{
	struct record record = { .image.files = { { .size = -1 }, { .size = -1 } } };
	const struct image *image = &record.image;
	struct field fields[FIELDS];
	unsigned number = 0;

	fields_of(&record, fields);
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = text_trim(arena_strndup(arena, text, length));

		text += length + (text[length] == '\n');
		number++;
		if (*line && *line != '#' && !line_parse(&record, fields, line))
			return error_set(err, 0, "%s:%u: no line of an image's record", shown, number);
	}
	if (!record.server || !image->dist || !image->release || !image->arch || !image->variant || !image->build ||
	    !image->files[PART_ROOTFS].path || !image->files[PART_ROOTFS].sha256 ||
	    !image->files[PART_META].path != !image->files[PART_META].sha256)
		return error_set(err, 0, "%s does not name an image completely", shown);
	*ret = record;
	return 0;
}
