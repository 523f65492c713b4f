/* lxs-image: the cache of images that the template `download` fills, one verb a row. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/commands.h"
#include "provision/mapped.h"
#include "image/exchange.h"
#include "image/progress.h"
#include "image/trees.h"
#include "lib/own.h"

struct image_options {
	const char *format;
	bool all;
};

struct image_call {
	struct invocation *call;
	const struct image_options *options;
	struct arena *arena;
	struct cache *cache;
	struct image_filter wanted;  /* by the name that was given */
	struct record *items;        /* of the cache, those that match */
	size_t count;
};

static const struct option_row rows[] = {
	{ 0, "format", "FORMAT", "of ls: text (default) or json", OPTION_STRING, offsetof(struct image_options, format), NULL },
	{ 'a', "all", NULL, "prune: also images that have not expired", OPTION_FLAG, offsetof(struct image_options, all), NULL },
	{ 0 },
};

/* "DIST/RELEASE/ARCH[/VARIANT]"; less of it is a name that several images may have. */
static int parse_name(struct image_call *at, const char *name, struct error *err)
{
	const char **places[] = { &at->wanted.dist, &at->wanted.release, &at->wanted.arch, &at->wanted.variant };
	char *rest = arena_strdup(at->arena, name), *word;
	size_t count = 0;

	while ((word = strsep(&rest, "/"))) {
		if (count == 4 || !image_word_is_good(word))
			return error_set(err, 0, "'%s' is no name of an image: DIST/RELEASE/ARCH[/VARIANT]", name);
		*places[count++] = word;
	}
	return 0;
}

static int take_record(const char *key, const struct record *record, void *data, struct error *err)
{
	struct image_call *at = data;

	(void)err;
	if (!record) {
		fprintf(stderr, "%s: the record %s of the cache is damaged; prune removes it\n", at->call->program, key);
	} else if (image_matches(&record->image, &at->wanted)) {
		at->items = arena_append(at->arena, at->items, &at->count, sizeof *at->items);
		at->items[at->count - 1] = *record;
	}
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct record *a = left, *b = right;
	char names[2][5 * BUILD_SIZE];

	snprintf(names[0], sizeof names[0], "%s/%s/%s/%s", a->image.dist, a->image.release, a->image.arch, a->image.variant);
	snprintf(names[1], sizeof names[1], "%s/%s/%s/%s", b->image.dist, b->image.release, b->image.arch, b->image.variant);
	return strcmp(names[0], names[1]);
}

static int read_records(struct image_call *at, struct error *err)
{
	if (cache_records(at->cache, at->arena, take_record, at, err) < 0)
		return -1;
	if (at->count > 1)
		qsort(at->items, at->count, sizeof *at->items, compare);
	return 0;
}

static long long size_of(const struct image_call *at, const struct record *record)
{
	long long size = 0;

	for (int part = 0; part < PARTS; part++)
		size += cache_blob_size(at->cache, record->image.files[part].sha256);
	return size;
}

static const char *expiry_text(long long expiry, char text[32])
{
	time_t seconds = (time_t)expiry;
	struct tm when;

	if (expiry == 0 || !gmtime_r(&seconds, &when) || strftime(text, 32, "%Y-%m-%d %H:%M", &when) == 0)
		snprintf(text, 32, "never");
	return text;
}

static int print_json(const struct image_call *at, struct error *err)
{
	json_t *array = json_array();
	int answer;

	for (size_t i = 0; i < at->count; i++) {
		const struct record *record = &at->items[i];
		const struct image *image = &record->image;

		json_array_append_new(array,
				      json_pack("{ss,ss,ss,ss,ss,sI,sI,ss,ss}", "dist", image->dist, "release", image->release,
						"arch", image->arch, "variant", image->variant, "build", image->build, "bytes",
						(json_int_t)size_of(at, record), "expiry", (json_int_t)record->expiry, "server",
						record->server, "sha256", image->files[PART_ROOTFS].sha256));
	}
	answer = json_dumpf(array, stdout, JSON_INDENT(2));
	json_decref(array);
	putchar('\n');
	return answer < 0 ? error_set(err, 0, "cannot write the JSON text") : EXIT_SUCCESS;
}

static int image_ls(struct image_call *at, struct error *err)
{
	const char *format = at->options->format;
	char expires[32], size[PROGRESS_BYTES];

	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", format);
	if (read_records(at, err) < 0)
		return -1;
	if (format && strcmp(format, "json") == 0)
		return print_json(at, err);
	printf("%-15s %-10s %-6s %-8s %-15s %-9s %-16s %s\n", "DIST", "RELEASE", "ARCH", "VARIANT", "BUILD", "SIZE", "EXPIRES",
	       "SERVER");
	for (size_t i = 0; i < at->count; i++) {
		const struct record *record = &at->items[i];
		const struct image *image = &record->image;

		printf("%-15s %-10s %-6s %-8s %-15s %-9s %-16s %s\n", image->dist, image->release, image->arch, image->variant,
		       image->build, progress_bytes(size_of(at, record), size), expiry_text(record->expiry, expires),
		       *record->server ? record->server : "(imported)");
	}
	return EXIT_SUCCESS;
}

static bool keep_record(const struct record *record, void *data)
{
	const struct image_options *options = data;

	return !options->all && (record->expiry == 0 || record->expiry > (long long)time(NULL));
}

