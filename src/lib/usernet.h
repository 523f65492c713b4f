/*
 * The file lxs-usernet, in LXC's grammar: which user or group may have how
 * many interfaces on which bridge.  In lib/ because the program that gives them
 * (src/usernic) and the facts of the host both read it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define USERNET_FILE SYSCONFDIR "/lxs/lxs-usernet"
#define USERNET_HELPER PKGLIBEXECDIR "/lxs-user-nic"

enum { USERNET_WORD = 100 };

/* `OWNER TYPE BRIDGE COUNT`: a user or "@group", "veth", a bridge or "none". */
struct usernet_line {
	char owner[USERNET_WORD], type[USERNET_WORD], bridge[USERNET_WORD];
	unsigned count;
};

/* False: not such a line, which is how comments and empty lines are passed over.  Reads up to the end of the line. */
bool usernet_line_read(const char *text, struct usernet_line *ret);

struct usernet_wish { const char *owner, *type, *bridge; };

/* How many interfaces all lines of the text together allow. */
unsigned usernet_allowed(const char *text, const struct usernet_wish *wish);

/* The name by which the file may know a user, allocated; NULL: none. */
char *usernet_user(uid_t uid);

/* Whom in `text` the calling process is: the user, first, and each "@group" that it is in. */
struct usernet_owners {
	char **names;
	size_t count;
};

void usernet_owners_read(const char *user, const char *text, struct usernet_owners *ret);
void usernet_owners_done(struct usernet_owners *owners);

#define owned_owners __attribute__((cleanup(usernet_owners_done))) struct usernet_owners
