/*
 * Finds the cgroup hierarchies.  The kernel's own list of them is
 * /proc/PID/cgroup, one line each; the mount table says where each can be
 * reached.  Three reads and one access(2) a hierarchy, called by host_read().
 */
#include "host/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/kernel_text.h"
#include "lib/text.h"

/* One line of mountinfo, as far as cgroups need it; pieces of the text, not terminated. */
struct mount_line {
	const char *root, *point, *type, *options;
};

static size_t word_length(const char *text)
{
	return strcspn(text, " \n");
}

static const char *next_word(const char *text)
{
	text += word_length(text);
	return *text == ' ' ? text + 1 : text;
}

static bool is_word(const char *text, const char *word)
{
	return strlen(word) == word_length(text) && strncmp(text, word, strlen(word)) == 0;
}

struct mount_table {
	struct mount_line *lines;
	size_t count;
};

/* Fields 4, 5 and, behind the lone "-", type and super block options: proc_pid_mountinfo(5). */
static bool mount_line_parse(const char *line, struct mount_line *ret)
{
	const char *word = line;

	for (int i = 0; i < 3; i++)
		word = next_word(word);
	ret->root = word;
	ret->point = next_word(word);
	for (word = next_word(ret->point); *word && *word != '\n' && !is_word(word, "-");)
		word = next_word(word);
	if (*word != '-')
		return false;
	ret->type = next_word(word);
	ret->options = next_word(next_word(ret->type));
	return true;
}

static const char *next_line(const char *text)
{
	text += strcspn(text, "\n");
	return *text ? text + 1 : text;
}

/* Whether a list of comma separated words has this one. */
static bool list_has(const char *list, size_t length, const char *word, size_t word_size)
{
	const char *end = list + length;

	while (list < end) {
		size_t size = strcspn(list, ",\n ");

		if (size > (size_t)(end - list))
			size = (size_t)(end - list);
		if (size == word_size && strncmp(list, word, size) == 0)
			return true;
		list += size + 1;
	}
	return false;
}

/* The mounts of cgroups: a few of what may be hundreds of lines, and each hierarchy looks for its own. */
static struct mount_table cgroup_mounts(struct arena *arena, const char *mounts)
{
	struct mount_table table = { 0 };
	struct mount_line line;

	for (; *mounts; mounts = next_line(mounts)) {
		if (!mount_line_parse(mounts, &line) || !(is_word(line.type, "cgroup") || is_word(line.type, "cgroup2")))
			continue;
		if (memchr(line.point, '\\', word_length(line.point)))
			continue; /* blanks in the path: never a system's own mount */
		table.lines = arena_append(arena, table.lines, &table.count, sizeof *table.lines);
		table.lines[table.count - 1] = line;
	}
	return table;
}

/*
 * Where a hierarchy is mounted.  `controllers` is the list of its line in
 * /proc/PID/cgroup; one controller is enough to know it by, since a
 * controller is in one hierarchy only.  The first mount wins: later ones are
 * usually binds into somebody's root file system.
 */
static const struct mount_line *find_mount(const struct mount_table *mounts, const char *controllers, size_t length)
{
	size_t first = strcspn(controllers, ",:");

	if (first > length)
		first = length;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount_line *line = &mounts->lines[i];

		if (length == 0 ? is_word(line->type, "cgroup2")
				: is_word(line->type, "cgroup") &&
				  list_has(line->options, word_length(line->options), controllers, first))
			return line;
	}
	return NULL;
}

/* The line of one hierarchy in a /proc/PID/cgroup; *path points to the cgroup's path in it. */
static bool find_membership(const char *text, const char *controllers, size_t length, const char **path,
			    size_t *path_length)
{
	for (; *text; text = next_line(text)) {
		const char *list = strchr(text, ':');
		const char *colon = list ? strchr(list + 1, ':') : NULL;

		if (!colon)
			return false;
		if ((size_t)(colon - list - 1) != length || strncmp(list + 1, controllers, length) != 0)
			continue;
		*path = colon + 1;
		*path_length = strcspn(*path, "\n");
		return true;
	}
	return false;
}

static size_t without_tail(const char *path, size_t length, const char *tail)
{
	size_t size = strlen(tail);

	return length >= size && strncmp(path + length - size, tail, size) == 0 ? length - size : length;
}

/*
 * A cgroup's path as seen below the mount point: the mount may show only a
 * part of the hierarchy.  What is ours belongs beside the places that are
 * for processes alone.
 */
