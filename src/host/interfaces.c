/*
 * Looks for interfaces by name.  Apart from facts.c because few configs ask.
 * Called by run_plan().
 */
#include "host/interfaces.h"

#include <net/if.h>
#include <string.h>

struct list { const char **items; size_t count; };

static void list_add(struct arena *arena, struct list *list, const char *name)
{
	list->items = arena_append(arena, list->items, &list->count, sizeof *list->items);
	if (name)
		list->items[list->count - 1] = arena_strdup(arena, name);
}

static void prefix_find(struct arena *arena, const char *prefix, size_t length, struct list *list)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *one = all; one && one->if_name; one++)
		if (strncmp(one->if_name, prefix, length) == 0)
			list_add(arena, list, one->if_name);
	if (all)
		if_freenameindex(all);
}

const char *const *interfaces_find(struct arena *arena, const char *const *wanted)
{
	struct list list = { 0 };

	for (; *wanted; wanted++) {
		size_t length = strlen(*wanted);

		if (length > 0 && (*wanted)[length - 1] == '+')
			prefix_find(arena, *wanted, length - 1, &list);
		else if (if_nametoindex(*wanted) > 0)
			list_add(arena, &list, *wanted);
	}
	list_add(arena, &list, NULL);
	return list.items;
}
