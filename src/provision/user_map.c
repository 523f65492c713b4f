/* Id maps of users (provision/user_map.h).  Apart because create and import both give one. */
#include "provision/user_map.h"

const char *user_map_value(struct arena *arena, const struct subids *ids, char kind, struct error *err)
{
	const struct subid_list *list = kind == 'u' ? &ids->uids : &ids->gids;

	if (list->count > 0)
		return arena_printf(arena, "%c 0 %lu %lu", kind, list->ranges[0].first, list->ranges[0].count);
	error_set(err, 0, "an ordinary user's container needs ids of its own, and %s has none for %s",
		  kind == 'u' ? "/etc/subuid" : "/etc/subgid", ids->user);
	error_hint(err, "root can give some: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s "
			"(a range that nobody else has)", ids->user);
	return NULL;
}