static const char *path_below(struct arena *arena, const struct mount_line *mount, const char *path, size_t length)
{
	size_t root = word_length(mount->root);

	length = without_tail(path, length, "/" CGROUP_INIT_SCOPE);
	length = without_tail(path, length, "/" CGROUP_PIVOT);
	if (root > 1 && length >= root && strncmp(path, mount->root, root) == 0) {
		path += root;
		length -= root;
	} else if (root > 1) {
		length = 0;
	}
	return length > 0 ? arena_strndup(arena, path, length) : "/";
}

static void add_hierarchy(struct arena *arena, const struct mount_line *mount, struct cgroup_hierarchy hierarchy,
			  struct cgroup_layout *layout)
{
	hierarchy.mountpoint = arena_strndup(arena, mount->point, word_length(mount->point));
	layout->hierarchies = arena_append(arena, layout->hierarchies, &layout->count, sizeof hierarchy);
	layout->hierarchies[layout->count - 1] = hierarchy;
}

static void parse_line(struct arena *arena, const struct mount_table *mounts, const char *base_line, const char *own,
		       struct cgroup_layout *ret)
{
	const char *list = strchr(base_line, ':');
	const char *colon = list ? strchr(list + 1, ':') : NULL;
	struct cgroup_hierarchy hierarchy = { 0 };
	const char *own_path;
	size_t length, own_length;
	const struct mount_line *mount;

	if (!colon)
		return;
	length = (size_t)(colon - list - 1);
	mount = find_mount(mounts, list + 1, length);
	if (!mount)
		return;
	hierarchy.v2 = length == 0;
	hierarchy.controllers = arena_strndup(arena, list + 1, length);
	hierarchy.base = path_below(arena, mount, colon + 1, strcspn(colon + 1, "\n"));
	hierarchy.own = hierarchy.base;
	if (find_membership(own, list + 1, length, &own_path, &own_length))
		hierarchy.own = path_below(arena, mount, own_path, own_length);
	add_hierarchy(arena, mount, hierarchy, ret);
}

static void set_mode(struct cgroup_layout *layout)
{
	bool v1 = false, v2 = false;

	for (size_t i = 0; i < layout->count; i++) {
		v1 |= !layout->hierarchies[i].v2;
		v2 |= layout->hierarchies[i].v2;
	}
	layout->mode = v1 && v2 ? CGROUP_HYBRID : v1 ? CGROUP_LEGACY : v2 ? CGROUP_UNIFIED : CGROUP_NONE;
}

/* Brings the v2 hierarchy to the front: run state and limits want it first. */
static void v2_first(struct cgroup_layout *layout)
{
	struct cgroup_hierarchy v2;

	for (size_t i = 1; i < layout->count; i++) {
		if (!layout->hierarchies[i].v2)
			continue;
		v2 = layout->hierarchies[i];
		memmove(layout->hierarchies + 1, layout->hierarchies, i * sizeof v2);
		layout->hierarchies[0] = v2;
	}
}

void cgroups_parse(struct arena *arena, const char *mounts, const char *base, const char *own,
		   struct cgroup_layout *ret)
{
	const struct mount_table table = cgroup_mounts(arena, mounts);

	*ret = (struct cgroup_layout){ 0 };
	for (; *base; base = next_line(base))
		parse_line(arena, &table, base, own, ret);
	v2_first(ret);
	/* A pure v2 host stays one when somebody has mounted an old hierarchy elsewhere for a guest. */
	if (ret->count > 0 && ret->hierarchies[0].v2 &&
	    strcmp(ret->hierarchies[0].mountpoint, "/sys/fs/cgroup") == 0)
		ret->count = 1;
	set_mode(ret);
}

/* Whether cgroups can be made below the base; fills in v2's controllers on the way. */
static bool is_usable(struct arena *arena, struct cgroup_hierarchy *hierarchy)
{
	const char *path = arena_printf(arena, "%s%s", hierarchy->mountpoint, hierarchy->base);
	char *controllers;

	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return false;
	if (!hierarchy->v2)
		return true;
	controllers = kernel_text(arena, arena_printf(arena, "%s/cgroup.controllers", path));
	if (!controllers)
		return false;
	controllers[strcspn(controllers, "\n")] = '\0';
	hierarchy->controllers = controllers;
	/* Delegation gives a user the directory and this file, or nothing that helps. */
	return faccessat(AT_FDCWD, arena_printf(arena, "%s/cgroup.procs", path), W_OK, AT_EACCESS) == 0;
}

/*
 * An ordinary user's, when his own cgroup is not his to write: v1 lets him go
 * to what lxs-cgdelegate made for him from wherever he is, though not back.
 */
