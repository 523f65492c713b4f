/*
 * Making a user namespace and mapping its ids: directly where the kernel lets
 * us, else through the privileged programs newuidmap and newgidmap, which ask
 * /etc/subuid and /etc/subgid.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/error.h"

/* Lines `INSIDE OUTSIDE RANGE`, as the kernel takes them. */
struct id_maps { const char *uids, *gids; };

/* The path of newuidmap ('u') or newgidmap ('g'); NULL: not installed. */
const char *userns_tool(char kind);

/* Why an ordinary user's map cannot be written, NULL: both programs are there and have the rights for it. */
const char *userns_tools_refusal(void);

/* Whether the map is nothing but one id, the caller's own: that the kernel grants to everybody. */
bool userns_is_own(const char *map, unsigned long id);

/* Whether `maps` (uid_map or gid_map of /proc, or what was written there) holds each of `lines`, whole in one line. */
bool userns_has(const char *maps, const char *lines);

/* The map with `id` (of the host) behind all else, unless a line is for it; *inside: what it is called in there. */
const char *userns_map_with(struct arena *arena, const char *map, unsigned long id, unsigned long *inside);

/* Maps the ids of the namespace that process `pid` has just made. */
int userns_map(pid_t pid, const struct id_maps *maps, struct error *err);

/* A user namespace with these ids and nobody in it: its descriptor, or -1 with err. */
int userns_open(const struct id_maps *maps, struct error *err);

/*
 * As fork(2), with the child as `uid` and `gid` of a new user namespace, which
 * has mounts of its own too.  The child dies with its parent.  -1: err says why.
 */
pid_t userns_fork(const struct id_maps *maps, uid_t uid, gid_t gid, struct error *err);
