/*
 * What lxs-net is told by /etc/default/lxs-net: the names and the grammar of
 * LXC's file, `NAME="VALUE"` as a shell reads it, but as plain text.  What
 * would need a shell is refused, not guessed.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/origin.h"

struct bridge_conf {
	bool use;                       /* USE_LXC_BRIDGE; false: lxs-net does nothing */
	const char *bridge;
	unsigned char mac[6];
	struct in_addr address, mask, network;
	unsigned prefix;
	struct in_addr first, last;     /* what DHCP gives out */
	unsigned leases;                /* how many at most */
	const char *server_file;        /* for dnsmasq; NULL: none */
	bool ping;                      /* dnsmasq asks whether an address is in use */
	const char *domain;             /* NULL: none */
	bool nft;                       /* use nft when it is there */
	bool ipv6;                      /* the bridge has an IPv6 address */
	struct in6_addr address6, network6;
	unsigned prefix6, network6_prefix;
	bool nat6;
};

/* What is doubtful in the file; `notes` may be NULL. */
typedef void bridge_conf_note(void *data, const struct origin *origin, const char *text);
struct bridge_conf_notes { bridge_conf_note *note; void *data; };

/* Reads the file; one that is not there leaves the defaults.  Texts live in `arena`. */
int bridge_conf_read(struct arena *arena, const char *path, const struct bridge_conf_notes *notes,
		     struct bridge_conf *ret, struct error *err);

/* The same for its contents; `path` is for messages. */
int bridge_conf_parse(struct arena *arena, const char *path, const char *text, const struct bridge_conf_notes *notes,
		      struct bridge_conf *ret, struct error *err);

/* The settings as such a file, complete; the caller frees it. */
char *bridge_conf_format(const struct bridge_conf *conf);
