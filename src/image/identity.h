/*
 * Whose files are made.  For an ordinary user a template runs as root of the
 * container's user namespace; what it puts into the user's cache has to be the
 * user's all the same, or he could not remove it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	bool mapped;  /* there is a caller besides root of this namespace */
	uid_t uid;    /* he, as seen inside */
	gid_t gid;
};

/* From here on files are the caller's ... */
void identity_caller(const struct identity *identity);

/* ... and from here on our own again: root's of the container. */
void identity_own(const struct identity *identity);
