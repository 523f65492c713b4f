/*
 * Work on files that belong to the ids of a user's containers: done as root
 * of a user namespace that has those ids and the caller's own.
 */
#pragma once

#include "config/settings.h"
#include "provision/interrupt.h"
#include "host/subid.h"
#include "host/userns.h"

struct mapping {
	struct id_maps maps;
	uid_t uid;   /* the caller, as seen inside */
	gid_t gid;
	char *words[2]; /* both as text */
};

/* Whether the caller needs this: root reaches all files as they are. */
bool mapping_is_needed(void);

/* As lxc.idmap has it. */
void mapping_of_settings(struct arena *arena, const struct settings *settings, struct mapping *ret);

/* All ids that are the caller's to give: for files of a container whose config is gone. */
void mapping_of_user(struct arena *arena, const struct subids *ids, struct mapping *ret);

/*
 * Runs `work` in there and brings its error home; with mapping NULL as the
 * caller.  In either case it has mounts of its own, gone at its end.  0 or -1.
 */
int mapping_call(const struct mapping *mapping, int (*work)(void *data, struct error *err), void *data,
		 struct error *err);

/* As mapping_call(), but a signal that `interrupt` holds ends the work and all that it has started. */
int mapping_call_held(const struct mapping *mapping, int (*work)(void *data, struct error *err), void *data,
		      const struct interrupt *interrupt, struct error *err);

/* Gives the file or directory `path` to root of the namespace. */
int mapping_give(const struct mapping *mapping, const char *path, struct error *err);
