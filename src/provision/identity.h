/*
 * What makes one installation of a system distinguishable from another: host
 * name, machine-id, ssh host keys.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

struct identity {
	const char *hostname; /* for /etc/hostname and its like, where they are; NULL: stays */
	const char *old_hostname; /* what stood there; NULL: not known */
	bool keep;            /* machine-id and ssh host keys stay */
	unsigned *kept;       /* identity_kept_new(); NULL: nobody wants to know */
};

/*
 * Whether ssh host keys stay because no new ones can be made.  Renewing is done
 * in a process of its own, so it is a word that this shares with whoever tells
 * the user.  Allocated; NULL without memory.
 */
unsigned *identity_kept_new(void);

/* Tells what is in there, for each reason once, and frees it; `warn` NULL: nobody. */
void identity_kept_tell(unsigned **kept, void (*warn)(const struct error *warning, void *context), void *context);

/* In the tree beneath `root`, which may hold anything. */
int identity_renew(int root, const struct identity *identity, struct error *err);
