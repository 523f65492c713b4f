/*
 * What an OCI image is made of (image/oci.h): from index.json through the
 * manifest to config and layers, or from the manifest.json of `docker save`.
 * Called by commands/oci.c.
 */
#include "image/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "image/oci-json.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "lib/text.h"

enum { INDEX_DEPTH = 4 };

struct reading {
	struct arena *arena;
	int directory;
	const char *shown;
};

/* ---- how it is to be run ---- */

static void labels_read(struct arena *arena, json_t *object, struct oci_image *ret)
{
	struct oci_label *labels = NULL;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		if (!json_is_string(value))
			continue;
		labels = arena_append(arena, labels, &ret->label_count, sizeof *labels);
		labels[ret->label_count - 1] = (struct oci_label){
			arena_strdup(arena, name), arena_strdup(arena, json_string_value(value)),
		};
	}
	ret->labels = labels;
}

static void config_read(struct arena *arena, const json_t *json, struct oci_image *ret)
{
	const json_t *config = json_object_get(json, "config");

	ret->entrypoint = oci_texts(arena, config, "Entrypoint");
	ret->command = oci_texts(arena, config, "Cmd");
	ret->environment = oci_texts(arena, config, "Env");
	ret->ports = oci_names(arena, json_object_get(config, "ExposedPorts"));
	ret->user = oci_text(arena, config, "User");
	ret->directory = oci_text(arena, config, "WorkingDir");
	ret->stop_signal = oci_text(arena, config, "StopSignal");
	labels_read(arena, json_object_get(config, "Labels"), ret);
}

/* ---- an image layout ---- */

/* The word that images have for this machine's processor. */
static const char *own_arch(struct arena *arena)
{
	static const struct { const char *kernel, *image; } names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" }, { "i686", "386" }, { "armv7l", "arm" },
		{ "loongarch64", "loong64" },
	};
	struct utsname kernel;

	if (uname(&kernel) < 0)
		return "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].kernel, kernel.machine) == 0)
			return names[i].image;
	return arena_strdup(arena, kernel.machine);
}

static bool is_ours(struct arena *arena, const json_t *entry)
{
	const json_t *platform = json_object_get(entry, "platform");

	return !platform || (strcmp(oci_text(arena, platform, "architecture"), own_arch(arena)) == 0 &&
			     strcmp(oci_text(arena, platform, "os"), "linux") == 0);
}

static bool has_tag(struct arena *arena, const json_t *entry, const char *tag)
{
	return !tag || strcmp(oci_text(arena, json_object_get(entry, "annotations"), "org.opencontainers.image.ref.name"),
			      tag) == 0;
}

/* The entry of an index to go on with; NULL and an error when it is none or more than one. */
static json_t *index_choose(const struct reading *at, const json_t *index, const char *tag, struct error *err)
{
	const json_t *manifests = json_object_get(index, "manifests");
	json_t *found = NULL;
	size_t tagged = 0, fitting = 0;

	for (size_t i = 0; i < json_array_size(manifests); i++) {
		json_t *entry = json_array_get(manifests, i);

		if (!has_tag(at->arena, entry, tag))
			continue;
		tagged++;
		if (!is_ours(at->arena, entry))
			continue;
		fitting++;
		found = entry;
	}
	if (fitting == 1)
		return found;
	if (tagged == 0 && tag)
		error_set(err, 0, "%s has no image called '%s'", at->shown, tag);
	else if (fitting == 0)
		error_set(err, 0, "%s has no image for %s", at->shown, own_arch(at->arena));
	else
		error_set(err, 0, "%s has several images; name one by its tag", at->shown);
	return NULL;
}

static int layer_add(const struct reading *at, const char *digest, const char *path, struct oci_image *ret, size_t *count,
		     struct error *err)
{
	const char *file = oci_file(at->arena, at->directory, path, at->shown, err);
	const char **layers = (const char **)ret->layers, **names = (const char **)ret->layer_names;
	size_t other = *count;

	if (!file || (digest && oci_verify(file, digest, path, err) < 0))
		return -1;
	layers = arena_append(at->arena, layers, count, sizeof *layers);
	names = arena_append(at->arena, names, &other, sizeof *names);
	layers[*count - 1] = file;
	names[*count - 1] = arena_strdup(at->arena, digest ? digest : path);
	ret->layers = layers;
	ret->layer_names = names;
	return 0;
}

static int layers_end(struct arena *arena, struct oci_image *ret, size_t count, struct error *err)
{
	if (count == 0)
		return error_set(err, 0, "the image has no layers");
	ret->layers = arena_append(arena, (void *)ret->layers, &count, sizeof *ret->layers);
	return 0;
}

