/*
 * Mounts that the config asks for by line: lxc.mount.fstab and lxc.mount.entry.
 * A line is that of fstab(5), with a target relative to the rootfs and LXC's
 * own options.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/libmount.h"
#include "lib/mount.h"
#include "lib/own.h"
#include "plan/domains.h"
#include "plan/mount_options.h"

enum { SOURCE, TARGET, TYPE, OPTIONS, FIELDS };

struct line {
	const char *fields[FIELDS];
	struct mount_options options;
	const struct origin *origin;
};

static int split_fields(struct arena *arena, const char *text, struct line *line, struct error *err)
{
	static const char *const missing[FIELDS] = { "source", "target", "type", NULL };

	for (size_t i = 0; i < FIELDS; i++) {
		size_t length;
		owned_str plain = NULL;

		text += strspn(text, " \t");
		length = strcspn(text, " \t");
		if (length == 0 && missing[i])
			return error_set(err, 0, "the mount line has no %s; it is: SOURCE TARGET TYPE [OPTIONS]", missing[i]);
		line->fields[i] = arena_strndup(arena, text, length);
		if (strchr(line->fields[i], '\\')) {
			plain = libmount_plain(line->fields[i], err);
			if (!plain)
				return -1;
			line->fields[i] = arena_strdup(arena, plain);
		}
		text += length;
	}
	return 0;
}

/* Where the text goes on after `prefix`, when that stands in it as whole path components. */
static const char *after_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	const char *found = length > 0 ? strstr(text, prefix) : NULL;

	while (length > 0 && prefix[length - 1] == '/')
		length--;
	if (!found || (found[length] != '/' && found[length] != '\0'))
		return NULL;
	return found + length;
}

/* The path of the rootfs without its TYPE: in front. */
static const char *rootfs_directory_text(const struct planner *planner)
{
	const char *text = settings_string(planner->settings, "lxc.rootfs.path");
	const char *colon = text && *text != '/' ? strchr(text, ':') : NULL;

	return colon ? colon + 1 : text;
}

/*
 * A target that begins with '/' is LXC's older way: it names the rootfs as the
 * host sees it.  LXC skips one that does not, and tells nobody.
 */
static int find_target(const struct planner *planner, const char *text, const char **ret, struct error *err)
{
	const char *own, *rest;

	*ret = text;
	if (*text == '/' && planner->own_rootfs) {
		own = arena_printf(planner->plan->arena, "%s/%s/rootfs", planner->request->lxcpath,
				   planner->request->name);
		rest = after_prefix(text, own);
		if (!rest)
			rest = after_prefix(text, rootfs_directory_text(planner));
		if (!rest) {
			error_set(err, 0, "the mount target %s lies outside of the rootfs", text);
			return error_hint(err, "write it without the leading '/': %s is then taken below the rootfs",
					  text + strspn(text, "/"));
		}
		*ret = rest;
	}
	*ret += strspn(*ret, "/");
	if (**ret == '\0' || strcmp(*ret, ".") == 0)
		return error_set(err, 0, "the mount target %s is the rootfs itself", text);
	return 0;
}

static void add_bind(struct planner *planner, const struct line *line, const char *target)
{
	struct step_bind *step = plan_add(planner->plan, STEP_BIND, line->origin);
	const struct mount_options *options = &line->options;

	step->source = line->fields[SOURCE];
	/* LXC takes a host path without '/' from the root, wherever the command was run. */
	if (!options->relative && *step->source != '/')
		step->source = arena_printf(planner->plan->arena, "/%s", step->source);
	step->target = target;
	step->relative = options->relative;
	step->recursive = options->recursive;
	step->attr_set = options->attr_set;
	step->attr_clear = options->attr_clear;
	step->propagation = options->propagation;
	step->create = options->create;
	/* Without a user namespace the container's ids are the host's, which is what the mount has. */
	if (options->idmap && (planner->ids.mapped || strcmp(options->idmap, "container") != 0))
		step->idmap = options->idmap;
}

/* The container's own directory is the tool's to fill; the rootfs in it is the guest's. */
static bool is_ours(const struct planner *planner, const char *path)
{
	const char *own = arena_printf(planner->plan->arena, "%s/%s/", planner->request->lxcpath,
				       planner->request->name);
	const char *rootfs = rootfs_directory_text(planner);

	return strncmp(path, own, strlen(own)) == 0 && !strstr(path, "/../") &&
	       !(rootfs && strncmp(path, rootfs, strlen(rootfs)) == 0);
}

/* As in LXC: the directories an overlay writes to are made where the container's files are. */
static int add_overlay_directories(struct planner *planner, struct line *line, struct error *err)
{
	static const char *const words[] = { "upperdir=", "workdir=" };

	(void)err;
	if (strcmp(line->fields[TYPE], "overlay") != 0)
		return 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *found = line->options.data ? strstr(line->options.data, words[i]) : NULL;
		struct step_path *step;
		const char *path;

		if (!found || (found != line->options.data && found[-1] != ','))
			continue;
		found += strlen(words[i]);
		path = arena_strndup(planner->plan->arena, found, strcspn(found, ","));
		if (!is_ours(planner, path))
			continue;
		step = plan_add(planner->plan, STEP_HOST_DIRECTORY, line->origin);
		step->target = path;
		step->mode = 0755;
	}
	return 0;
}

