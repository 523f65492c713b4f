/*
 * The template `download` (templates/lxs-download): LXC's options, prompts and
 * list; the work is image/'s.  It is no command of its own but what lxs-full
 * becomes when the template calls it, because templates have other options
 * than commands.
 */
#include "commands/download.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/template.h"
#include "image/get.h"
#include "image/install.h"
#include "lib/file.h"
#include "lib/own.h"

struct download {
	struct template_call call;
	const char *dist, *release, *arch, *variant, *server, *format, *lock;
	bool list, flush, force, no_validate, locked;
};

#define TEXT(field) offsetof(struct download, field), false
#define FLAG(field) offsetof(struct download, field), true

static const struct template_option options[] = {
	{ "dist", 'd', "DISTRIBUTION", "asked for when it is not given", TEXT(dist) },
	{ "release", 'r', "RELEASE", "asked for when it is not given", TEXT(release) },
	{ "arch", 'a', "ARCHITECTURE", "as the server names it: amd64; asked for when it is not given", TEXT(arch) },
	{ "variant", 0, "VARIANT", "default: default", TEXT(variant) },
	{ "server", 0, "SERVER", "host name, address, or the name of a remote in lxs.conf", TEXT(server) },
	{ "list", 'l', NULL, "list what there is; the names above filter", FLAG(list) },
	{ "format", 0, "FORMAT", "of the list: text (default) or json", TEXT(format) },
	{ "flush-cache", 0, NULL, "fetch it even if the cache has it", FLAG(flush) },
	{ "force-cache", 0, NULL, "use what the cache has even if it has expired", FLAG(force) },
	{ "no-validate", 0, NULL, "do without signature, hashes, encryption where there are none", FLAG(no_validate) },
	{ "lock", 0, "FILE", "write down which build it was", TEXT(lock) },
	{ "locked", 0, NULL, "with --lock: take that very build or fail", FLAG(locked) },
	{ NULL, 0, NULL, NULL, 0, false },
};

static const struct template template = {
	"lxs-download", "a container out of an image of a server",
	"lxs-create -n NAME -t download -- -d DISTRIBUTION -r RELEASE -a ARCHITECTURE\n"
	"       lxs-create -n NAME -t download -- --list",
	"lxs-image(1) shows and cleans the cache of images; lxs.conf(5) names servers.", options,
};

static int check(const struct download *download, struct error *err)
{
	const char *const words[] = { download->dist, download->release, download->arch, download->variant };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i] && !image_word_is_good(words[i]))
			return error_set(err, 0, "'%s' cannot be part of an image's name", words[i]);
	if (download->format && strcmp(download->format, "text") != 0 && strcmp(download->format, "json") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", download->format);
	if (download->locked && !download->lock)
		return error_set(err, 0, "--locked needs --lock FILE, which names the build");
	if (download->locked && (download->flush || download->list))
		return error_set(err, 0, "--locked leaves no choice: it goes neither with --flush-cache nor with --list");
	return download->list ? 0 : template_check(&download->call, err);
}

static void print_table(const struct image_list *list)
{
	static const char line[] = "%-15s  %-10s  %-5s  %-7s  %-14s\n";

	printf("\n---\n");
	printf(line, "DIST", "RELEASE", "ARCH", "VARIANT", "BUILD");
	printf("---\n");
	for (size_t i = 0; i < list->count; i++) {
		const struct image *image = &list->items[i];

		if (i == 0 || !image_same_name(image, image - 1))
			printf(line, image->dist, image->release, image->arch, image->variant, image->build);
	}
	printf("---\n");
	if (list->odd > 0)
		printf("(%zu entries of the server's index make no sense and were left out)\n", list->odd);
}

static int print_json(const struct image_list *list, struct error *err)
{
	json_t *array = json_array();
	int answer;

	for (size_t i = 0; i < list->count; i++) {
		const struct image *image = &list->items[i];

		if (i == 0 || !image_same_name(image, image - 1))
			json_array_append_new(array, json_pack("{ss,ss,ss,ss,ss}", "dist", image->dist, "release", image->release,
							       "arch", image->arch, "variant", image->variant, "build",
							       image->build));
	}
	answer = json_dumpf(array, stdout, JSON_INDENT(2));
	json_decref(array);
	putchar('\n');
	return answer < 0 ? error_set(err, 0, "cannot write the JSON text") : 0;
}

