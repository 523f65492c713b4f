/* The shape of exported containers (provision/archive.h).  Apart because export and import must agree on it. */
#include "provision/archive.h"

#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "lib/own.h"

static const char version[] = "1";

void archive_manifest_format(const struct archive_manifest *manifest, struct buffer *out)
{
	buffer_printf(out, "version=%s\nname=%s\ndirectory=%s\n", version, manifest->name, manifest->directory);
	for (size_t i = 0; manifest->snapshots && manifest->snapshots[i]; i++)
		buffer_printf(out, "snapshot=%s\n", manifest->snapshots[i]);
	buffer_printf(out, "rootfs=%d\n", manifest->rootfs);
}

/* Also of a snapshot: it is the name of a container. */
static int name_check(const char *name, struct error *err)
{
	owned_container container = { 0 };

	return container_init("/", name, &container, err);
}

static int line_take(struct arena *arena, const char *key, const char *value, struct archive_manifest *ret, size_t *count,
		     struct error *err)
{
	const char **names = (const char **)ret->snapshots;

	if (strcmp(key, "version") == 0 && strcmp(value, version) != 0) {
		error_set(err, 0, "the archive is of a newer kind, %s", value);
		return error_hint(err, "it takes a newer lxs-import");
	}
	if (strcmp(key, "name") == 0)
		ret->name = value;
	if (strcmp(key, "directory") == 0)
		ret->directory = value;
	if (strcmp(key, "rootfs") == 0)
		ret->rootfs = strcmp(value, "1") == 0;
	if (strcmp(key, "snapshot") == 0) {
		names = arena_append(arena, names, count, sizeof *names);
		names[*count - 1] = value;
		ret->snapshots = names;
		return name_check(value, err);
	}
	return 0;
}

int archive_manifest_parse(struct arena *arena, const char *text, struct archive_manifest *ret, struct error *err)
{
	char *rest = arena_strdup(arena, text), *line;
	const char **names;
	size_t count = 0;

	*ret = (struct archive_manifest){ 0 };
	while ((line = strsep(&rest, "\n"))) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (line_take(arena, line, equals + 1, ret, &count, err) < 0)
			return -1;
	}
	names = arena_append(arena, (const char **)ret->snapshots, &count, sizeof *names);
	ret->snapshots = names;
	if (!ret->name || !ret->directory || ret->directory[0] != '/')
		return error_set(err, 0, "the archive does not say whose it is");
	return name_check(ret->name, err);
}

const char *archive_prefix(struct arena *arena, const char *snapshot)
{
	return snapshot ? arena_printf(arena, "snaps/%s/", snapshot) : "";
}

bool archive_is_reserved(const char *name)
{
	static const char *const names[] = {
		".", "..", "config", "rootfs", "overlay", "rootdev", "snaps", "partial", ".partial", "lxc_rdepends",
		"lxc_snapshots", "importing",
	};
	/* What is being written beside a file, and the layers of an ephemeral copy's mounts. */
	static const char *const starts[] = { "config.", "ts.", "delta#", "work#" };
	size_t length;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (text_starts(name, starts[i]))
			return true;
	/* A config that was about to take its place (lib/replace.c). */
	length = strlen(name);
	return *name == '.' && length > 4 && strcmp(name + length - 4, ".new") == 0;
}
