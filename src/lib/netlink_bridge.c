/*
 * rtnetlink requests about bridges.  Apart from netlink.c because only veth
 * with VLANs and lxs-net ask for them.
 */
#include "lib/netlink_bridge.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink_request.h"

int netlink_bridge_add(int socket, const char *name, const unsigned char *hwaddr)
{
	struct request request;
	struct nlattr *info;

	if (strlen(name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
	mnl_attr_put(&request.header, IFLA_ADDRESS, 6, hwaddr);
	info = mnl_attr_nest_start(&request.header, IFLA_LINKINFO);
	mnl_attr_put_str(&request.header, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(&request.header, info);
	return request_do(socket, &request);
}

struct membership { int index; unsigned vlan, flags; };

static int vlan_request(int socket, uint16_t type, const struct membership *member)
{
	const struct bridge_vlan_info vlan = { .flags = (uint16_t)member->flags, .vid = (uint16_t)member->vlan };
	struct request request;
	struct ifinfomsg *info = request_begin(&request, type, NLM_F_ACK, sizeof *info);
	struct nlattr *specific;

	info->ifi_family = AF_BRIDGE;
	info->ifi_index = member->index;
	specific = mnl_attr_nest_start(&request.header, IFLA_AF_SPEC);
	mnl_attr_put(&request.header, IFLA_BRIDGE_VLAN_INFO, sizeof vlan, &vlan);
	mnl_attr_nest_end(&request.header, specific);
	return request_do(socket, &request);
}

int netlink_port_vlan_add(int socket, int index, unsigned vlan, bool untagged)
{
	unsigned flags = untagged ? BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED : 0;

	return vlan_request(socket, RTM_SETLINK, &(struct membership){ index, vlan, flags });
}

int netlink_port_vlan_delete(int socket, int index, unsigned vlan)
{
	return vlan_request(socket, RTM_DELLINK, &(struct membership){ index, vlan, 0 });
}

/* ---- asking ---- */

struct listener {
	void (*each)(const struct netlink_port *port, void *data);
	void *data;
};

static void port_read(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct listener *listener = data;
	struct netlink_port port = { .index = info->ifi_index, .up = info->ifi_flags & IFF_UP };
	const struct nlattr *attribute;

	if (message->nlmsg_type != RTM_NEWLINK)
		return;
	mnl_attr_for_each(attribute, message, sizeof *info) {
		if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
			port.name = mnl_attr_get_str(attribute);
		if (mnl_attr_get_type(attribute) == IFLA_MASTER)
			port.master = (int)mnl_attr_get_u32(attribute);
	}
	if (port.name)
		listener->each(&port, listener->data);
}

int netlink_ports(int socket, void (*each)(const struct netlink_port *port, void *data), void *data)
{
	struct listener listener = { each, data };
	struct request request;

	request_begin(&request, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	return request_run(socket, &request, port_read, &listener);
}
