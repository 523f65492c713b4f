/*
 * Linux bridges through rtnetlink(7): making one, the VLANs of its ports, who
 * its ports are.  Sockets and answers as in lib/netlink.h.
 */
#pragma once

#include <stdbool.h>

/* A bridge with this hardware address (6 bytes). */
int netlink_bridge_add(int socket, const char *name, const unsigned char *hwaddr);

/* Makes a port (by index) a member of a VLAN; untagged: frames without a tag belong to it, and leave without one. */
int netlink_port_vlan_add(int socket, int index, unsigned vlan, bool untagged);
int netlink_port_vlan_delete(int socket, int index, unsigned vlan);

struct netlink_port {
	int index;
	const char *name;
	int master;        /* index of the bridge it is a port of; 0: none */
	bool up;
};

/* Calls `each` for every interface of the socket's network namespace. */
int netlink_ports(int socket, void (*each)(const struct netlink_port *port, void *data), void *data);
