/*
 * Many containers at once, for lxs-ls: the directories below the lxcpath and
 * the run directories, read without starting a process and without asking a
 * supervisor.  A config is only read where a column or a filter needs it.
 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "container/addresses.h"
#include "container/container.h"
#include "container/info.h"

enum list_needs {
	LIST_CONFIG = 1 << 0,      /* autostart, groups, unprivileged */
	LIST_ADDRESSES = 1 << 1,
	LIST_INTERFACES = 1 << 2,
	LIST_USAGE = 1 << 3,       /* memory and swap */
};

struct list_filter {
	bool active, running, frozen, stopped, defined;
	const char *groups;        /* comma list: only containers that are in all of them; NULL: any */
	const regex_t *name;       /* NULL: any */
	unsigned nesting;          /* levels of containers inside of containers */
};

struct list_item {
	const char *name, *path;   /* of one inside of another: "outer/name" */
	unsigned level;            /* 0: of this host */
	bool defined, active;      /* has a config; has an owner */
	enum container_state state;
	bool unread;               /* its state cannot be; filters take it for stopped, as LXC's */
	pid_t init;                /* 0: none, or none of this host's */
	unsigned long long init_start; /* see control/state.h */
	int64_t memory_bytes, swap_bytes;
	bool autostart, unprivileged;
	struct name_list groups, interfaces;
	struct address_list addresses;
};

struct list {
	struct list_item *items;   /* sorted by name; those inside follow the outer one */
	size_t count;
	struct name_list unread;   /* "NAME: why" of each whose state cannot be read, also of what the filter leaves out */
};

/* A missing lxcpath holds no containers.  Everything lives in the arena. */
int container_list(const char *lxcpath, const struct list_filter *filter, unsigned needs, struct arena *arena,
		   struct list *ret, struct error *err);

/* ---- list_filter.c ---- */

/* Whether it passes the filter: by its state, which is known first, and by its groups. */
bool list_state_is_wanted(const struct list_filter *filter, const struct list_item *item);
bool list_groups_are_wanted(const struct list_filter *filter, struct arena *arena, const struct list_item *item);
