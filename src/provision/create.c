/*
 * Making a container: directory, marker, storage, config, template, header.
 * What fails or is interrupted is taken back; what is killed leaves the
 * marker `partial`, and the next create clears the rubble away.  Called from
 * commands/create.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/provision.h"
#include "provision/interrupt.h"
#include "provision/mapped.h"
#include "provision/newborn.h"
#include "provision/owner.h"
#include "provision/template.h"
#include "provision/user_map.h"
#include "host/lxsconf.h"
#include "lib/file.h"
#include "lib/own.h"
#include "plan/idmap.h"
#include "storage/storage.h"

enum { CONFIG_MODE = 0640 };

struct creation {
	struct container *container;
	const struct create_options *options;
	struct newborn newborn;
	char *program;                 /* owned; the template; NULL: none */
	char *start;                   /* owned; text the config begins with */
	struct arena *arena;           /* owned; of the mapping */
	struct subids ids;             /* an ordinary user's */
	struct mapping mapping;        /* the template runs in; ordinary users only */
	struct interrupt interrupt;
};

static void creation_done(struct creation *creation)
{
	newborn_done(&creation->newborn);
	own_free(&creation->program);
	own_free(&creation->start);
	arena_free(creation->arena);
}

/* In `xx` of a hardware address each x becomes a random digit, here once and for all. */
static void expand_hwaddr(char *line)
{
	static const char digits[] = "0123456789abcdef";
	char *value = strchr(line, '=');
	char *end = strchr(line, '\n');
	unsigned char random;

	while (*line == ' ' || *line == '\t')
		line++;
	if (strncmp(line, "lxc.net.", 8) != 0 || !value || (end && value > end))
		return;
	for (value--; value > line && (value[-1] == ' ' || value[-1] == '\t'); value--)
		;
	if (value - line < 7 || strncmp(value - 7, ".hwaddr", 7) != 0)
		return;
	for (; *value && *value != '\n'; value++)
		if ((*value == 'x' || *value == 'X') && getrandom(&random, 1, 0) == 1)
			*value = digits[random & 15];
}

static int map_add(struct creation *creation, char kind, struct error *err)
{
	const char *value = user_map_value(creation->arena, &creation->ids, kind, err);
	char *text = NULL;

	if (!value)
		return -1;
	if (asprintf(&text, "%s%slxc.idmap = %s\n", creation->start,
		     *creation->start && creation->start[strlen(creation->start) - 1] != '\n' ? "\n" : "", value) < 0)
		return error_set(err, ENOMEM, "cannot begin the config");
	own_free(&creation->start);
	creation->start = text;
	return settings_assign(creation->container->settings, "lxs-create", "lxc.idmap", value, err);
}

/* An ordinary user's container gets its id map by itself; one that stands in the start config is checked. */
static int map_config(struct creation *creation, struct error *err)
{
	struct settings *settings = creation->container->settings;

	if (!mapping_is_needed())
		return 0;
	subids_read(creation->arena, geteuid(), &creation->ids);
	if (settings_values(settings, "lxc.idmap")->count == 0 &&
	    (map_add(creation, 'u', err) < 0 || map_add(creation, 'g', err) < 0))
		return -1;
	if (idmap_permit(settings, &creation->ids, geteuid(), getegid(), err) < 0)
		return -1;
	mapping_of_settings(creation->arena, settings, &creation->mapping);
	return 0;
}

/* The text the new config begins with, checked by loading it. */
static int start_config(struct creation *creation, struct error *err)
{
	struct container *container = creation->container;
	const char *asked = creation->options->config;
	owned_str path = NULL;
	size_t length;

	settings_free(container->settings);
	container->settings = settings_new();
	container->findings = (struct findings){ 0 };
	if (!asked && lxsconf_get("lxc.default_config", &path, err) < 0)
		return -1;
	if (!asked && (!path || access(path, F_OK) < 0)) {
		creation->start = strdup("");
		return creation->start ? 0 : error_set(err, ENOMEM, "cannot begin the config");
	}
	if (settings_read(container->settings, asked ? asked : path, &container->findings, err) < 0 ||
	    file_read(asked ? asked : path, &creation->start, &length, err) < 0)
		return -1;
	for (char *line = creation->start; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		expand_hwaddr(line);
	}
	return 0;
}

static int write_config(const struct creation *creation, struct error *err)
{
	owned_str text = NULL;
	const char *start = creation->start;
	const char *newline = *start && start[strlen(start) - 1] != '\n' ? "\n" : "";
	int length;

	if (creation->newborn.storage)
		length = asprintf(&text, "%s%slxc.rootfs.path = %s\n", start, newline, creation->newborn.rootfs);
	else
		length = asprintf(&text, "%s%s", start, newline);
	if (length < 0)
		return error_set(err, ENOMEM, "cannot write the config");
	return file_replace(creation->container->config_path, text, (size_t)length, CONFIG_MODE, err);
}

/* What the start config names. */
static int use_storage(struct creation *creation, const char *configured, struct error *err)
{
	if (!storage_of(creation->arena, configured, &creation->newborn.source, err))
		return -1;
	if (*creation->newborn.source.path == '/' && access(creation->newborn.source.path, F_OK) < 0)
		return error_set(err, errno, "the root file system %s of the start config", configured);
	creation->newborn.rootfs = strdup(configured);
	return creation->newborn.rootfs ? 0 : error_set(err, ENOMEM, "cannot name the root file system");
}

