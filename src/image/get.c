/*
 * Getting one image (image/get.h): what the cache has is used until it
 * expires; else the builds of that name are tried, the newest first, since a
 * mirror may announce one it does not have yet.
 */
#include "image/get.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/meta.h"
#include "image/signed.h"
#include "image/transfer.h"
#include "lib/own.h"

/* Servers of the format simplestreams do not say when a build is out of date. */
enum { STREAMS_FRESH_SECONDS = 24 * 60 * 60 };

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static bool is_complete(const struct cache *cache, const struct record *record)
{
	for (int part = 0; part < PARTS; part++)
		if (record->image.files[part].sha256 && !cache_has_blob(cache, record->image.files[part].sha256))
			return false;
	return true;
}

/* One transfer into the cache.  0, TRANSFER_MISSING, -1; CACHE_WRONG as `wrong`. */
static int fetch_once(const struct get *get, const struct cache *cache, const struct image_file *file, const char *name,
		      char hash[SHA256_TEXT], bool *resumed, bool *wrong, struct error *err)
{
	const struct transfer transfer = { &get->remote, file->path, file->size, &(struct progress){ 0 } };
	owned_fd partial = cache_partial_open(cache, name, err);
	owned_str shown = NULL;
	struct stat before;
	int answer;

	if (partial < 0)
		return -1;
	if (fstat(partial, &before) < 0 || asprintf(&shown, "%s/%s", get->remote.url, file->path) < 0)
		return error_set(err, errno, "cannot fetch an image");
	*resumed = before.st_size > 0;
	answer = transfer_file(&transfer, partial, err);
	if (answer != 0)
		return answer;
	answer = cache_partial_keep(cache, name, partial, hash, shown, err);
	*wrong = answer == CACHE_WRONG;
	return answer == 0 ? 0 : -1;
}

/* A beginning that was damaged shows only in the hash of the whole: then once more, from the first byte. */
static int fetch(const struct get *get, const struct cache *cache, struct arena *arena, struct image_file *file,
		 struct error *err)
{
	char hash[SHA256_TEXT] = "", name[SHA256_TEXT];
	bool resumed = false, wrong = false;
	int answer;

	if (!file->path || (file->sha256 && cache_has_blob(cache, file->sha256)))
		return 0;
	if (file->sha256)
		snprintf(hash, sizeof hash, "%s", file->sha256);
	sha256_of(file->sha256 ? file->sha256 : arena_printf(arena, "%s/%s", get->remote.url, file->path), name);
	answer = fetch_once(get, cache, file, name, hash, &resumed, &wrong, err);
	if (answer < 0 && wrong && resumed)
		answer = fetch_once(get, cache, file, name, hash, &resumed, &wrong, err);
	if (answer == 0 && !file->sha256)
		file->sha256 = arena_strdup(arena, hash);
	return answer;
}

/* An image of LXC's format: its files' names and hashes are in a file of their own, which may be signed. */
static int read_sums(const struct get *get, struct arena *arena, struct image *image, struct error *err)
{
	const char *text = NULL, *path = arena_printf(arena, "%sSHA256SUMS", image->path);
	int answer = signed_text(get, arena, path, &text, err);

	if (answer == 0 && index_sums_parse(arena, text, image, err) < 0)
		return error_add(err, "%s/%s", get->remote.url, path);
	if (answer != TRANSFER_MISSING || !get->no_validate)
		return answer;
	image->files[PART_ROOTFS] = (struct image_file){ arena_printf(arena, "%srootfs.tar.xz", image->path), NULL, -1 };
	image->files[PART_META] = (struct image_file){ arena_printf(arena, "%smeta.tar.xz", image->path), NULL, -1 };
	return 0;
}

/* One build.  0, TRANSFER_MISSING, -1. */
static int fetch_build(const struct get *get, const struct cache *cache, struct arena *arena, struct record *record,
		       struct error *err)
{
	struct image *image = &record->image;
	int answer = 0;

	if (image->path)
		answer = read_sums(get, arena, image, err);
	/* The small one first: what is missing shows soon. */
	for (int part = PARTS - 1; part >= 0 && answer == 0; part--)
		answer = fetch(get, cache, arena, &image->files[part], err);
	if (answer != 0 || !image->files[PART_META].sha256)
		return answer;
	return meta_unpack(cache, image->files[PART_META].sha256, image->files[PART_META].path, err);
}

static long long expiry_of(const struct cache *cache, const struct record *record)
{
	const char *meta = record->image.files[PART_META].sha256;

	return meta ? meta_expiry(cache, meta) : (long long)time(NULL) + STREAMS_FRESH_SECONDS;
}