/* In a namespace of the user's ids where that is needed, so what it did is printed here. */
static int prune_trees(void *data, struct error *err)
{
	struct trees_pruned pruned;

	if (trees_prune(data, &pruned, err) < 0)
		return -1;
	printf("%u unpacked images removed, which no container uses\n", pruned.trees);
	fflush(stdout);
	return 0;
}

static int image_prune(struct image_call *at, struct error *err)
{
	const char *lxcpath = at->call->lxcpath;
	struct cache_pruned pruned;
	char bytes[PROGRESS_BYTES];
	struct subids ids;
	struct mapping mapping;

	if (cache_prune(at->cache, keep_record, (void *)at->options, &pruned, err) < 0)
		return -1;
	printf("%u images and %u files removed, %s\n", pruned.images, pruned.files, progress_bytes(pruned.bytes, bytes));
	fflush(stdout);
	if (!mapping_is_needed())
		return prune_trees((void *)lxcpath, err) < 0 ? -1 : EXIT_SUCCESS;
	if (!trees_exist(lxcpath))
		return EXIT_SUCCESS;
	subids_read(at->arena, geteuid(), &ids);
	mapping_of_user(at->arena, &ids, &mapping);
	return mapping_call(&mapping, prune_trees, (void *)lxcpath, err) < 0 ? -1 : EXIT_SUCCESS;
}

static int image_verify(struct image_call *at, struct error *err)
{
	int code = EXIT_SUCCESS;

	if (read_records(at, err) < 0)
		return -1;
	for (size_t i = 0; i < at->count; i++) {
		const struct image *image = &at->items[i].image;
		const char *what = NULL;
		int answer = exchange_verify(at->cache, at->arena, &at->items[i], &what, err);

		if (answer < 0)
			return -1;
		printf("%s/%s/%s/%s %s: %s%s\n", image->dist, image->release, image->arch, image->variant, image->build,
		       answer ? "damaged: " : "good", answer ? what : "");
		code = answer ? EXIT_FAILURE : code;
	}
	return code;
}

static int image_import(struct image_call *at, struct error *err)
{
	struct record record;
	const struct image *image = &record.image;

	if (exchange_import(at->cache, at->arena, at->call->arguments[1], &at->wanted, &record, err) < 0)
		return -1;
	printf("Imported %s/%s/%s/%s, build %s\n", image->dist, image->release, image->arch, image->variant, image->build);
	return EXIT_SUCCESS;
}

static int image_export(struct image_call *at, struct error *err)
{
	if (read_records(at, err) < 0)
		return -1;
	if (at->count == 1)
		return exchange_export(at->cache, &at->items[0], at->call->arguments[1], err) < 0 ? -1 : EXIT_SUCCESS;
	error_set(err, 0, at->count == 0 ? "the cache has no such image" : "several images of the cache have this name");
	return error_hint(err, "lxs-image ls shows what it has");
}

/* `name`: which argument (from 1) is an image's name; 0: none. */
static const struct verb {
	const char *name, *arguments, *summary;
	int least, most, image;
	bool clean;
	int (*run)(struct image_call *at, struct error *err);
} verbs[] = {
	{ "ls", "[IMAGE]", "list images", 0, 1, 1, false, image_ls },
	{ "prune", "[-a]", "remove what has expired and what nothing uses", 0, 0, 0, true, image_prune },
	{ "verify", "[IMAGE]", "hold all files against their hashes; exit 1 for damage", 0, 1, 1, false, image_verify },
	{ "import", "DIRECTORY [IMAGE]", "take an image from a directory", 1, 2, 2, false, image_import },
	{ "export", "DIRECTORY IMAGE", "put an image into a directory", 2, 2, 2, false, image_export },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static int image_more_help(struct invocation *call, struct error *err)
{
	(void)call, (void)err;
	fprintf(stderr, "\nVerbs (IMAGE is DIST/RELEASE/ARCH[/VARIANT]):\n");
	for (size_t i = 0; i < VERBS; i++)
		fprintf(stderr, "  %-7s %-18s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].summary);
	return 0;
}

static const struct verb *find_verb(const struct invocation *call, struct error *err)
{
	const char *name = call->count > 0 ? call->arguments[0] : "";

	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if (call->count - 1 >= verbs[i].least && call->count - 1 <= verbs[i].most)
			return &verbs[i];
		error_set(err, 0, "usage: %s %s %s", call->program, name, verbs[i].arguments);
		return NULL;
	}
	error_set(err, 0, *name ? "there is no verb '%s'" : "a verb is needed%s", name);
	error_hint(err, "it is one of ls, prune, verify, import, export; see --help");
	return NULL;
}

static int image_run(struct invocation *call, struct error *err)
{
	const struct verb *verb = find_verb(call, err);
	owned_cache cache = CACHE_INIT;
	struct image_call at = { .call = call, .options = call->options, .arena = call->arena, .cache = &cache };

	if (!verb)
		return -1;
	if (verb->image > 0 && call->count > verb->image && parse_name(&at, call->arguments[verb->image], err) < 0)
		return -1;
	if (cache_open(geteuid() != 0, verb->clean, &cache, err) < 0)
		return -1;
	return verb->run(&at, err);
}

const struct command command_image = {
	.name = "image",
	.summary = "List, check, clean and exchange the images that were downloaded.",
	.synopsis = "ls | prune | verify | import | export [ARGUMENT...]",
	.options = rows,
	.options_size = sizeof(struct image_options),
	.more_help = image_more_help,
	.run = image_run,
};
