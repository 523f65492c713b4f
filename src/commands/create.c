/* lxs-create: a new container out of a template, by container_create(). */
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/specs.h"
#include "provision/provision.h"

struct create {
	const char *template, *config, *backend, *directory;
	const char *lvname, *vgname, *thinpool, *fstype, *fssize, *zfsroot, *rbdname, *rbdpool, *rbduser;
};

#define FIELD(name) offsetof(struct create, name)

static const struct option_row rows[] = {
	{ 't', "template", "TEMPLATE", "what to fill it with; none: no root file system", OPTION_STRING,
	  FIELD(template), NULL },
	{ 'f', "config", "FILE", "the config to begin with (default: lxc.default_config)", OPTION_STRING,
	  FIELD(config), NULL },
	{ 'B', "bdev", "TYPE", "kind of storage (default: dir)", OPTION_STRING, FIELD(backend), NULL },
	{ 0, "dir", "PATH", "dir: put the root file system there", OPTION_STRING, FIELD(directory), NULL },
	{ 0, "lvname", "LV", "lvm: the logical volume (default: NAME)", OPTION_STRING, FIELD(lvname), NULL },
	{ 0, "vgname", "VG", "lvm: the volume group (default: lxc.bdev.lvm.vg)", OPTION_STRING, FIELD(vgname),
	  NULL },
	{ 0, "thinpool", "TP", "lvm: the thin pool (default: lxc.bdev.lvm.thin_pool)", OPTION_STRING,
	  FIELD(thinpool), NULL },
	{ 0, "fstype", "TYPE", "lvm, loop, rbd: the file system (default: ext4)", OPTION_STRING, FIELD(fstype),
	  NULL },
	{ 0, "fssize", "SIZE[U]", "lvm, loop, rbd: its size, U one of b k m g t (default: 1G)", OPTION_STRING,
	  FIELD(fssize), NULL },
	{ 0, "zfsroot", "DATASET", "zfs: make it below this (default: lxc.bdev.zfs.root)", OPTION_STRING,
	  FIELD(zfsroot), NULL },
	{ 0, "rbdname", "NAME", "rbd: name of the image (default: NAME)", OPTION_STRING, FIELD(rbdname), NULL },
	{ 0, "rbdpool", "POOL", "rbd: the pool (default: lxc)", OPTION_STRING, FIELD(rbdpool), NULL },
	{ 0, "rbduser", "USER", "rbd: the user", OPTION_STRING, FIELD(rbduser), NULL },
	{ 0 },
};

/* Which kinds of storage an option makes sense for; `best` leaves the choice open and takes any. */
static int check_storage_options(const struct create *create, struct error *err)
{
	const struct { const char *option, *value, *kinds; } uses[] = {
		{ "fstype", create->fstype, "lvm loop rbd" },  { "fssize", create->fssize, "lvm loop rbd" },
		{ "lvname", create->lvname, "lvm" },           { "vgname", create->vgname, "lvm" },
		{ "thinpool", create->thinpool, "lvm" },       { "zfsroot", create->zfsroot, "zfs" },
		{ "rbdname", create->rbdname, "rbd" },         { "rbdpool", create->rbdpool, "rbd" },
		{ "rbduser", create->rbduser, "rbd" },
	};
	const char *backend = create->backend ? create->backend : "dir";

	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		if (uses[i].value && strcmp(backend, "best") != 0 && !strstr(uses[i].kinds, backend))
			return error_set(err, 0, "--%s makes no sense for storage of type %s", uses[i].option,
					 backend);
	}
	return 0;
}

static int check(const struct create *create, struct error *err)
{
	if (!create->template) {
		error_set(err, 0, "A template must be specified");
		return error_hint(err, "use \"none\" to create a container without a rootfs");
	}
	if (create->directory && create->directory[0] != '/')
		return error_set(err, 0, "--dir needs an absolute path, not '%s'", create->directory);
	return check_storage_options(create, err);
}

/* `lxs-create -t TEMPLATE -h` tells of the template as well. */
static int create_more_help(struct invocation *call, struct error *err)
{
	const struct create *create = call->options;

	return create->template ? container_template_help(create->template, err) : 0;
}

/* Behind "--" too: LXC makes a container of nothing then. */
static bool asks_for_help(char *const *arguments)
{
	for (; arguments && *arguments; arguments++)
		if (strcmp(*arguments, "-h") == 0 || strcmp(*arguments, "--help") == 0)
			return true;
	return false;
}

static int create_run(struct invocation *call, struct error *err)
{
	const struct create *create = call->options;
	struct create_options options = {
		.template = create->template,
		.arguments = call->arguments,
		.config = create->config,
		.backend = create->backend,
		.directory = create->directory,
		.quiet = call->quiet,
		.specs = {
			.fstype = create->fstype, .vg = create->vgname, .lv = create->lvname, .thinpool = create->thinpool,
			.zfsroot = create->zfsroot, .rbdname = create->rbdname, .rbdpool = create->rbdpool,
			.rbduser = create->rbduser,
		},
	};

	if (check(create, err) < 0)
		return -1;
	if (asks_for_help(call->arguments))
		return container_template_help(create->template, err) < 0 ? -1 : EXIT_SUCCESS;
	if (create->fssize && specs_size(create->fssize, &options.specs.size, err) < 0)
		return -1;
	if (specs_complete(&options.specs, call->arena, err) < 0)
		return -1;
	if (container_create(&call->container, &options, err) < 0)
		return -1;
	return EXIT_SUCCESS;
}

const struct command command_create = {
	.name = "create",
	.summary = "Create a container out of a template.",
	.synopsis = "-t TEMPLATE [options] [-- TEMPLATE-ARG...]",
	.options = rows,
	.options_size = sizeof(struct create),
	.needs = NEEDS_NAME | RCFILE_IGNORED,
	.more_help = create_more_help,
	.run = create_run,
};
