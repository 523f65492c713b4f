/*
 * The ids that an ordinary user may give to containers: ranges of /etc/subuid
 * and /etc/subgid (subuid(5)), where root keeps them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/arena.h"

struct subid_range { unsigned long first, count; };
struct subid_list { struct subid_range *ranges; size_t count; };

struct subids {
	const char *user;               /* as in the files, for messages */
	struct subid_list uids, gids;
	bool elsewhere;                 /* there may be more than the files hold: only newuidmap knows */
};

/* What the files hold for this user; one that cannot be read holds nothing. */
void subids_read(struct arena *arena, uid_t uid, struct subids *ret);

/* Whether a text of nsswitch.conf(5) has ranges come from anywhere but these files. */
bool subids_elsewhere(const char *nsswitch);

/* The lines `USER:FIRST:COUNT` of a text that are for this user, by name or by number. */
void subids_parse(struct arena *arena, const char *text, const char *user, uid_t uid, struct subid_list *ret);
