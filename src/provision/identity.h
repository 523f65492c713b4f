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
};

/* In the tree beneath `root`, which may hold anything. */
int identity_renew(int root, const struct identity *identity, struct error *err);