/* What else there is, for somebody who mistyped. */
static int refuse_name(const struct get *get, struct arena *arena, struct error *err)
{
	const struct image_filter *wanted = &get->wanted;
	struct get wider = *get;
	struct image_list list = { 0 };
	owned_error ignored = ERROR_INIT;
	owned_buffer found = { 0 };

	error_set(err, 0, "Couldn't find a matching image: %s has no %s/%s/%s/%s", get->remote.url, wanted->dist,
		  wanted->release, wanted->arch, wanted->variant);
	wider.wanted = (struct image_filter){ .dist = wanted->dist };
	if (image_list(&wider, arena, &list, &ignored) < 0 || list.count == 0)
		return error_hint(err, "--list shows what there is");
	for (size_t i = 0; i < list.count && found.length < 300; i++) {
		const struct image *image = &list.items[i];

		if (i == 0 || !image_same_name(image, image - 1))
			buffer_printf(&found, " %s/%s/%s", image->release, image->arch, image->variant);
	}
	return error_hint(err, "of %s it has%s", wanted->dist, found.text);
}

/* The builds of the name, the newest first, until one is there. */
static int fetch_newest(const struct get *get, const struct cache *cache, struct arena *arena, const struct record *have,
			struct record *ret, struct error *err)
{
	struct image_list list;

	if (image_list(get, arena, &list, err) < 0)
		return -1;
	if (list.count == 0)
		return refuse_name(get, arena, err);
	for (size_t i = 0; i < list.count; i++) {
		struct record record = { .server = get->remote.url, .image = list.items[i] };
		int answer;

		if (have && strcmp(have->image.build, record.image.build) == 0) {
			say("The cache is already up to date");
			record = *have;
		} else {
			answer = fetch_build(get, cache, arena, &record, err);
			if (answer < 0)
				return -1;
			if (answer == TRANSFER_MISSING && i + 1 < list.count)
				printf("Build %s is announced but not there; trying the one before, %s\n", record.image.build,
				       list.items[i + 1].build);
			if (answer == TRANSFER_MISSING)
				continue;
		}
		record.expiry = expiry_of(cache, &record);
		*ret = record;
		return 0;
	}
	error_add(err, "%s announces build %s and has no such files", get->remote.url, list.items[list.count - 1].build);
	return error_hint(err, "a mirror that is being filled has them later; a server without SHA256SUMS needs --no-validate");
}

static bool is_fresh(const struct get *get, const struct record *record)
{
	return get->force || record->expiry == 0 || record->expiry > (long long)time(NULL);
}

/* 1: the cache has it; 0: it has not, or not any more; *ret is filled when there was one at all. */
static int look_in_cache(const struct get *get, const struct cache *cache, struct arena *arena, const char *key,
			 struct record *ret, bool *known, struct error *err)
{
	int answer;

	*known = false;
	if (get->flush) {
		say("Flushing the cache...");
		return cache_record_remove(cache, key, err);
	}
	answer = cache_record_read(cache, arena, key, ret, err);
	if (answer <= 0 || !is_complete(cache, ret))
		return answer < 0 ? -1 : 0;
	*known = true;
	if (is_fresh(get, ret))
		return 1;
	say("The cached copy has expired, re-downloading...");
	return 0;
}

static int get_locked(const struct get *get, const struct cache *cache, struct arena *arena, struct record *ret,
		      struct error *err)
{
	int answer;

	*ret = *get->locked;
	/* Paths and hashes are known: no index is asked. */
	ret->image.path = NULL;
	answer = fetch_build(get, cache, arena, ret, err);
	if (answer != TRANSFER_MISSING)
		return answer;
	error_add(err, "the locked build %s is gone", ret->image.build);
	return error_hint(err, "lxs-image import takes a copy of it that was exported elsewhere");
}

/* An image that was imported stands for any server's, as long as nobody named one. */
static int find_imported(const struct get *get, const struct cache *cache, struct arena *arena, struct record *ret,
			 struct error *err)
{
	const struct image_filter *wanted = &get->wanted;
	struct image image = { wanted->dist, wanted->release, wanted->arch, wanted->variant };
	char key[SHA256_TEXT];
	int answer;

	if (!get->any_server || get->flush)
		return 0;
	cache_key("", &image, key);
	answer = cache_record_read(cache, arena, key, ret, err);
	return answer == 1 && !is_complete(cache, ret) ? 0 : answer;
}

int image_get(const struct get *get, const struct cache *cache, struct arena *arena, struct record *ret,
	      struct error *err)
{
	const struct image_filter *wanted = &get->wanted;
	struct image image = { wanted->dist, wanted->release, wanted->arch, wanted->variant };
	struct record have;
	char key[SHA256_TEXT];
	owned_fd lock = -1;
	bool known = false;
	int answer;

	if (get->locked)
		return get_locked(get, cache, arena, ret, err);
	cache_key(get->remote.url, &image, key);
	lock = cache_lock(cache, key, err);
	if (lock < 0)
		return -1;
	answer = look_in_cache(get, cache, arena, key, ret, &known, err);
	if (answer == 0 && !known)
		answer = find_imported(get, cache, arena, ret, err);
	if (answer == 1)
		say("Using image from local cache");
	if (answer != 0)
		return answer < 0 ? -1 : 0;
	have = *ret;
	if (fetch_newest(get, cache, arena, known ? &have : NULL, ret, err) < 0)
		return known ? error_hint(err, "--force-cache takes build %s, which is in the cache", have.image.build) : -1;
	if (cache_record_write(cache, key, ret, err) < 0)
		return -1;
	say("The image cache is now ready");
	return 0;
}
