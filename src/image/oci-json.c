/*
 * Files of an OCI image (image/oci-json.h): opened beneath their directory,
 * held against their digests, read as JSON.
 */
#include "image/oci-json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "lib/sha256.h"
#include "lib/text.h"

/* Manifests and configs are some kilobytes; the specification asks readers to take 4 MiB. */
enum { JSON_LARGEST = 4 * 1024 * 1024 };

static int open_plain(int directory, const char *path, const char *shown, struct error *err)
{
	owned_fd fd = rootfs_open(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat info;

	if (fd < 0)
		return error_set(err, -fd, "cannot open %s in %s", path, shown);
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
		return error_set(err, 0, "%s in %s is no plain file", path, shown);
	return steal_fd(&fd);
}

static int digest_check(const char *found, const char *digest, const char *shown, struct error *err)
{
	if (strcmp(found, digest + strlen("sha256:")) == 0)
		return 0;
	return error_set(err, 0, "%s is not what the image says it is: its digest is sha256:%s", shown, found);
}

json_t *oci_json(int directory, const char *path, const char *digest, const char *shown, struct error *err)
{
	owned_fd fd = open_plain(directory, path, shown, err);
	owned_str text = NULL;
	char found[SHA256_TEXT];
	json_error_t why;
	struct stat info;
	size_t length;
	json_t *json;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && info.st_size > JSON_LARGEST) {
		error_set(err, EFBIG, "cannot read %s in %s", path, shown);
		return NULL;
	}
	if (file_read_fd(fd, path, &text, &length, err) < 0)
		return NULL;
	if (digest) {
		struct sha256 hash;

		sha256_init(&hash);
		sha256_add(&hash, text, length);
		sha256_end(&hash, found);
		if (digest_check(found, digest, path, err) < 0)
			return NULL;
	}
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
	if (!json || !json_is_object(json)) {
		if (json && json_is_array(json))
			return json;
		json_decref(json);
		error_set(err, 0, "%s in %s is not the JSON of an image: %s", path, shown, json ? "no object" : why.text);
		return NULL;
	}
	return json;
}

const char *oci_text(struct arena *arena, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? arena_strdup(arena, text) : "";
}

const char *const *oci_texts(struct arena *arena, const json_t *object, const char *name)
{
	const json_t *list = json_object_get(object, name);
	const char **texts = NULL;
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text)
			continue;
		texts = arena_append(arena, texts, &count, sizeof *texts);
		texts[count - 1] = arena_strdup(arena, text);
	}
	return arena_append(arena, texts, &count, sizeof *texts);
}

const char *const *oci_names(struct arena *arena, json_t *object)
{
	const char **names = NULL, *name;
	size_t count = 0;
	json_t *value;

	json_object_foreach(object, name, value) {
		names = arena_append(arena, names, &count, sizeof *names);
		names[count - 1] = arena_strdup(arena, name);
	}
	return arena_append(arena, names, &count, sizeof *names);
}

const char *oci_blob(struct arena *arena, const char *digest, struct error *err)
{
	if (text_starts(digest, "sha256:") && sha256_is_text(digest + strlen("sha256:")))
		return arena_printf(arena, "blobs/sha256/%s", digest + strlen("sha256:"));
	error_set(err, 0, "'%s' is no digest that can be checked: sha256 and 64 digits are", digest);
	return NULL;
}

const char *oci_file(struct arena *arena, int directory, const char *path, const char *shown, struct error *err)
{
	owned_fd fd = open_plain(directory, path, shown, err);
	char link[64], target[PATH_MAX];
	ssize_t length;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof target - 1);
	if (length < 0) {
		error_set(err, errno, "cannot name %s in %s", path, shown);
		return NULL;
	}
	return arena_strndup(arena, target, (size_t)length);
}

int oci_verify(const char *path, const char *digest, const char *shown, struct error *err)
{
	owned_fd fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char found[SHA256_TEXT];
	int code = fd < 0 ? -errno : sha256_file(fd, found);

	if (code < 0)
		return error_set(err, -code, "cannot read %s", shown);
	return digest_check(found, digest, shown, err);
}
