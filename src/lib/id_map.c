/* Maps of ids (lib/id_map.h).  Apart from shift.c because a start, which shifts nothing, asks them too. */
#include "lib/id_map.h"

#include <stdio.h>
#include <string.h>

struct range { unsigned long inside, outside, count; };

/* The next line of a map; false: there is none. */
static bool range_next(const char **map, struct range *ret)
{
	const char *end;

	if (sscanf(*map, "%lu %lu %lu", &ret->inside, &ret->outside, &ret->count) != 3)
		return false;
	end = strchr(*map, '\n');
	*map = end ? end + 1 : "";
	return true;
}

static bool is_among(unsigned long id, unsigned long first, unsigned long count)
{
	return id >= first && id - first < count;
}

bool id_map_outside(const char *map, unsigned long inside, unsigned long *ret)
{
	struct range range;

	while (range_next(&map, &range)) {
		if (!is_among(inside, range.inside, range.count))
			continue;
		*ret = range.outside + (inside - range.inside);
		return true;
	}
	return false;
}

enum id_map_tree id_map_tree_of(const char *uids, unsigned long owner)
{
	bool inside = false, outside = false;
	struct range range;

	while (range_next(&uids, &range)) {
		inside |= is_among(owner, range.inside, range.count);
		outside |= is_among(owner, range.outside, range.count);
	}
	if (outside && !(inside && owner == 0))
		return TREE_SHIFTED;
	return inside || owner == 0 ? TREE_INSIDE : TREE_FOREIGN;
}
