/*
 * Network interfaces, addresses and routes through rtnetlink(7).  Messages are
 * built on the stack with libmnl and sent over a plain socket, so the process
 * that becomes init can use this too: nothing here allocates.  All calls
 * return 0 (or what is said) or -errno.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A route socket of the calling process's network namespace, or -errno.  Closed with close(). */
int netlink_open(void);

/* The same of another network namespace, which the caller enters for a moment. */
int netlink_open_in(int namespace);

/* The index of an interface, or -errno (-ENODEV: there is none of that name). */
int netlink_index(int socket, const char *name);

enum { NETLINK_HARDWARE_MAX = 32 };

struct netlink_link {
	int index;
	unsigned mtu;
	bool bridge;                      /* a Linux bridge */
	bool vlan_filtering;              /* of a bridge: it tells VLANs apart */
	unsigned default_vlan;            /* of such a bridge: the untagged VLAN of a new port; 0: none */
	unsigned char hardware[NETLINK_HARDWARE_MAX];
	size_t hardware_size;             /* 0: it has no hardware address */
};

/* All of that, or -errno. */
int netlink_link(int socket, const char *name, struct netlink_link *ret);

/* The MTU of an interface, or -errno. */
int netlink_mtu(int socket, int index);

struct netlink_veth {
	const char *host_name;
	const unsigned char *host_hwaddr; /* 6 bytes; NULL: the kernel's choice */
	const char *peer_name;
	const unsigned char *peer_hwaddr;
	unsigned mtu;                     /* of both; 0: the kernel's choice */
	unsigned rx_queues, tx_queues;    /* of both; 0: the kernel's choice */
	pid_t peer;                       /* the peer is made in this process's network namespace */
	int namespace;                    /* or, when that is 0, in this one (a descriptor) */
};

/* The index of the host end, or -errno. */
int netlink_veth_add(int socket, const struct netlink_veth *veth);

/* One attribute of a kind of interface; size 0: none. */
struct netlink_option { uint16_t type, size; uint32_t value; };

/* An interface on top of another one. */
struct netlink_child {
	const char *kind;                 /* "macvlan" */
	const char *name;
	int link;                         /* index of the one below */
	const unsigned char *hwaddr;      /* 6 bytes; NULL: the kernel's choice */
	unsigned mtu;                     /* 0: that of the one below */
	struct netlink_option options[2]; /* 2 or 4 bytes each */
	pid_t owner;                      /* made in this process's network namespace */
};

int netlink_child_add(int socket, const struct netlink_child *child);

/* What is to change; 0 and NULL leave a thing as it is.  A name with %d is completed by the kernel. */
struct netlink_change {
	const char *name;
	int master;                       /* index of a bridge */
	bool up;
	unsigned mtu;
	const unsigned char *hardware;
	size_t hardware_size;
	pid_t owner;                      /* moved to this process's network namespace */
	int namespace;                    /* or to this one (a descriptor) */
	bool link_local_off;              /* no IPv6 address of its own making; a kernel without IPv6 refuses this */
};

int netlink_link_change(int socket, int index, const struct netlink_change *change);

int netlink_link_delete(int socket, int index);

struct netlink_address {
	int family;                       /* AF_INET, AF_INET6 */
	unsigned char bytes[16];
	unsigned prefix;
	const unsigned char *broadcast;   /* AF_INET, 4 bytes; NULL: none */
};

int netlink_address_add(int socket, int index, const struct netlink_address *address);
int netlink_address_delete(int socket, int index, const struct netlink_address *address); /* -EADDRNOTAVAIL: it is not there */

/* The default route through an interface; `gateway` NULL: whoever is there. */
int netlink_route_default(int socket, int index, int family, const unsigned char *gateway);

/* A route to a network whose hosts are reached through the interface itself. */
int netlink_route_link(int socket, int index, int family, const unsigned char *address, unsigned prefix);

/* The interface answers for this address as if it were its own. */
int netlink_neighbour_proxy(int socket, int index, int family, const unsigned char *address);

/* -ENOENT: it did not answer for it. */
int netlink_neighbour_proxy_delete(int socket, int index, int family, const unsigned char *address);

/* A route to one address that is reached through the interface itself. */
int netlink_route_host(int socket, int index, int family, const unsigned char *address);

/* The same with a metric of one's own, by which it is told from others when it is deleted (-ESRCH: it is not there). */
struct netlink_route { int index, family; const unsigned char *address; unsigned metric; };
int netlink_route_metric(int socket, const struct netlink_route *route);
int netlink_route_metric_delete(int socket, const struct netlink_route *route);

/* ---- many requests at once ---- */

/*
 * Requests that are sent together and waited for once.  Each stands for
 * itself: those behind one that is refused are tried all the same.
 */
struct nlmsghdr;
struct netlink_batch {
	int socket;
	unsigned count;                   /* requests so far: the first has number 0 */
	unsigned waiting;                 /* of them not sent yet */
	int code;                         /* -errno of the first that was refused, or 0 */
	unsigned failed;                  /* its number */
	void (*handle)(const struct nlmsghdr *message, void *data);
	void *data;
	size_t used;
	char bytes[2048] __attribute__((aligned(4)));
};

void netlink_batch_begin(struct netlink_batch *batch, int socket);
void netlink_batch_change(struct netlink_batch *batch, int index, const struct netlink_change *change);
void netlink_batch_address(struct netlink_batch *batch, int index, const struct netlink_address *address);

/* Sends what was added and returns batch->code. */
int netlink_batch_run(struct netlink_batch *batch);

/* ---- asking ---- */

struct netlink_found {
	int index;
	int family;
	unsigned char bytes[16];
	unsigned prefix;
	unsigned scope;                   /* RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RT_SCOPE_HOST */
};

/* Calls `each` for every address of the socket's network namespace. */
int netlink_addresses(int socket, void (*each)(const struct netlink_found *found, void *data), void *data);
