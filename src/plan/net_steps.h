/*
 * Arguments of the steps that run hooks and scripts, and of those that make
 * and set up network interfaces; a part of plan/steps.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

struct step_hook {
	const char *type;      /* "pre-start" */
	const char *command;   /* for /bin/sh -c */
	const char *section;   /* "lxc" or "net" */
	const char *extra;     /* further arguments, or NULL */
	unsigned version;      /* lxc.hook.version */
	char *const *environment; /* NAME=VALUE, NULL at the end */
	const struct origin *origin; /* of a script of an interface, whose step has another; else NULL */
};

/* A pair; its inner end is born in init's network namespace as "lxsINDEX". */
struct step_veth {
	unsigned index;            /* of lxc.net.INDEX */
	const char *host_name;     /* NULL: drawn at run time */
	const char *inner;         /* the inner end's name from its birth on; NULL: lxsINDEX, until init names it */
	const char *link;          /* bridge, or NULL */
	const char *hwaddr;        /* of the inner end; NULL: the kernel's choice */
	unsigned mtu;              /* 0: that of the link, else 1500 */
	unsigned rx_queues, tx_queues; /* 0: the kernel's choice */
	const char *vlan;          /* untagged VLAN of the bridge's port: its number, or "none"; NULL: the bridge's default */
	unsigned untagged;         /* that number; 0: none */
	const unsigned *tagged;    /* VLANs whose frames keep their tags */
	size_t tagged_count;
	bool router;               /* no port of a bridge: the host routes to the container's addresses */
	bool forward4, forward6;   /* router: the container has a gateway of this family */
	const struct address *gateway4, *gateway6; /* router: answered for by the host end; NULL: none */
	const struct address *routes; /* on the host, through the pair */
	size_t route_count;
	const char *script_up, *script_down;
	const struct step_hook *up, *down; /* the same as hooks; NULL: none */
};

/* A pair of an ordinary user, made by lxs-user-nic; its inner end is born as "lxsINDEX". */
struct step_net_user {
	unsigned index;            /* of lxc.net.INDEX */
	const char *link;          /* bridge */
	const char *script_up, *script_down;
	const struct step_hook *up, *down; /* the same as hooks; NULL: none */
};

/* The network stack of an ordinary user: an interface of pasta(1) or slirp4netns(1). */
struct step_net_stack {
	unsigned index;            /* of lxc.net.INDEX */
	const char *name;          /* inside */
};

/* macvlan, ipvlan or vlan on an interface of the host, born in init's network namespace as "lxsINDEX". */
struct step_net_child {
	unsigned index;            /* of lxc.net.INDEX */
	const char *type, *link;
	const char *mode;          /* of macvlan and ipvlan */
	const char *isolation;     /* of ipvlan */
	unsigned vlan;             /* of vlan */
	const char *hwaddr;        /* NULL: the kernel's choice */
	unsigned mtu;              /* 0: that of the link */
	const char *script_up, *script_down;
	const struct step_hook *up, *down; /* the same as hooks; NULL: none */
};

/* An interface of the host, lent until the end; in init's network namespace it begins as "lxsINDEX". */
struct step_net_phys {
	unsigned index;            /* of lxc.net.INDEX */
	const char *link;
	const char *hwaddr;        /* NULL: its own */
	unsigned mtu;              /* 0: as it is */
	const char *script_up, *script_down;
	const struct step_hook *up, *down; /* the same as hooks; NULL: none */
};

/* lxc.net.N.l2proxy: the link answers for the container's addresses. */
struct step_net_proxy {
	const char *link;
	bool routes;               /* ipvlan: the host must take the addresses for its own to see packets for them */
	const struct address *addresses;
	size_t count;
};

struct step_net_setup {
	unsigned index;
	const char *name;          /* inside; NULL: eth%d */
	const char *born;          /* the name it has already; NULL: lxsINDEX */
	const char *link;          /* where a gateway `auto` is looked up before init is made */
	const char *hwaddr;        /* of a user's pair, whose maker did not set it; NULL: as it is */
	const char *mtu;           /* the same */
	bool up;
	const struct address *addresses;
	size_t count;
	const struct address *gateway4, *gateway6; /* NULL: none */
	bool gateway4_auto, gateway6_auto, gateway4_device, gateway6_device;
};
