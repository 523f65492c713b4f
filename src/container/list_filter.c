/* What a list leaves out (container/list.h).  Apart because containers of the host and those inside of them pass the same. */
#include "container/list.h"

#include <string.h>

bool list_state_is_wanted(const struct list_filter *filter, const struct list_item *item)
{
	return !(filter->active && !item->active) && !(filter->defined && !item->defined) &&
	       !(filter->running && item->state == STATE_STOPPED) &&
	       !(filter->frozen && item->state != STATE_FROZEN) &&
	       !(filter->stopped && item->state != STATE_STOPPED);
}

static bool has_group(const struct list_item *item, const char *group)
{
	for (size_t i = 0; i < item->groups.count; i++) {
		if (strcmp(item->groups.items[i], group) == 0)
			return true;
	}
	return false;
}

bool list_groups_are_wanted(const struct list_filter *filter, struct arena *arena, const struct list_item *item)
{
	char *next = filter->groups ? arena_strdup(arena, filter->groups) : NULL;

	for (char *group; (group = strsep(&next, ","));) {
		if (*group && !has_group(item, group))
			return false;
	}
	return true;
}
