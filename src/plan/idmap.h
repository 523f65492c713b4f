/* The lines of lxc.idmap as the kernel takes them; for the planner and for work on a container's files. */
#pragma once

#include "config/settings.h"
#include "host/subid.h"

/* All lines of a kind ('u', 'g'), in their order; "" when there are none. */
const char *idmap_text(struct arena *arena, const struct settings *settings, char kind);

/* Refuses lines that an ordinary user's ranges do not cover, and says which line root would have to add. */
int idmap_permit(const struct settings *settings, const struct subids *ids, uid_t uid, gid_t gid, struct error *err);
