/*
 * Containers inside of containers.  What lies below a container's root
 * belongs to its guest and is read as such: beneath a descriptor of that
 * root, regular files only, and without following what a config includes.
 * Pids found there are the guest's and mean nothing here, so a container
 * inside has a state, but no figures and no addresses.  Called from list.c.
 */
#include "container/nested.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/grammar.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "lib/text.h"

/* A regular file for reading; looked at before it is opened: opening a device or a pipe is an act. */
static int open_regular(int root, const char *path)
{
	owned_fd found = rootfs_open(root, path, O_PATH);
	struct stat st;
	char link[64];

	if (found < 0 || fstat(found, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	snprintf(link, sizeof link, "/proc/self/fd/%d", found);
	return open(link, O_RDONLY | O_CLOEXEC);
}

/* The last value of a key in a config, or NULL. */
static const char *value_of(const struct nested *nested, const char *config, const char *key)
{
	const char *value = NULL;
	struct config_line line;

	while (line_next(&config, &line))
		if (line_has_key(&line, key))
			value = arena_strndup(nested->arena, line.value, line.value_length);
	return value;
}

static bool is_printable(const char *text)
{
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return *text == '\0';
}

static const char *read_text(const struct nested *nested, int root, const char *path)
{
	owned_error ignored = ERROR_INIT;
	owned_fd fd = open_regular(root, path);
	owned_str text = NULL;
	size_t length;

	if (fd < 0 || file_read_fd(fd, path, &text, &length, &ignored) < 0)
		return NULL;
	return arena_strdup(nested->arena, text);
}

static void read_config(const struct nested *nested, struct list_item *item, const char *text)
{
	const char *automatic = value_of(nested, text, "lxc.start.auto");
	struct config_line line;

	item->autostart = automatic && strcmp(automatic, "1") == 0;
	item->unprivileged = value_of(nested, text, "lxc.idmap") != NULL;
	while (line_next(&text, &line)) {
		const char *group;

		if (!line_has_key(&line, "lxc.group"))
			continue;
		group = arena_strndup(nested->arena, line.value, line.value_length);
		if (*group == '\0')
			item->groups.count = 0;
		if (*group == '\0' || !is_printable(group))
			continue;
		item->groups.items = arena_append(nested->arena, item->groups.items, &item->groups.count,
						  sizeof *item->groups.items);
		item->groups.items[item->groups.count - 1] = group;
	}
}

/* As control/state.h has it in its file; -1: it is not there. */
static int state_of(const struct nested *nested, const char *text)
{
	const char *name = strstr(text, "state=");

	while (name && name > text && name[-1] != '\n')
		name = strstr(name + 1, "state=");
	if (!name)
		return -1;
	name += strlen("state=");
	return container_state_parse(arena_strndup(nested->arena, name, strcspn(name, "\n")));
}

/* Of its run directory: the lock tells whether anybody owns it, the file the state. */
static void read_state(const struct nested *nested, int root, const char *run, struct list_item *item)
{
	const char *directory = arena_printf(nested->arena, "%s/%s", run, item->name);
	owned_fd lock = open_regular(root, arena_printf(nested->arena, "%s/lock", directory));
	struct flock asked = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const char *text;
	int state;

	if (lock < 0 || fcntl(lock, F_OFD_GETLK, &asked) < 0 || asked.l_type == F_UNLCK)
		return;
	item->active = true;
	item->state = STATE_STARTING;
	text = read_text(nested, root, arena_printf(nested->arena, "%s/state", directory));
	state = text ? state_of(nested, text) : -1;
	if (state >= 0)
		item->state = (enum container_state)state;
}

/* The names of a directory of the guest, appended; those that cannot be a container's are left out. */
static void add_names(const struct nested *nested, int root, const char *path, struct list *names)
{
	int fd = rootfs_open(root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	owned_dir dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.' || !is_printable(entry->d_name))
			continue;
		if (nested->filter->name && regexec(nested->filter->name, entry->d_name, 0, NULL, 0) != 0)
			continue;
		names->items = arena_append(nested->arena, names->items, &names->count, sizeof *names->items);
		names->items[names->count - 1] = (struct list_item){
			.name = arena_strdup(nested->arena, entry->d_name), .memory_bytes = NO_FIGURE, .swap_bytes = NO_FIGURE,
		};
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct list_item *)a)->name, ((const struct list_item *)b)->name);
}

static void list_root(const struct nested *nested, int root, const struct list_item *parent, unsigned depth)
{
	const char *run = rundir_parent_path(nested->arena, RUNSTATEDIR, nested->lxcpath);
	struct list names = { 0 };

	add_names(nested, root, nested->lxcpath, &names);
	add_names(nested, root, run, &names);
	if (names.count > 0)
		qsort(names.items, names.count, sizeof *names.items, compare_names);
	for (size_t i = 0; i < names.count; i++) {
		struct list_item *item = &names.items[i];
		const char *directory = arena_printf(nested->arena, "%s/%s", nested->lxcpath, item->name);
		const char *text, *rootfs;
		owned_fd below = -1;

		if (i > 0 && strcmp(item->name, names.items[i - 1].name) == 0)
			continue;
		text = read_text(nested, root, arena_printf(nested->arena, "%s/config", directory));
		item->defined = text != NULL;
		item->unprivileged = !item->defined;
		item->path = arena_printf(nested->arena, "%s/%s", parent->path, item->name);
		item->level = parent->level + 1;
		read_state(nested, root, run, item);
		if (text)
			read_config(nested, item, text);
		if ((!item->active && !item->defined) || !list_state_is_wanted(nested->filter, item) ||
		    !list_groups_are_wanted(nested->filter, nested->arena, item))
			continue;
		nested->list->items = arena_append(nested->arena, nested->list->items, &nested->list->count,
						   sizeof *nested->list->items);
		nested->list->items[nested->list->count - 1] = *item;
		rootfs = text ? value_of(nested, text, "lxc.rootfs.path") : NULL;
		if (!rootfs || depth == 0)
			continue;
		below = rootfs_open(root, text_starts(rootfs, "dir:") ? rootfs + 4 : rootfs, O_PATH | O_DIRECTORY);
		if (below >= 0)
			list_root(nested, below, item, depth - 1);
	}
}

/* The root of a container of the host: that of its init, else the directory that the config names. */
static int open_root(const struct nested *nested, const struct list_item *item)
{
	owned_error ignored = ERROR_INIT;
	owned_container container = { 0 };
	char path[64];
	const char *rootfs;
	owned_fd root = -1;

	if (item->init > 0) {
		snprintf(path, sizeof path, "/proc/%d/root", (int)item->init);
		root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* The pid is still that of init, so what was opened is its root. */
		return process_start_time(item->init) == item->init_start ? steal_fd(&root) : -1;
	}
	if (container_init(nested->lxcpath, item->name, &container, &ignored) < 0 ||
	    container_load(&container, NULL, &ignored) < 0)
		return -1;
	rootfs = settings_string(container.settings, "lxc.rootfs.path");
	if (!rootfs)
		return -1;
	return open(text_starts(rootfs, "dir:") ? rootfs + 4 : rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void nested_list(const struct nested *nested, const struct list_item *parent, unsigned depth)
{
	owned_fd root = depth > 0 ? open_root(nested, parent) : -1;

	if (root >= 0)
		list_root(nested, root, parent, depth - 1);
}
