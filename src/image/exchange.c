/* Importing, exporting and checking images (image/exchange.h).  Apart from the cache's own ways: here files come and go whole. */
#include "image/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/meta.h"
#include "lib/file.h"
#include "lib/own.h"

static const char *const names[PARTS][9] = {
	[PART_ROOTFS] = { "rootfs.tar.zst", "rootfs.tar.xz", "rootfs.tar.gz", "rootfs.tar.bz2", "rootfs.tar", "root.tar.xz",
			  "rootfs.squashfs", "root.squashfs", NULL },
	[PART_META] = { "meta.tar.zst", "meta.tar.xz", "meta.tar.gz", "meta.tar", NULL },
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int copy(int from, int to, const char *shown, struct error *err)
{
	ssize_t moved;

	while ((moved = sendfile(to, from, NULL, 1 << 30)) > 0)
		;
	return moved < 0 ? error_set(err, errno, "cannot copy %s", shown) : 0;
}

static int import_file(const struct cache *cache, int dir, const char *directory, struct image_file *file,
		       struct arena *arena, struct error *err)
{
	const char *shown = arena_printf(arena, "%s/%s", directory, file->path);
	owned_fd from = openat(dir, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), partial = -1;
	char *hash = arena_alloc(arena, SHA256_TEXT), name[SHA256_TEXT];
	struct stat info;

	if (from < 0 || fstat(from, &info) < 0)
		return error_set(err, errno, "cannot open %s", shown);
	if (!S_ISREG(info.st_mode))
		return error_set(err, 0, "%s is no plain file", shown);
	if (file->sha256)
		memcpy(hash, file->sha256, SHA256_TEXT);
	sha256_of(shown, name);
	partial = cache_partial_open(cache, name, err);
	if (partial < 0)
		return -1;
	/* sendfile(2) does not write to what is opened to append. */
	if (ftruncate(partial, 0) < 0 || fcntl(partial, F_SETFL, 0) < 0)
		return error_set(err, errno, "cannot write to the image cache");
	if (copy(from, partial, shown, err) < 0 || cache_partial_keep(cache, name, partial, hash, shown, err) != 0)
		return -1;
	file->sha256 = hash;
	file->size = info.st_size;
	return 0;
}

/* Which of the possible files are there, when no record says it. */
static int find_files(int dir, const char *directory, struct image *image, struct error *err)
{
	for (int part = 0; part < PARTS; part++)
		for (size_t i = 0; names[part][i] && !image->files[part].path; i++)
			if (faccessat(dir, names[part][i], R_OK, AT_EACCESS) == 0)
				image->files[part].path = names[part][i];
	if (image->files[PART_ROOTFS].path)
		return 0;
	error_set(err, ENOENT, "no image in %s", directory);
	return error_hint(err, "it needs a rootfs.tar.xz or the like, and has a meta.tar.xz beside it unless it is only a tree");
}

/* What the file `image` says, when there is one. */
static int read_record(int dir, struct arena *arena, const char *directory, struct record *record, struct error *err)
{
	const char *shown = arena_printf(arena, "%s/image", directory);
	owned_fd fd = openat(dir, "image", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	owned_str text = NULL;
	size_t length;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open %s", shown);
	if (file_read_fd(fd, shown, &text, &length, err) < 0 || record_parse(arena, text, shown, record, err) < 0)
		return -1;
	for (int part = 0; part < PARTS; part++)
		if (record->image.files[part].path)
			record->image.files[part].path = base_name(record->image.files[part].path);
	return 0;
}

/* What the caller says counts more. */
static int name_image(struct arena *arena, const struct image_filter *name, struct image *image, struct error *err)
{
	char now[32];
	time_t seconds = time(NULL);
	struct tm when;

	image->dist = name->dist ? name->dist : image->dist;
	image->release = name->release ? name->release : image->release;
	image->arch = name->arch ? name->arch : image->arch;
	image->variant = name->variant ? name->variant : image->variant;
	if (!image->dist || !image->release || !image->arch)
		return error_set(err, 0, "which image it is has to be said: DIST/RELEASE/ARCH[/VARIANT]");
	if (!image->variant)
		image->variant = "default";
	if (!image->build) {
		strftime(now, sizeof now, "%Y%m%d_%H:%M", gmtime_r(&seconds, &when));
		image->build = arena_strdup(arena, now);
	}
	return 0;
}

int exchange_import(const struct cache *cache, struct arena *arena, const char *directory,
		    const struct image_filter *name, struct record *ret, struct error *err)
{
	owned_fd dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct record record = { .server = "", .image.files = { { .size = -1 }, { .size = -1 } } };
	struct image *image = &record.image;
	char key[SHA256_TEXT];

	if (dir < 0)
		return error_set(err, errno, "cannot open %s", directory);
	if (read_record(dir, arena, directory, &record, err) < 0 || find_files(dir, directory, image, err) < 0 ||
	    name_image(arena, name, image, err) < 0)
		return -1;
	record.server = "";
	record.expiry = 0;
	for (int part = 0; part < PARTS; part++)
		if (image->files[part].path && import_file(cache, dir, directory, &image->files[part], arena, err) < 0)
			return -1;
	if (image->files[PART_META].sha256 &&
	    meta_unpack(cache, image->files[PART_META].sha256, image->files[PART_META].path, err) < 0)
		return -1;
	cache_key("", image, key);
	*ret = record;
	return cache_record_write(cache, key, &record, err);
}

static int export_file(const struct cache *cache, int dir, const char *directory, const struct image_file *file,
		       struct buffer *sums, struct error *err)
{
	owned_arena arena = arena_new();
	const char *name = base_name(file->path), *shown = arena_printf(arena, "%s/%s", directory, name);
	owned_fd from = open(cache_blob_path(cache, arena, file->sha256), O_RDONLY | O_CLOEXEC), to = -1;

	if (from < 0)
		return error_set(err, errno, "the cache has lost %s", name);
	to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0)
		return error_set(err, errno, "cannot make %s", shown);
	buffer_printf(sums, "%s  %s\n", file->sha256, name);
	if (copy(from, to, shown, err) < 0)
		return -1;
	return fsync(to) < 0 ? error_set(err, errno, "cannot write %s", shown) : 0;
}

int exchange_export(const struct cache *cache, const struct record *record, const char *directory, struct error *err)
{
	owned_buffer text = { 0 }, sums = { 0 };
	owned_arena arena = arena_new();
	owned_fd dir = -1;

	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make %s", directory);
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open %s", directory);
	for (int part = 0; part < PARTS; part++) {
		const struct image_file *file = &record->image.files[part];

		if (file->path && export_file(cache, dir, directory, file, &sums, err) < 0)
			return -1;
	}
	record_format(record, &text);
	if (file_replace(arena_printf(arena, "%s/SHA256SUMS", directory), sums.text, sums.length, 0644, err) < 0)
		return -1;
	return file_replace(arena_printf(arena, "%s/image", directory), text.text, text.length, 0644, err);
}

int exchange_verify(const struct cache *cache, struct arena *arena, const struct record *record, const char **what,
		    struct error *err)
{
	for (int part = 0; part < PARTS; part++) {
		const struct image_file *file = &record->image.files[part];
		char found[SHA256_TEXT];
		owned_fd fd = -1;
		int answer;

		if (!file->sha256)
			continue;
		*what = base_name(file->path);
		fd = open(cache_blob_path(cache, arena, file->sha256), O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			return error_set(err, errno, "cannot open %s", *what);
		answer = fd < 0 ? 0 : sha256_file(fd, found);
		if (answer < 0)
			return error_set(err, -answer, "cannot read %s", *what);
		if (fd < 0 || strcmp(found, file->sha256) != 0)
			return 1;
	}
	return 0;
}
