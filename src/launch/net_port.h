/*
 * The host end of a pair as a port of a bridge: Linux's or Open vSwitch's.
 */
#pragma once

#include "launch/launch.h"
#include "lib/netlink.h"

struct net_port {
	int master;                /* index of a Linux bridge; 0: none */
	bool ovs;                  /* a port of an Open vSwitch bridge */
	struct netlink_link bridge; /* args->link, whatever it is */
};

/* What args->link is; an error when no port can be made of it. */
int net_port_find(const struct step_veth *args, int socket, struct net_port *ret, struct error *err);

/* Makes the interface a port, with its VLANs. */
int net_port_attach(struct launch *launch, const struct step_veth *args, const struct net_port *port, int socket,
		    int index, const char *name, struct error *err);

/* launch/net_ovs.c: whether Open vSwitch has a bridge of that name; false also when it is not installed. */
bool net_ovs_has(const char *bridge);

/* Makes `name` a port of args->link, with its VLANs; noted in the journal. */
int net_ovs_attach(struct launch *launch, const struct step_veth *args, const char *name, struct error *err);
