/*
 * lxs-copy -e: a snapshot with a name of its own is started, perhaps runs one
 * command, and is destroyed when it stops.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/copy.h"
#include "lib/text.h"
#include "provision/provision.h"

enum { RANDOM_LENGTH = 6 };

static const char *random_word(struct arena *arena)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char bytes[RANDOM_LENGTH];
	char word[RANDOM_LENGTH + 1] = "";

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return NULL;
	for (size_t i = 0; i < RANDOM_LENGTH; i++)
		word[i] = letters[bytes[i] % (sizeof letters - 1)];
	return arena_strdup(arena, word);
}

/* NAME_XXXXXX, of which there is none yet. */
static const char *name_new(const struct invocation *call, const char *lxcpath, struct error *err)
{
	for (int tries = 0; tries < 100; tries++) {
		const char *word = random_word(call->arena);
		const char *name = word ? arena_printf(call->arena, "%s_%s", call->container.name, word) : NULL;

		if (name && access(arena_printf(call->arena, "%s/%s", lxcpath, name), F_OK) < 0)
			return name;
	}
	error_set(err, 0, "cannot find a name for the copy");
	return NULL;
}

/* ---- -m ---- */

struct mount { const char *source, *target, *mode; };

/* SRC[:DST][:ro|rw]; of two parts the second is a mode when it can be one. */
static int parts_parse(struct arena *arena, const char *text, bool bind, struct mount *ret, struct error *err)
{
	char *copy = arena_strdup(arena, text), *parts[3] = { NULL };
	size_t count = 0;

	for (char *part; count < 3 && (part = strsep(&copy, ":"));)
		parts[count++] = part;
	if (copy || !*parts[0] || parts[0][0] != '/' || (count == 3 && !bind))
		return error_set(err, 0, "'%s' is no mount: it is /SRC[:/DST]%s", text, bind ? "[:ro|rw]" : "");
	*ret = (struct mount){ parts[0], parts[0], "rw" };
	if (count == 3 || (count == 2 && parts[1][0] == '/'))
		ret->target = parts[1];
	if (bind && (count == 3 || (count == 2 && parts[1][0] != '/')))
		ret->mode = parts[count - 1];
	if (strcmp(ret->mode, "rw") != 0 && strcmp(ret->mode, "ro") != 0)
		return error_set(err, 0, "a mount is ro or rw, not '%s'", ret->mode);
	if (ret->target[0] != '/')
		return error_set(err, 0, "the target '%s' of a mount must begin with '/'", ret->target);
	return 0;
}

static bool is_directory(const char *path)
{
	struct stat facts;

	return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* One word of the list as a line of the config. */
static int mount_add(struct invocation *call, const char *directory, const char *word, struct buffer *lines, struct error *err)
{
	bool bind = text_starts(word, "bind="), overlay = text_starts(word, "overlay=");
	struct mount mount = { 0 };
	const char *random;

	if (!bind && !overlay) {
		error_set(err, 0, "-m knows bind= and overlay=, not '%s'", word);
		return error_hint(err, "such as -m bind=/srv/data:/data:ro,overlay=/srv/web");
	}
	if (parts_parse(call->arena, strchr(word, '=') + 1, bind, &mount, err) < 0)
		return -1;
	if (bind) {
		buffer_printf(lines, "lxc.mount.entry = %s %s none bind,optional,%s,create=%s 0 0\n", mount.source,
			      mount.target + 1, mount.mode, is_directory(mount.source) ? "dir" : "file");
		return 0;
	}
	random = random_word(call->arena);
	random = random ? random : "";
	buffer_printf(lines, "lxc.mount.entry = %s %s overlay lowerdir=%s,", mount.source, mount.target + 1, mount.source);
	buffer_printf(lines, "upperdir=%s/delta#%s,workdir=%s/work#%s,create=dir 0 0\n", directory, random, directory, random);
	return 0;
}

/* The lines that make it ephemeral. */
static int lines_make(struct invocation *call, const char *directory, struct buffer *lines, struct error *err)
{
	const struct copy *copy = call->options;

	if (!copy->keep_data)
		buffer_puts(lines, "lxc.ephemeral = 1\n");
	if (copy->tmpfs)
		buffer_puts(lines, "lxs.rootfs.tmpfs = 1\n");
	for (size_t i = 0; i < copy->mounts.count; i++) {
		char *list = arena_strdup(call->arena, copy->mounts.items[i]), *word;

		while ((word = strsep(&list, ",")))
			if (*word && mount_add(call, directory, word, lines, err) < 0)
				return -1;
	}
	return 0;
}

/* ---- its life ---- */

/* The command's own exit code is not passed on, as in LXC. */
static int run_command(struct container *made, char *const *command, struct error *err)
{
	const struct attach_options attach = {
		.command = command, .clear_env = true, .personality = -1, .uid = -1, .gid = -1,
	};
	const struct stop_options stop = { .timeout = -1 };
	owned_error later = ERROR_INIT;
	int answer = container_attach(made, &attach, err) < 0 ? -1 : 0;

	if (container_stop(made, &stop, answer < 0 ? &later : err) < 0)
		return -1;
	return answer;
}

static int start(struct invocation *call, struct container *made, struct error *err)
{
	const struct copy *copy = call->options;
	const struct start_options options = {
		.foreground = copy->foreground && call->count == 0, .close_fds = !copy->foreground,
		.warn = command_warn, .warn_context = call, .remove = container_remove,
	};
	owned_error ignored = ERROR_INIT;
	int status = 0;

	if (container_load(made, NULL, err) == 0 && container_start(made, &options, &status, err) == 0)
		return call->count > 0 ? run_command(made, call->arguments, err) : 0;
	/* It never ran, so nothing else destroys it. */
	if (!copy->keep_data)
		container_destroy(made, true, false, &ignored);
	return -1;
}

static int check(const struct copy *copy, const struct copy_options *options, struct error *err)
{
	if (!copy->tmpfs)
		return 0;
	if (copy->keep_data)
		return error_set(err, 0, "-t and -D exclude each other: what is in memory cannot be kept");
	if (options->backend && strcmp(options->backend, "overlay") != 0)
		return error_set(err, 0, "-t needs storage of type overlay, not %s", options->backend);
	return 0;
}

int copy_ephemeral(struct invocation *call, struct copy_options *options, struct error *err)
{
	const struct copy *copy = call->options;
	const char *lxcpath = options->lxcpath ? options->lxcpath : call->container.lxcpath;
	owned_container made = { 0 };
	owned_buffer lines = { 0 };

	if (check(copy, options, err) < 0)
		return -1;
	if (copy->tmpfs)
		options->backend = "overlay";
	if (!options->name)
		options->name = name_new(call, lxcpath, err);
	if (!options->name || container_init(lxcpath, options->name, &made, err) < 0)
		return -1;
	if (lines_make(call, arena_printf(call->arena, "%s/%s", lxcpath, options->name), &lines, err) < 0)
		return -1;
	options->more = buffer_text(&lines);
	if (container_copy(&call->container, options, err) < 0)
		return -1;
	if (!call->quiet)
		printf("Created %s as clone of %s\n", options->name, call->container.name);
	fflush(stdout);
	return start(call, &made, err) < 0 ? -1 : EXIT_SUCCESS;
}
