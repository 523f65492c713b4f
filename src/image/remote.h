/*
 * Image servers: where they are, how they speak, how they are believed.  One
 * is named in lxs.conf (`remote NAME { url = ... }`), or given as a host name
 * or address on the command line; without either it is LXC's own.
 */
#pragma once

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/error.h"

enum remote_format { REMOTE_LXC, REMOTE_STREAMS };

struct remote {
	const char *name;                 /* as the user wrote it, for messages */
	const char *url;                  /* "https://host/path", no slash at the end */
	const char *const *mirrors;       /* more such; NULL at the end */
	enum remote_format format;
	bool guess;                       /* nobody said which format: streams when there is no index of LXC's */
	const char *keyring, *fingerprint; /* of the signer; NULL: no signature is asked for */
	bool plain;                       /* somebody wrote http:// for one of the addresses */
};

/* The remote that `server` (NULL: the default) means to this user, or to root. */
int remote_find(struct arena *arena, const char *server, bool user, struct remote *ret, struct error *err);
