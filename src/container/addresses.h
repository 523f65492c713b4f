/*
 * The addresses and interfaces inside a network namespace, for lxs-info and
 * lxs-ls, which may look at many containers: the calling thread enters the
 * namespace through its descriptor and comes back.  For an ordinary user, who
 * cannot come back, /proc tells.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/error.h"

struct address_item {
	int family;             /* AF_INET or AF_INET6 */
	const char *text;       /* "10.0.3.17" */
};

struct address_list {
	struct address_item *items;
	size_t count;
};

struct name_list {
	const char **items;
	size_t count;
};

/*
 * What the network namespace of process `init` has: all addresses but those of
 * the loopback and of a link only, in the order of the kernel, and the names
 * of all interfaces, sorted.  Either may be NULL.  0 or -1; needs the
 * privilege to enter the namespace.
 */
int addresses_read(pid_t init, struct arena *arena, struct address_list *addresses, struct name_list *interfaces,
		   struct error *err);