/* To root of the container; a layer that others share has its owner already. */
static int give_storage(const struct creation *creation, struct error *err)
{
	const char *place;

	for (size_t i = 0; (place = rootfs_source_place(&creation->newborn.source, i)); i++)
		if (!(creation->options->lower && strcmp(creation->options->lower, place) == 0) &&
		    mapping_give(&creation->mapping, place, err) < 0)
			return -1;
	return 0;
}

/* Where the template will write; made here unless the config names a place that is there already. */
static int make_storage(struct creation *creation, struct error *err)
{
	const char *configured = settings_string(creation->container->settings, "lxc.rootfs.path");
	const struct create_options *options = creation->options;
	struct storage_request request = {
		.name = creation->container->name, .directory = creation->newborn.directory, .wanted = options->directory,
		.lower = options->lower, .specs = options->specs,
	};
	const struct storage_ops *ops;

	if (configured)
		return use_storage(creation, configured, err);
	ops = storage_find(options->backend, &request, err);
	if (!ops || newborn_storage(&creation->newborn, ops, &request, err) < 0 ||
	    ops->create(&request, &creation->newborn.source, err) < 0 ||
	    (request.wanted && newborn_identify(&creation->newborn, err) < 0))
		return -1;
	return mapping_is_needed() ? give_storage(creation, err) : 0;
}

static int run_template(struct creation *creation, struct error *err)
{
	const struct create_options *options = creation->options;
	struct template_call call = {
		.program = creation->program,
		.name = creation->container->name,
		.directory = creation->newborn.directory, .tree = storage_tree(&creation->newborn.source),
		.arguments = options->arguments,
		.quiet = options->quiet,
		.lock = creation->newborn.partial.fd,
		.mapping = mapping_is_needed() ? &creation->mapping : NULL,
	};

	if (!call.tree) {
		call.mounted = &creation->newborn.source;
		call.tree = arena_printf(creation->arena, "%s/rootfs", creation->newborn.directory);
		if (mkdir(call.tree, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make %s", call.tree);
	}
	return template_run(&call, &creation->interrupt, err);
}

/* Tells in front of the config where it came from. */
static int write_header(const struct creation *creation, struct error *err)
{
	char *const *arguments = creation->options->arguments;
	owned_str config = NULL;
	owned_str text = NULL;
	size_t length, size = 0;
	FILE *out;

	if (file_read(creation->container->config_path, &config, &length, err) < 0)
		return -1;
	out = open_memstream(&text, &size);
	if (!out)
		return error_set(err, ENOMEM, "cannot write the config");
	fprintf(out, "# Template used to create this container: %s\n", creation->program);
	if (arguments && arguments[0])
		fputs("# Parameters passed to the template:", out);
	for (size_t i = 0; arguments && arguments[i]; i++)
		fprintf(out, " %.*s%s", (int)strcspn(arguments[i], "\n"), arguments[i], arguments[i + 1] ? "" : "\n");
	fprintf(out,
		"# All keys are explained in lxs.container.conf(5); change and check them with lxs-config.\n"
		"#\n"
		"# To run containers inside this one, take the mark off the next line.  It gives\n"
		"# the administrator inside more of the host's proc and sys than is safe.\n"
		"#lxc.include = %s/config/nesting.conf\n\n",
		PKGDATADIR);
	fputs(config, out);
	if (fclose(out) != 0)
		return error_set(err, ENOMEM, "cannot write the config");
	return file_replace(creation->container->config_path, text, size, CONFIG_MODE, err);
}

/* Of what was made here; a place that was there before, or that others share, has its owners. */
static int settle_owners(const struct creation *creation, struct error *err)
{
	bool own = creation->newborn.storage && !creation->options->lower;
	const char *tree = own ? storage_tree(&creation->newborn.source) : NULL;

	return tree ? owner_settle(creation->container->settings, tree, err) : 0;
}

/* The steps after the directory is ours. */
static int fill(struct creation *creation, struct error *err)
{
	struct container *container = creation->container;

	if (creation->program && make_storage(creation, err) < 0)
		return -1;
	if (write_config(creation, err) < 0)
		return -1;
	if (creation->program && (run_template(creation, err) < 0 || write_header(creation, err) < 0))
		return -1;
	if (interrupt_check(&creation->interrupt, err) < 0)
		return -1;
	if (container_load(container, NULL, err) < 0)
		return error_add(err, "the config that the template left does not load");
	return settle_owners(creation, err);
}

static int create_held(struct creation *creation, struct error *err)
{
	if (newborn_claim(creation->container, &creation->newborn, err) == 0 && fill(creation, err) == 0 &&
	    newborn_finish(&creation->newborn, err) == 0)
		return 0;
	newborn_roll_back(&creation->newborn, err);
	return -1;
}

int container_create(struct container *container, const struct create_options *options, struct error *err)
{
	__attribute__((cleanup(creation_done))) struct creation creation = {
		.container = container, .options = options, .newborn = NEWBORN_INIT, .arena = arena_new(),
	};
	bool none = strcmp(options->template, "none") == 0;
	int answer;

	if (newborn_refuse_defined(container, err) < 0 || storage_check(options->backend, err) < 0)
		return -1;
	if (!none && !(creation.program = template_find(options->template, err)))
		return -1;
	if (start_config(&creation, err) < 0 || map_config(&creation, err) < 0)
		return -1;
	interrupt_hold(&creation.interrupt);
	answer = create_held(&creation, err);
	interrupt_release(&creation.interrupt);
	return answer;
}
