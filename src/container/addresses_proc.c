/*
 * Reads addresses from /proc/PID/net.  An ordinary user cannot enter the
 * network of a container of his own and come back, nor ask netlink about one
 * that has no number here; these files he may read.  Apart from addresses.c,
 * which asks netlink.
 */
#include "container/addresses_proc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/own.h"
#include "lib/text.h"

/* The bits of a scope in if_inet6 that make an address one of the interface or of the host only. */
enum { SCOPE_HOST = 0x10, SCOPE_LINK = 0x20 };

typedef void line_handler(char *line, void *data);

/* However long the file is, a line at a time. */
static int lines_each(int process, const char *file, line_handler *each, void *data)
{
	owned_fd fd = openat(process, file, O_RDONLY | O_CLOEXEC);
	owned_file in = fd >= 0 ? fdopen(fd, "r") : NULL;
	owned_str line = NULL;
	size_t size = 0;

	if (!in)
		return -errno;
	steal_fd(&fd);
	while (getline(&line, &size, in) >= 0)
		each(text_trim(line), data);
	return ferror(in) ? -EIO : 0;
}

struct found {
	struct arena *arena;
	struct address_list *addresses;
	struct name_list *interfaces;
	char last[INET_ADDRSTRLEN];    /* the network that the lines after it speak of */
};

static void address_add(struct found *found, int family, const char *text)
{
	struct address_list *list = found->addresses;

	/* The table of local addresses may be told twice. */
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].text, text) == 0)
			return;
	list->items = arena_append(found->arena, list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = (struct address_item){ family, arena_strdup(found->arena, text) };
}

/* fib_trie: "|-- 10.0.3.5", and then "/32 host LOCAL" among what is known of it. */
static void take_route(char *line, void *data)
{
	struct found *found = data;
	struct in_addr address;

	if (text_starts(line, "|-- "))
		snprintf(found->last, sizeof found->last, "%s", line + strlen("|-- "));
	else if (strcmp(line, "/32 host LOCAL") == 0 && inet_pton(AF_INET, found->last, &address) == 1 &&
		 ntohl(address.s_addr) >> 24 != 127)
		address_add(found, AF_INET, found->last);
}

/* if_inet6: 32 digits, index, prefix, scope, flags, interface; all but the last in hexadecimal. */
static void take_address6(char *line, void *data)
{
	struct in6_addr address;
	char digits[33], text[INET6_ADDRSTRLEN], name[32];
	unsigned scope;

	if (sscanf(line, "%32s %*x %*x %x %*x %31s", digits, &scope, name) != 3 || strlen(digits) != 32 ||
	    (scope & (SCOPE_HOST | SCOPE_LINK)) || strcmp(name, "lo") == 0)
		return;
	for (size_t i = 0; i < 16; i++)
		if (sscanf(digits + 2 * i, "%2hhx", &address.s6_addr[i]) != 1)
			return;
	if (inet_ntop(AF_INET6, &address, text, sizeof text))
		address_add(data, AF_INET6, text);
}

/* dev: two lines of titles, then "NAME: figures". */
static void take_interface(char *line, void *data)
{
	struct found *found = data;
	struct name_list *list = found->interfaces;
	char *colon = strrchr(line, ':');

	if (!colon)
		return;
	list->items = arena_append(found->arena, list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = arena_strndup(found->arena, line, (size_t)(colon - line));
}

int addresses_proc_read(pid_t pid, struct arena *arena, struct address_list *addresses, struct name_list *interfaces)
{
	struct found found = { .arena = arena, .addresses = addresses, .interfaces = interfaces };
	owned_fd process = -1;
	char path[32];
	int code = 0;

	snprintf(path, sizeof path, "/proc/%d", (int)pid);
	process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return -errno;
	if (addresses)
		code = lines_each(process, "net/fib_trie", take_route, &found);
	if (code == 0 && addresses) {
		code = lines_each(process, "net/if_inet6", take_address6, &found);
		/* A kernel without IPv6. */
		code = code == -ENOENT ? 0 : code;
	}
	return code == 0 && interfaces ? lines_each(process, "net/dev", take_interface, &found) : code;
}