static bool is_usable_elsewhere(struct arena *arena, struct cgroup_hierarchy *hierarchy)
{
	struct cgroup_hierarchy given = *hierarchy;

	if (hierarchy->v2 || geteuid() == 0)
		return false;
	given.base = given.own = arena_printf(arena, "/" CGROUP_DELEGATED "/%u", geteuid());
	if (!is_usable(arena, &given))
		return false;
	*hierarchy = given;
	return true;
}

int cgroups_read(struct arena *arena, struct cgroup_layout *ret, struct error *err)
{
	const char *mounts = kernel_text(arena, "/proc/self/mountinfo");
	const char *own = kernel_text(arena, "/proc/self/cgroup");
	const char *base = own;
	struct cgroup_layout found;
	size_t kept = 0;

	if (!mounts)
		return error_set(err, errno, "cannot read /proc/self/mountinfo");
	if (!own)
		own = base = ""; /* a kernel without cgroups */
	if (geteuid() == 0)
		base = kernel_text(arena, "/proc/1/cgroup");
	if (!base)
		base = own; /* /proc with hidepid */
	cgroups_parse(arena, mounts, base, own, &found);
	for (size_t i = 0; i < found.count; i++)
		if (is_usable(arena, &found.hierarchies[i]) || is_usable_elsewhere(arena, &found.hierarchies[i]))
			found.hierarchies[kept++] = found.hierarchies[i];
	found.count = kept;
	set_mode(&found);
	*ret = found;
	return 0;
}

/* systemd marks them, users' managers since some time only; what they gave us, or root, is known by its name. */
static bool is_marked(const struct cgroup_hierarchy *hierarchy)
{
	owned_arena arena = arena_new();
	const char *name = strrchr(hierarchy->own, '/');
	char mark[2] = "";

	if (text_starts(hierarchy->own, "/" CGROUP_DELEGATED "/"))
		return true;
	return getxattr(arena_printf(arena, "%s%s", hierarchy->mountpoint, hierarchy->own), "user.delegate", mark,
			sizeof mark) == 1 ? *mark == '1' : text_starts(name, "/lxs-") && strstr(name, ".scope");
}

bool cgroups_are_delegated(const struct cgroup_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &layout->hierarchies[i];

		/* systemd gives users no controllers of v1: it was root. */
		if (hierarchy->v2 ? is_marked(hierarchy) : strncmp(hierarchy->controllers, "name=", 5) != 0)
			return true;
	}
	return false;
}

bool cgroup_has(const struct cgroup_hierarchy *hierarchy, const char *controller)
{
	const char *list = hierarchy->controllers;
	size_t length = strlen(controller), size;

	for (; *list; list += size + (list[size] != '\0')) {
		size = strcspn(list, ", ");
		if (size == length && strncmp(list, controller, size) == 0)
			return true;
	}
	return false;
}

static bool is_named(const struct cgroup_hierarchy *hierarchy, const char *use)
{
	const char *list = hierarchy->controllers;
	size_t size;

	for (; *list; list += size + (list[size] != '\0')) {
		size = strcspn(list, ",");
		if (!list_has(use, strlen(use), list, size))
			return false;
	}
	return true;
}

int cgroups_select(struct cgroup_layout *layout, const char *use, struct error *err)
{
	size_t kept = 0, size;

	layout->use = use;
	for (const char *word = use; *word; word += size + strspn(word + size, ", ")) {
		char name[64];

		size = strcspn(word, ", ");
		snprintf(name, sizeof name, "%.*s", (int)size, word);
		if (size > 0 && !cgroup_find(layout, name))
			return error_set(err, 0, "lxc.cgroup.use of lxs.conf names %s: there is no cgroup hierarchy with it "
					 "that can be used here", name);
	}
	for (size_t i = 0; i < layout->count; i++)
		if (layout->hierarchies[i].v2 || is_named(&layout->hierarchies[i], use))
			layout->hierarchies[kept++] = layout->hierarchies[i];
	layout->count = kept;
	return 0;
}

const struct cgroup_hierarchy *cgroup_find_version(const struct cgroup_layout *layout, const char *controller, bool v2)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &layout->hierarchies[i];

		if (hierarchy->v2 == v2 && ((v2 && !*controller) || cgroup_has(hierarchy, controller)))
			return hierarchy;
	}
	return NULL;
}

const struct cgroup_hierarchy *cgroup_find(const struct cgroup_layout *layout, const char *controller)
{
	const struct cgroup_hierarchy *found = cgroup_find_version(layout, controller, false);

	return found ? found : cgroup_find_version(layout, controller, true);
}
