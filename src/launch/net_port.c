/*
 * Ports of bridges.  Apart from net.c because a pair can do without one.
 * Called from there.
 */
#include "launch/net_port.h"

#include <errno.h>
#include <string.h>

#include "launch/net.h"
#include "lib/netlink_bridge.h"

static int no_bridge(const struct step_veth *args, int code, struct error *err)
{
	if (code != -ENODEV)
		return error_set(err, -code, "cannot ask for the bridge %s", args->link);
	error_set(err, 0, "there is no bridge %s", args->link);
	if (strcmp(args->link, "lxsbr0") == 0)
		return error_hint(err, "'lxs-net start' makes it");
	return error_hint(err, "make it, as with 'ip link add %s type bridge' and 'ip link set %s up', or name another one",
			  args->link, args->link);
}

static int vlans_possible(const struct step_veth *args, const struct net_port *port, struct error *err)
{
	if ((!args->vlan && args->tagged_count == 0) || port->bridge.vlan_filtering)
		return 0;
	error_set(err, 0, "the bridge %s does not tell VLANs apart", args->link);
	return error_hint(err, "ip link set %s type bridge vlan_filtering 1", args->link);
}

int net_port_find(const struct step_veth *args, int socket, struct net_port *ret, struct error *err)
{
	struct net_port port = { 0 };
	int code;

	*ret = port;
	if (!args->link)
		return 0;
	code = netlink_link(socket, args->link, &port.bridge);
	if (args->router && code < 0)
		return net_parent_missing(args->link, code, err);
	if (args->router) {
		*ret = port;
		return 0;
	}
	if (code < 0)
		return no_bridge(args, code, err);
	if (!port.bridge.bridge) {
		port.ovs = net_ovs_has(args->link);
		if (!port.ovs) {
			error_set(err, 0, "%s is not a Linux bridge", args->link);
			return error_hint(err, "veth needs a bridge as its link, Linux's or Open vSwitch's (ovs-vsctl)");
		}
	} else if (vlans_possible(args, &port, err) < 0) {
		return -1;
	}
	port.master = port.ovs ? 0 : port.bridge.index;
	*ret = port;
	return 0;
}

static int vlan_refused(const struct step_veth *args, unsigned vlan, int code, struct error *err)
{
	return error_set(err, -code, "the port cannot be a member of VLAN %u of %s", vlan, args->link);
}

/* A new port is an untagged member of the bridge's default VLAN, unless the config says something else. */
static int vlans_set(const struct step_veth *args, const struct net_port *port, int socket, int index, struct error *err)
{
	unsigned initial = port->bridge.default_vlan;
	int code = 0;

	if (args->vlan && initial > 0 && initial != args->untagged)
		code = netlink_port_vlan_delete(socket, index, initial);
	if (code < 0)
		return error_set(err, -code, "the port cannot leave VLAN %u of %s", initial, args->link);
	if (args->untagged > 0)
		code = netlink_port_vlan_add(socket, index, args->untagged, true);
	if (code < 0)
		return vlan_refused(args, args->untagged, code, err);
	for (size_t i = 0; i < args->tagged_count; i++) {
		code = netlink_port_vlan_add(socket, index, args->tagged[i], false);
		if (code < 0)
			return vlan_refused(args, args->tagged[i], code, err);
	}
	return 0;
}

int net_port_attach(struct launch *launch, const struct step_veth *args, const struct net_port *port, int socket,
		    int index, const char *name, struct error *err)
{
	int code;

	if (!port->ovs && port->master == 0)
		return 0;
	/* A kernel without IPv6 says no, rightly. */
	netlink_link_change(socket, index, &(struct netlink_change){ .link_local_off = true });
	if (port->ovs)
		return net_ovs_attach(launch, args, name, err);
	code = netlink_link_change(socket, index, &(struct netlink_change){ .master = port->master });
	if (code < 0)
		return error_set(err, -code, "it cannot become a port of %s", args->link);
	return vlans_set(args, port, socket, index, err);
}
