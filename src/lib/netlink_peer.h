/*
 * The other end of a pair of interfaces.
 */
#pragma once

#include "lib/netlink.h"

struct netlink_peer {
	int index;
	int namespace_id;     /* the kernel's number for its network namespace, as seen from the socket's */
	char name[16];
};

/* Of the interface `index`; 0 or -errno. */
int netlink_peer(int socket, int index, struct netlink_peer *ret);