static int manifest_read(const struct reading *at, const json_t *manifest, struct oci_image *ret, struct error *err)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const char *digest = oci_text(at->arena, json_object_get(manifest, "config"), "digest");
	const char *path = oci_blob(at->arena, digest, err);
	owned_json *config = path ? oci_json(at->directory, path, digest, at->shown, err) : NULL;
	size_t count = 0;

	if (!config)
		return -1;
	config_read(at->arena, config, ret);
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const json_t *layer = json_array_get(layers, i);
		const char *type = oci_text(at->arena, layer, "mediaType");

		digest = oci_text(at->arena, layer, "digest");
		if (!strstr(type, ".tar"))
			return error_set(err, 0, "Unknown media type '%s' of a layer: only tarballs can be unpacked", type);
		path = oci_blob(at->arena, digest, err);
		if (!path || layer_add(at, digest, path, ret, &count, err) < 0)
			return -1;
	}
	return layers_end(at->arena, ret, count, err);
}

/* An entry leads to a manifest, or to one more index (of an image for several machines). */
static int layout_read(const struct reading *at, const char *tag, struct oci_image *ret, struct error *err)
{
	owned_json *json = oci_json(at->directory, "index.json", NULL, at->shown, err);

	for (int depth = 0; json && depth < INDEX_DEPTH; depth++) {
		const json_t *entry = index_choose(at, json, tag, err);
		const char *digest = entry ? oci_text(at->arena, entry, "digest") : NULL;
		const char *path = digest ? oci_blob(at->arena, digest, err) : NULL;
		json_t *next = path ? oci_json(at->directory, path, digest, at->shown, err) : NULL;

		json_decref(json);
		json = next;
		if (json && !json_object_get(json, "manifests"))
			return manifest_read(at, json, ret, err);
		tag = NULL;
	}
	return json ? error_set(err, 0, "%s: an index of an index of an index", at->shown) : -1;
}

/* ---- what `docker save` writes ---- */

static json_t *saved_choose(const struct reading *at, json_t *list, const char *tag, struct error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *image = json_array_get(list, i);
		const char *const *tags = oci_texts(at->arena, image, "RepoTags");

		for (; tag && *tags && strcmp(*tags, tag) != 0; tags++)
			;
		if (tag ? *tags != NULL : json_array_size(list) == 1)
			return image;
	}
	if (tag)
		error_set(err, 0, "%s has no image called '%s'", at->shown, tag);
	else
		error_set(err, 0, "%s has no image, or several: name one by its tag", at->shown);
	return NULL;
}

/* Layers have no digest there but the one of the plain tarball, which they are. */
static int saved_read(const struct reading *at, const char *tag, struct oci_image *ret, struct error *err)
{
	owned_json *list = oci_json(at->directory, "manifest.json", NULL, at->shown, err);
	const json_t *image = list ? saved_choose(at, list, tag, err) : NULL;
	owned_json *config = NULL;
	const char *const *layers, *const *digests;
	size_t count = 0;

	if (!image)
		return -1;
	config = oci_json(at->directory, oci_text(at->arena, image, "Config"), NULL, at->shown, err);
	if (!config)
		return -1;
	config_read(at->arena, config, ret);
	layers = oci_texts(at->arena, image, "Layers");
	digests = oci_texts(at->arena, json_object_get(config, "rootfs"), "diff_ids");
	for (; *layers && *digests; layers++, digests++)
		if (!oci_blob(at->arena, *digests, err) || layer_add(at, *digests, *layers, ret, &count, err) < 0)
			return -1;
	if (*layers || *digests)
		return error_set(err, 0, "%s does not say which layers it has", at->shown);
	return layers_end(at->arena, ret, count, err);
}

int oci_read(struct arena *arena, int directory, const char *shown, const char *tag, struct oci_image *ret,
	     struct error *err)
{
	const struct reading at = { arena, directory, shown };
	owned_fd saved = rootfs_open(directory, "manifest.json", O_PATH);
	owned_fd layout = rootfs_open(directory, "index.json", O_PATH);

	*ret = (struct oci_image){ .user = "", .directory = "", .stop_signal = "" };
	if (layout >= 0 && (saved < 0 || !tag))
		return layout_read(&at, tag, ret, err);
	if (saved >= 0)
		return saved_read(&at, tag, ret, err);
	error_set(err, 0, "%s is no image: it has neither index.json nor manifest.json", shown);
	return error_hint(err, "an image layout is made by: skopeo copy SOURCE oci:DIRECTORY:TAG");
}
