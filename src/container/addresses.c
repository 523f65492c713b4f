/*
 * Looks into a container's network with getifaddrs(3), from within its
 * namespace.  Only for commands, which have one thread and no socket that
 * belongs to a namespace.
 */
#include "container/addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/addresses_proc.h"
#include "lib/own.h"

static int namespace_open(pid_t init, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)init, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void take_address(const struct ifaddrs *found, struct arena *arena, struct address_list *list)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)found->ifa_addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)found->ifa_addr;
	int family = found->ifa_addr->sa_family;
	const void *bytes = family == AF_INET6 ? (const void *)&in6->sin6_addr : (const void *)&in4->sin_addr;
	char text[INET6_ADDRSTRLEN];

	if ((family != AF_INET && family != AF_INET6) || (found->ifa_flags & IFF_LOOPBACK) ||
	    (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr)))
		return;
	if (!inet_ntop(family, bytes, text, sizeof text))
		return;
	list->items = arena_append(arena, list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = (struct address_item){ .family = family, .text = arena_strdup(arena, text) };
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the namespace. */
static int take_all(struct arena *arena, struct address_list *addresses, struct name_list *interfaces)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *found = all; found; found = found->ifa_next) {
		if (!found->ifa_addr)
			continue;
		if (addresses)
			take_address(found, arena, addresses);
		if (!interfaces || found->ifa_addr->sa_family != AF_PACKET)
			continue;
		interfaces->items = arena_append(arena, interfaces->items, &interfaces->count, sizeof *interfaces->items);
		interfaces->items[interfaces->count - 1] = arena_strdup(arena, found->ifa_name);
	}
	freeifaddrs(all);
	return 0;
}

static bool is_same(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

int addresses_read(pid_t init, struct arena *arena, struct address_list *addresses, struct name_list *interfaces,
		   struct error *err)
{
	owned_fd ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	owned_fd theirs = namespace_open(init, "net");
	int code;

	if (addresses)
		*addresses = (struct address_list){ 0 };
	if (interfaces)
		*interfaces = (struct name_list){ 0 };
	if (ours < 0 || theirs < 0)
		return error_set(err, errno, "cannot look into the network of process %d", (int)init);
	if (is_same(ours, theirs)) {
		code = take_all(arena, addresses, interfaces);
	} else if (setns(theirs, CLONE_NEWNET) == 0) {
		code = take_all(arena, addresses, interfaces);
		if (setns(ours, CLONE_NEWNET) < 0)
			return error_set(err, errno, "cannot come back from the network of process %d", (int)init);
	} else {
		/* A user would have to enter the user namespace that owns it, and from there nobody comes back. */
		code = errno == EPERM ? addresses_proc_read(init, arena, addresses, interfaces) : -errno;
	}
	if (interfaces && interfaces->count > 0)
		qsort(interfaces->items, interfaces->count, sizeof *interfaces->items, compare_names);
	return code < 0 ? error_set(err, -code, "cannot read the addresses of process %d", (int)init) : 0;
}
