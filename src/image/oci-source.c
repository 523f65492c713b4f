/*
 * Getting hold of an OCI image (image/oci-source.h).  Apart because here
 * archives are unpacked and a foreign program is run; what comes of it is
 * read, and checked, by oci.c.
 */
#include "image/oci-source.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/tool.h"
#include "image/unpack.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/tree.h"

static const char *after(const char *text, const char *prefix)
{
	return text_starts(text, prefix) ? text + strlen(prefix) : NULL;
}

/* "PATH[:TAG]" in two; a path with a colon in it cannot be written, as in skopeo. */
static const char *path_split(struct arena *arena, const char *text, const char **tag)
{
	const char *colon = strchr(text, ':');

	*tag = colon && colon[1] ? arena_strdup(arena, colon + 1) : NULL;
	return arena_strndup(arena, text, colon ? (size_t)(colon - text) : strlen(text));
}

static int scratch_make(struct oci_source *source, const char *where, struct error *err)
{
	if (asprintf(&source->scratch, "%s/.oci-XXXXXX", where) < 0) {
		source->scratch = NULL;
		return error_set(err, ENOMEM, "cannot name a folder in %s", where);
	}
	if (!mkdtemp(source->scratch)) {
		error_set(err, errno, "cannot make a folder in %s", where);
		own_free(&source->scratch);
		return -1;
	}
	return 0;
}

static int directory_take(struct oci_source *source, const char *path, struct error *err)
{
	source->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return source->directory < 0 ? error_set(err, errno, "cannot open %s", path) : 0;
}

static int archive_open(struct arena *arena, struct oci_source *source, const char *path, const char *where,
			struct error *err)
{
	owned_str absolute = path_absolute(path);
	struct unpack unpack = { .archive = absolute, .shown = path };

	if (!absolute)
		return error_set(err, errno, "cannot open %s", path);
	if (scratch_make(source, where, err) < 0 || directory_take(source, source->scratch, err) < 0)
		return -1;
	source->shown = arena_strdup(arena, path);
	unpack.tree = source->directory;
	return unpack_archive(&unpack, err);
}

/* ---- registries ---- */

/* "registry.example.org:5000/web:1" → "registry.example.org:5000"; without one it is Docker's. */
static const char *registry_of(struct arena *arena, const char *url)
{
	const char *name = after(url, "docker://");
	size_t length = name ? strcspn(name, "/") : 0;

	if (!name || !name[length] || (!memchr(name, '.', length) && !memchr(name, ':', length) &&
				       strncmp(name, "localhost", length) != 0))
		return "docker.io";
	return arena_strndup(arena, name, length);
}

static const char *base64(struct arena *arena, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text), used = 0;
	char *out = arena_alloc(arena, length / 3 * 4 + 5);

	for (size_t i = 0; i < length; i += 3) {
		unsigned char bytes[3] = { 0 };
		size_t count = length - i < 3 ? length - i : 3;

		memcpy(bytes, text + i, count);
		out[used++] = digits[bytes[0] >> 2];
		out[used++] = digits[(bytes[0] & 3) << 4 | bytes[1] >> 4];
		out[used++] = '=';
		out[used++] = '=';
		if (count > 1)
			out[used - 2] = digits[(bytes[1] & 15) << 2 | bytes[2] >> 6];
		if (count > 2)
			out[used - 1] = digits[bytes[2] & 63];
	}
	out[used] = '\0';
	return out;
}

/* A file only we can read: on skopeo's command line everybody could see the password. */
static const char *credentials_write(struct arena *arena, const char *url, const struct oci_credentials *credentials,
				     const struct oci_source *source, struct error *err)
{
	const char *path = arena_printf(arena, "%s/auth.json", source->scratch);
	const char *secret = base64(arena, arena_printf(arena, "%s:%s", credentials->user,
						       credentials->password ? credentials->password : ""));
	json_t *json = json_pack("{s{s{ss}}}", "auths", registry_of(arena, url), "auth", secret);
	owned_str text = json ? json_dumps(json, 0) : NULL;

	json_decref(json);
	if (!text) {
		error_set(err, 0, "cannot write down the credentials");
		return NULL;
	}
	return file_replace(path, text, strlen(text), 0600, err) < 0 ? NULL : path;
}

static int skopeo_run(char *const *argv, struct error *err)
{
	char text[64];
	pid_t pid;
	int status;

	fflush(stdout);
	pid = proc_start_in(argv, NULL, &(struct proc_surroundings){ -1, -1, NULL, NULL });
	status = pid < 0 ? pid : proc_wait(pid);
	if (status < 0)
		return error_set(err, -status, "cannot run %s", argv[0]);
	if (status != 0)
		return error_set(err, 0, "%s %s", argv[0], proc_status_text(status, text, sizeof text));
	return 0;
}

static int registry_open(struct arena *arena, struct oci_source *source, const char *url, const char *where,
			 const struct oci_credentials *credentials, struct error *err)
{
	const char *skopeo = tool_find(arena, "skopeo"), *layout, *secret = NULL;
	const char *argv[10] = { skopeo, "copy", "--remove-signatures" };
	size_t count = 3;

	if (!skopeo) {
		error_set(err, 0, "%s is fetched by the program 'skopeo', which is not installed", url);
		return error_hint(err, "install skopeo, or name an image that is here: oci:DIRECTORY:TAG");
	}
	if (scratch_make(source, where, err) < 0)
		return -1;
	if (credentials->user && !(secret = credentials_write(arena, url, credentials, source, err)))
		return -1;
	layout = arena_printf(arena, "%s/layout", source->scratch);
	if (secret) {
		argv[count++] = "--src-authfile";
		argv[count++] = secret;
	}
	argv[count++] = "--";
	argv[count++] = url;
	argv[count++] = arena_printf(arena, "oci:%s:image", layout);
	printf("Fetching %s\n", url);
	if (skopeo_run((char *const *)argv, err) < 0)
		return error_add(err, "cannot fetch %s", url);
	source->tag = "image";
	return directory_take(source, layout, err);
}

int oci_source_open(struct arena *arena, const char *url, const char *where, const struct oci_credentials *credentials,
		    struct oci_source *ret, struct error *err)
{
	const char *path;

	*ret = OCI_SOURCE_INIT;
	ret->shown = arena_strdup(arena, url);
	if ((path = after(url, "oci:"))) {
		path = path_split(arena, path, &ret->tag);
		ret->shown = path;
		return directory_take(ret, path, err);
	}
	if ((path = after(url, "oci-archive:")) || (path = after(url, "docker-archive:")))
		return archive_open(arena, ret, path_split(arena, path, &ret->tag), where, err);
	if (!strchr(url, ':')) {
		error_set(err, 0, "'%s' does not say what kind of image it is", url);
		return error_hint(err, "write oci:DIRECTORY:TAG, oci-archive:FILE, docker-archive:FILE or docker://NAME:TAG");
	}
	return registry_open(arena, ret, url, where, credentials, err);
}

void oci_source_close(struct oci_source *source)
{
	struct error ignored = ERROR_INIT;

	own_close_fd(&source->directory);
	if (source->scratch)
		tree_remove(AT_FDCWD, source->scratch, source->scratch, &ignored);
	error_done(&ignored);
	own_free(&source->scratch);
}
