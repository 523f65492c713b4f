/*
 * Builds the list: names first, then the state of each from its run
 * directory, then what else was asked for.  What cannot be learned of one
 * container (it ends just now, its config does not load) leaves that cell
 * empty and does not fail the list.
 */
#include "container/list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/nested.h"
#include "control/rundir.h"
#include "control/state.h"
#include "lib/file.h"
#include "lib/own.h"

struct lister {
	const char *lxcpath;
	const struct list_filter *filter;
	unsigned needs;
	struct arena *arena;
	int run_parent;            /* -1: nothing runs */
	struct list list;
};

/* ---- names ---- */

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct list_item *)a)->name, ((const struct list_item *)b)->name);
}

static void add_name(struct lister *lister, const char *name, bool defined)
{
	struct list *list = &lister->list;

	if (lister->filter->name && regexec(lister->filter->name, name, 0, NULL, 0) != 0)
		return;
	list->items = arena_append(lister->arena, list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = (struct list_item){
		.name = arena_strdup(lister->arena, name), .defined = defined, .unprivileged = !defined,
		.memory_bytes = NO_FIGURE, .swap_bytes = NO_FIGURE,
	};
	list->items[list->count - 1].path = list->items[list->count - 1].name;
}

/* Calls add_name() for the entries of a directory; with `config` only for those that hold one. */
static void add_directory(struct lister *lister, int fd, bool config)
{
	owned_dir dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		owned_str path = NULL;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (config && asprintf(&path, "%s/config", entry->d_name) < 0)
			continue;
		if (!config || faccessat(dirfd(dir), path, F_OK, 0) == 0)
			add_name(lister, entry->d_name, config);
	}
}

/* A container that is defined and runs was found twice. */
static void merge(struct list *list)
{
	size_t kept = 0;

	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, compare_items);
	for (size_t i = 0; i < list->count; i++) {
		struct list_item *last = kept > 0 ? &list->items[kept - 1] : NULL;

		if (last && strcmp(last->name, list->items[i].name) == 0) {
			last->defined |= list->items[i].defined;
			last->unprivileged = !last->defined;
		} else {
			list->items[kept++] = list->items[i];
		}
	}
	list->count = kept;
}

/* ---- one container ---- */

static void add_text(const struct lister *lister, struct name_list *texts, const char *text)
{
	texts->items = arena_append(lister->arena, texts->items, &texts->count, sizeof *texts->items);
	texts->items[texts->count - 1] = arena_strdup(lister->arena, text);
}

static void read_config(const struct lister *lister, struct list_item *item)
{
	owned_error ignored = ERROR_INIT;
	owned_container container = { 0 };
	const struct values *groups;

	if (container_init(lister->lxcpath, item->name, &container, &ignored) < 0 ||
	    (container_load(&container, NULL, &ignored) < 0 && !item->defined))
		return;
	groups = settings_values(container.settings, "lxc.group");
	for (size_t i = 0; i < groups->count; i++)
		add_text(lister, &item->groups, groups->items[i].text);
	item->autostart = settings_number(container.settings, "lxc.start.auto") != 0;
	item->unprivileged = settings_values(container.settings, "lxc.idmap")->count > 0;
}

/* What a running container was started with counts, not what its file says now. */
static void read_started(const struct lister *lister, struct list_item *item, const struct run_state *state)
{
	char *next = state->groups ? arena_strdup(lister->arena, state->groups) : NULL;

	for (char *group; (group = strsep(&next, "\n"));)
		add_text(lister, &item->groups, group);
	item->autostart = state->start_auto;
	item->unprivileged = state->unprivileged;
}

static void read_running(const struct lister *lister, struct list_item *item, const struct run_state *state)
{
	owned_error ignored = ERROR_INIT;
	struct usage usage;

	item->init = state->init;
	item->init_start = state->init_start;
	if (lister->needs & LIST_USAGE) {
		usage_read(state->cgroup_payload, &usage);
		item->memory_bytes = usage.memory_bytes;
		item->swap_bytes = usage.swap_bytes;
	}
	if (lister->needs & (LIST_ADDRESSES | LIST_INTERFACES))
		addresses_read(state->init, lister->arena, lister->needs & LIST_ADDRESSES ? &item->addresses : NULL,
			       lister->needs & LIST_INTERFACES ? &item->interfaces : NULL, &ignored);
}

/* Fills the item; false when it is not to be shown. */
static bool read_item(struct lister *lister, struct list_item *item)
{
	owned_error unread = ERROR_INIT;
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	int answer = lister->run_parent < 0 ? RUNDIR_ABSENT
					    : rundir_open_in(lister->run_parent, item->name, &run, &unread);

	if (answer == RUNDIR_OPENED) {
		item->active = true;
		answer = run_state_read(&run, &state, &unread);
		item->state = answer == RUNDIR_OPENED ? state.state : answer == RUNDIR_ABSENT ? STATE_STARTING : STATE_STOPPED;
	}
	/* One that cannot be read hides no other. */
	item->unread = answer < 0;
	if (item->unread)
		add_text(lister, &lister->list.unread, arena_printf(lister->arena, "%s: %s", item->name, unread.message));
	if (!item->active && !item->defined && !item->unread)
		return false; /* left behind by a crash, or gone meanwhile */
	if (!list_state_is_wanted(lister->filter, item))
		return false;
	if (state.init > 0)
		read_started(lister, item, &state);
	else if (lister->needs & LIST_CONFIG || lister->filter->groups)
		read_config(lister, item);
	if (!list_groups_are_wanted(lister->filter, lister->arena, item))
		return false;
	if (state.init > 0)
		read_running(lister, item, &state);
	return true;
}

/* Each container, and behind it what is inside of it. */
static void add_nested(struct lister *lister)
{
	struct list outer = lister->list;
	const struct nested nested = {
		.lxcpath = lister->lxcpath, .filter = lister->filter, .arena = lister->arena, .list = &lister->list,
	};

	lister->list = (struct list){ .unread = outer.unread };
	for (size_t i = 0; i < outer.count; i++) {
		lister->list.items = arena_append(lister->arena, lister->list.items, &lister->list.count,
						  sizeof *lister->list.items);
		lister->list.items[lister->list.count - 1] = outer.items[i];
		nested_list(&nested, &outer.items[i], lister->filter->nesting);
	}
}

int container_list(const char *lxcpath, const struct list_filter *filter, unsigned needs, struct arena *arena,
		   struct list *ret, struct error *err)
{
	owned_str path = path_absolute(lxcpath);
	struct lister lister = {
		.lxcpath = path, .filter = filter, .needs = needs, .arena = arena, .run_parent = -1,
	};
	owned_fd run_parent = -1;
	size_t kept = 0;
	int defined = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (defined < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot read %s", lxcpath);
	if (rundir_open_parent(path, false, &run_parent, err) < 0) {
		own_close_fd(&defined);
		return -1;
	}
	add_directory(&lister, defined, true);
	if (run_parent >= 0)
		add_directory(&lister, openat(run_parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), false);
	merge(&lister.list);
	lister.run_parent = run_parent;
	for (size_t i = 0; i < lister.list.count; i++) {
		if (read_item(&lister, &lister.list.items[i]))
			lister.list.items[kept++] = lister.list.items[i];
	}
	lister.list.count = kept;
	if (filter->nesting > 0)
		add_nested(&lister);
	*ret = lister.list;
	return 0;
}