static void add_filesystem(struct planner *planner, const struct line *line, const char *target)
{
	struct step_filesystem *step = plan_add(planner->plan, STEP_FILESYSTEM, line->origin);

	step->type = line->fields[TYPE];
	step->source = line->fields[SOURCE];
	step->target = target;
	step->data = line->options.data;
	step->attr_set = line->options.attr_set;
	step->readonly = (line->options.attr_set & MOUNT_ATTR_RDONLY) != 0;
	step->propagation = line->options.propagation;
	step->create = line->options.create;
}

static void add_attributes(struct planner *planner, const struct line *line, const char *target)
{
	struct step_attributes *step = plan_add(planner->plan, STEP_ATTRIBUTES, line->origin);

	step->target = target;
	step->recursive = line->options.recursive;
	step->attr_set = line->options.attr_set;
	step->attr_clear = line->options.attr_clear;
	step->propagation = line->options.propagation;
}

/* Words that are understood and cannot be honoured: never ignored. */
static int refuse_options(const struct planner *planner, const struct line *line, struct error *err)
{
	const struct mount_options *options = &line->options;

	if (options->idmap && idmap_refuse(planner, options->idmap, err) < 0)
		return -1;
	if (options->idmap && !options->bind)
		return error_set(err, 0, "mount option idmap goes with bind or rbind only");
	if (options->move)
		return error_set(err, 0, "mount option move: a mount of the host cannot be moved into a container");
	if (options->bind && options->data)
		return error_set(err, 0, "mount option %s means nothing for a bind mount", options->data);
	if (options->relative && !options->bind && !options->remount)
		return error_set(err, 0, "mount option relative goes with bind or rbind only");
	return 0;
}

static int add_mount(struct planner *planner, struct line *line, struct error *err)
{
	const char *target, *type = line->fields[TYPE];

	if (refuse_options(planner, line, err) < 0 || find_target(planner, line->fields[TARGET], &target, err) < 0)
		return -1;
	if (line->options.remount)
		add_attributes(planner, line, target);
	else if (line->options.bind)
		add_bind(planner, line, target);
	else if (strcmp(type, "none") == 0) {
		error_set(err, 0, "a mount of type none needs the option bind, rbind or remount");
		return error_hint(err, "to show %s in the container write: %s %s none bind,create=dir 0 0",
				  line->fields[SOURCE], line->fields[SOURCE], target);
	} else
		add_filesystem(planner, line, target);
	if (line->options.optional)
		plan_last_is_optional(planner->plan, SIDE_CONTAINER);
	return 0;
}

/* What is to be planned for one line. */
typedef int line_planner(struct planner *planner, struct line *line, struct error *err);

static int plan_line(struct planner *planner, const struct origin *origin, const char *text, line_planner *add,
		     struct error *err)
{
	struct arena *arena = planner->plan->arena;
	struct line line = { .origin = origin };

	if (split_fields(arena, text, &line, err) < 0 ||
	    mount_options_parse(arena, line.fields[OPTIONS], &line.options, err) < 0 ||
	    add(planner, &line, err) < 0)
		return error_asked_by(err, origin);
	return 0;
}

static int plan_fstab_lines(struct planner *planner, line_planner *add, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.mount.fstab");
	const struct fstab *fstab = planner->request->fstab;

	if (value && !fstab) {
		error_set(err, 0, "the mount table %s was not read", value->text);
		return error_asked_by(err, value->origin);
	}
	for (size_t i = 0; fstab && i < fstab->count; i++)
		if (plan_line(planner, &fstab->lines[i], fstab->lines[i].text, add, err) < 0 &&
		    plan_refuse(planner, err) < 0)
			return -1;
	return 0;
}

static int plan_entry_lines(struct planner *planner, line_planner *add, struct error *err)
{
	const struct values *entries = settings_values(planner->settings, "lxc.mount.entry");

	for (size_t i = 0; i < entries->count; i++)
		if (plan_line(planner, entries->items[i].origin, entries->items[i].text, add, err) < 0 &&
		    plan_refuse(planner, err) < 0)
			return -1;
	return 0;
}

/* As conf/nesting.conf does by itself. */
static bool has_entry_with(const struct values *entries, const char *target)
{
	for (size_t i = 0; i < entries->count; i++)
		if (strstr(entries->items[i].text, target))
			return true;
	return false;
}

/* What a nested LXC needs to see, a proc and a sysfs that nothing covers; only beside other entries, as in LXC. */
static int plan_nesting(struct planner *planner, struct error *err)
{
	static const char *const lines[] = {
		"proc dev/.lxc/proc proc create=dir,optional", "sys dev/.lxc/sys sysfs create=dir,optional",
	};
	const struct value *nesting = settings_value(planner->settings, "lxc.apparmor.allow_nesting");
	const struct values *entries = settings_values(planner->settings, "lxc.mount.entry");

	if (!nesting || !nesting->flag || entries->count == 0 || has_entry_with(entries, " dev/.lxc/"))
		return 0;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (plan_line(planner, nesting->origin, lines[i], add_mount, err) < 0)
			return -1;
	return 0;
}

int plan_host_directories(struct planner *planner, struct error *err)
{
	if (plan_fstab_lines(planner, add_overlay_directories, err) < 0)
		return -1;
	return plan_entry_lines(planner, add_overlay_directories, err);
}

int plan_fstab(struct planner *planner, struct error *err)
{
	return plan_fstab_lines(planner, add_mount, err);
}

int plan_entries(struct planner *planner, struct error *err)
{
	return plan_entry_lines(planner, add_mount, err) < 0 ? -1 : plan_nesting(planner, err);
}