static int show_list(const struct download *download, const struct get *get, struct arena *arena, struct error *err)
{
	bool json = download->format && strcmp(download->format, "json") == 0;
	struct image_list list;

	if (!json)
		printf("Downloading the image index\n");
	fflush(stdout);
	if (image_list(get, arena, &list, err) < 0)
		return -1;
	if (json)
		return print_json(&list, err);
	print_table(&list);
	return 0;
}

/* One question, as LXC asks it. */
static int ask(struct arena *arena, const char *question, const char **answer, struct error *err)
{
	owned_str line = NULL;
	size_t size = 0;

	if (*answer)
		return 0;
	printf("%s: \n", question);
	fflush(stdout);
	if (getline(&line, &size, stdin) < 0)
		return error_set(err, 0, "no answer to '%s'; it can be given as an option, see --help", question);
	*answer = text_trim(arena_strdup(arena, line));
	return image_word_is_good(*answer) ? 0 : error_set(err, 0, "'%s' cannot be part of an image's name", *answer);
}

static int ask_all(struct download *download, struct get *get, struct arena *arena, struct error *err)
{
	if (download->dist && download->release && download->arch)
		return 0;
	if (show_list(download, get, arena, err) < 0)
		return -1;
	printf("\n");
	if (ask(arena, "Distribution", &get->wanted.dist, err) < 0 || ask(arena, "Release", &get->wanted.release, err) < 0 ||
	    ask(arena, "Architecture", &get->wanted.arch, err) < 0)
		return -1;
	printf("\n");
	return 0;
}

static int read_lock(const struct download *download, struct get *get, struct arena *arena, struct record *locked,
		     struct error *err)
{
	const struct image_filter *wanted = &get->wanted;
	const struct image *image = &locked->image;
	owned_str text = NULL;
	size_t length;

	if (file_read(download->lock, &text, &length, err) < 0 ||
	    record_parse(arena, text, download->lock, locked, err) < 0)
		return -1;
	if (!image_matches(image, wanted))
		return error_set(err, 0, "%s is the lock of %s/%s/%s/%s, which is another image", download->lock, image->dist,
				 image->release, image->arch, image->variant);
	if (!*locked->server)
		return error_set(err, 0, "%s is the lock of an image that was imported; import it here as well",
				 download->lock);
	get->locked = locked;
	/* The address is the lock's; of the remote only the mirrors still count. */
	if (download->server)
		return 0;
	return remote_find(arena, locked->server, get->user, &get->remote, err);
}

static int write_lock(const struct download *download, const struct record *record, struct error *err)
{
	owned_buffer text = { 0 };

	if (!download->lock || download->locked)
		return 0;
	record_format(record, &text);
	return file_replace(download->lock, text.text, text.length, 0644, err);
}

static int make(struct download *download, struct get *get, const struct identity *identity, struct arena *arena,
		struct error *err)
{
	owned_cache cache = CACHE_INIT;
	struct record record, locked;
	struct install install = {
		.name = download->call.name, .directory = download->call.path, .tree = download->call.rootfs, .user = get->user,
		.identity = *identity, .cache = &cache, .record = &record,
	};

	if (download->locked && read_lock(download, get, arena, &locked, err) < 0)
		return -1;
	if (!download->locked && ask_all(download, get, arena, err) < 0)
		return -1;
	if (cache_open(get->user, false, &cache, err) < 0 || image_get(get, &cache, arena, &record, err) < 0 ||
	    write_lock(download, &record, err) < 0)
		return -1;
	return image_install(&install, err);
}

static int run(int argc, char **argv, struct error *err)
{
	struct download download = { 0 };
	struct identity identity = { 0 };
	owned_arena arena = arena_new();
	struct get get;

	if (template_parse(&template, argc, argv, &download, &download.call, err) < 0)
		return -1;
	if (download.call.help)
		return template_help(&template);
	if (check(&download, err) < 0 || template_identity(&download.call, &identity, err) < 0)
		return -1;
	identity_caller(&identity);
	get = (struct get){
		.wanted = { download.dist, download.release, download.arch,
			    download.variant || download.locked ? download.variant : "default" },
		.user = identity.mapped || geteuid() != 0, .flush = download.flush, .force = download.force,
		.no_validate = download.no_validate, .any_server = !download.server,
	};
	if (remote_find(arena, download.server, get.user, &get.remote, err) < 0)
		return -1;
	if (download.list)
		return show_list(&download, &get, arena, err);
	return make(&download, &get, &identity, arena, err);
}

int download_main(int argc, char **argv)
{
	return template_main(&template, run, argc, argv);
}
