/*
 * The template `local` (templates/lxs-local): LXC's options; the work is
 * image/'s, which trusts two files of somebody's no more than what a server
 * sent.  Like `download` it is no command of its own.
 */
#include "commands/local.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "commands/template.h"
#include "image/install.h"
#include "image/meta.h"
#include "lib/file.h"
#include "lib/own.h"

struct local {
	struct template_call call;
	const char *fstree, *metadata;
	bool no_dev;
};

#define TEXT(field) offsetof(struct local, field), false
#define FLAG(field) offsetof(struct local, field), true

static const struct template_option options[] = {
	{ "fstree", 'f', "FILE", "the root file system: a tarball, or a squashfs image", TEXT(fstree) },
	{ "metadata", 'm', "FILE", "a tarball: config, fstab, excludes, templates, create-message", TEXT(metadata) },
	{ "no-dev", 0, NULL, "leave the files in /dev out", FLAG(no_dev) },
	{ NULL, 0, NULL, NULL, 0, false },
};

static const struct template template = {
	"lxs-local", "a container out of a tarball of a root file system", "lxs-create -n NAME -t local -- -f FILE [-m FILE]",
	"Of the config in the metadata is taken what an image may say; without metadata\n"
	"the config only gets common.conf, the name and the root file system.", options,
};

/* The file's absolute path: what unpacks it works in another directory. */
static int file_find(const char *option, const char *path, const char **ret, struct arena *arena, struct error *err)
{
	owned_str absolute = path_absolute(path);

	if (!absolute || access(absolute, R_OK) < 0)
		return error_set(err, errno, "%s: cannot read %s", option, path);
	*ret = arena_strdup(arena, absolute);
	return 0;
}

static int check(struct local *local, struct arena *arena, struct error *err)
{
	if (!local->fstree)
		return error_set(err, 0, "--fstree is needed: the tarball with the root file system");
	if (file_find("--fstree", local->fstree, &local->fstree, arena, err) < 0 ||
	    (local->metadata && file_find("--metadata", local->metadata, &local->metadata, arena, err) < 0))
		return -1;
	return template_check(&local->call, err);
}

static int make(const struct local *local, const struct identity *identity, struct error *err)
{
	owned_meta_scratch meta = META_SCRATCH_INIT;
	struct install install = {
		.name = local->call.name, .directory = local->call.path, .tree = local->call.rootfs,
		.user = identity->mapped || geteuid() != 0, .identity = *identity, .archive = local->fstree,
		.no_devices = local->no_dev, .meta = -1,
	};

	if (local->metadata && meta_scratch_open(local->metadata, local->call.path, &meta, err) < 0)
		return -1;
	install.meta = meta.directory;
	return image_install(&install, err);
}

static int run(int argc, char **argv, struct error *err)
{
	owned_arena arena = arena_new();
	struct local local = { 0 };
	struct identity identity;

	if (template_parse(&template, argc, argv, &local, &local.call, err) < 0)
		return -1;
	if (local.call.help)
		return template_help(&template);
	if (check(&local, arena, err) < 0 || template_identity(&local.call, &identity, err) < 0)
		return -1;
	identity_caller(&identity);
	return make(&local, &identity, err);
}

int local_main(int argc, char **argv)
{
	return template_main(&template, run, argc, argv);
}
