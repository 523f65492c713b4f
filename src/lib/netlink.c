/*
 * rtnetlink requests, one function each.  In lib/ because launch/ makes
 * interfaces with it on both sides of a start, and container/ lists addresses.
 */
#include "lib/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink_request.h"

/* ---- links ---- */

static void bridge_read(const struct nlattr *data, struct netlink_link *facts)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, data) {
		if (mnl_attr_get_type(attribute) == IFLA_BR_VLAN_FILTERING)
			facts->vlan_filtering = mnl_attr_get_u8(attribute) != 0;
		if (mnl_attr_get_type(attribute) == IFLA_BR_VLAN_DEFAULT_PVID)
			facts->default_vlan = mnl_attr_get_u16(attribute);
	}
}

static void kind_read(const struct nlattr *linkinfo, struct netlink_link *facts)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, linkinfo) {
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
			facts->bridge = strncmp(mnl_attr_get_str(attribute), "bridge",
						mnl_attr_get_payload_len(attribute)) == 0;
		if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA && facts->bridge)
			bridge_read(attribute, facts);
	}
}

static void link_read(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct netlink_link *facts = data;
	const struct nlattr *attribute;

	facts->index = info->ifi_index;
	mnl_attr_for_each(attribute, message, sizeof *info) {
		if (mnl_attr_get_type(attribute) == IFLA_MTU)
			facts->mtu = mnl_attr_get_u32(attribute);
		if (mnl_attr_get_type(attribute) == IFLA_ADDRESS &&
		    mnl_attr_get_payload_len(attribute) <= sizeof facts->hardware) {
			facts->hardware_size = mnl_attr_get_payload_len(attribute);
			memcpy(facts->hardware, mnl_attr_get_payload(attribute), facts->hardware_size);
		}
		if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
			kind_read(attribute, facts);
	}
}

static void link_ask(struct request *request, const char *name)
{
	request_begin(request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&request->header, IFLA_IFNAME, name);
}

int netlink_link(int socket, const char *name, struct netlink_link *ret)
{
	struct request request;

	if (strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	link_ask(&request, name);
	return request_run(socket, &request, link_read, ret);
}

int netlink_index(int socket, const char *name)
{
	struct netlink_link facts = { 0 };
	int code = netlink_link(socket, name, &facts);

	return code < 0 ? code : facts.index;
}

int netlink_mtu(int socket, int index)
{
	struct netlink_link facts = { 0 };
	struct request request;
	struct ifinfomsg *info = request_begin(&request, RTM_GETLINK, 0, sizeof *info);
	int code;

	info->ifi_index = index;
	code = request_run(socket, &request, link_read, &facts);
	return code < 0 ? code : (int)facts.mtu;
}

static void put_end(struct nlmsghdr *header, const char *name, const unsigned char *hwaddr, unsigned mtu)
{
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	if (hwaddr)
		mnl_attr_put(header, IFLA_ADDRESS, 6, hwaddr);
	if (mtu > 0)
		mnl_attr_put_u32(header, IFLA_MTU, mtu);
}

static void put_queues(struct nlmsghdr *header, const struct netlink_veth *veth)
{
	if (veth->rx_queues > 0)
		mnl_attr_put_u32(header, IFLA_NUM_RX_QUEUES, veth->rx_queues);
	if (veth->tx_queues > 0)
		mnl_attr_put_u32(header, IFLA_NUM_TX_QUEUES, veth->tx_queues);
}

static void veth_build(struct request *request, const struct netlink_veth *veth)
{
	struct nlattr *info, *data, *peer;

	request_begin(request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, sizeof(struct ifinfomsg));
	put_end(&request->header, veth->host_name, veth->host_hwaddr, veth->mtu);
	put_queues(&request->header, veth);
	info = mnl_attr_nest_start(&request->header, IFLA_LINKINFO);
	mnl_attr_put_str(&request->header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(&request->header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(&request->header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(&request->header, sizeof(struct ifinfomsg));
	put_end(&request->header, veth->peer_name, veth->peer_hwaddr, veth->mtu);
	put_queues(&request->header, veth);
	if (veth->peer > 0)
		mnl_attr_put_u32(&request->header, IFLA_NET_NS_PID, (uint32_t)veth->peer);
	else
		mnl_attr_put_u32(&request->header, IFLA_NET_NS_FD, (uint32_t)veth->namespace);
	mnl_attr_nest_end(&request->header, peer);
	mnl_attr_nest_end(&request->header, data);
	mnl_attr_nest_end(&request->header, info);
}

int netlink_veth_add(int socket, const struct netlink_veth *veth)
{
	struct netlink_link made = { 0 };
	struct netlink_batch batch;
	struct request request;
	int code;

	if (strlen(veth->host_name) >= IFNAMSIZ || strlen(veth->peer_name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	netlink_batch_begin(&batch, socket);
	batch.handle = link_read;
	batch.data = &made;
	veth_build(&request, veth);
	batch_add(&batch, &request);
	link_ask(&request, veth->host_name);
	batch_add(&batch, &request);
	code = netlink_batch_run(&batch);
	return code < 0 ? code : made.index;
}

static void put_options(struct nlmsghdr *header, const struct netlink_child *child)
{
	struct nlattr *data = mnl_attr_nest_start(header, IFLA_INFO_DATA);

	for (size_t i = 0; i < sizeof child->options / sizeof child->options[0]; i++) {
		const struct netlink_option *option = &child->options[i];

		if (option->size == sizeof(uint16_t))
			mnl_attr_put_u16(header, option->type, (uint16_t)option->value);
		else if (option->size == sizeof(uint32_t))
			mnl_attr_put_u32(header, option->type, option->value);
	}
	mnl_attr_nest_end(header, data);
}

int netlink_child_add(int socket, const struct netlink_child *child)
{
	struct request request;
	struct nlattr *info;

	if (strlen(child->name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, sizeof(struct ifinfomsg));
	put_end(&request.header, child->name, child->hwaddr, child->mtu);
	mnl_attr_put_u32(&request.header, IFLA_LINK, (uint32_t)child->link);
	mnl_attr_put_u32(&request.header, IFLA_NET_NS_PID, (uint32_t)child->owner);
	info = mnl_attr_nest_start(&request.header, IFLA_LINKINFO);
	mnl_attr_put_str(&request.header, IFLA_INFO_KIND, child->kind);
	put_options(&request.header, child);
	mnl_attr_nest_end(&request.header, info);
	return request_do(socket, &request);
}

static void put_link_local_off(struct nlmsghdr *header)
{
	struct nlattr *families = mnl_attr_nest_start(header, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(header, AF_INET6);

	mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(header, inet6);
	mnl_attr_nest_end(header, families);
}

static void change_build(struct request *request, int index, const struct netlink_change *change)
{
	struct ifinfomsg *info = request_begin(request, RTM_NEWLINK, NLM_F_ACK, sizeof *info);

	info->ifi_index = index;
	if (change->up) {
		info->ifi_flags = IFF_UP;
		info->ifi_change = IFF_UP;
	}
	if (change->name)
		mnl_attr_put_strz(&request->header, IFLA_IFNAME, change->name);
	if (change->master > 0)
		mnl_attr_put_u32(&request->header, IFLA_MASTER, (uint32_t)change->master);
	if (change->mtu > 0)
		mnl_attr_put_u32(&request->header, IFLA_MTU, change->mtu);
	if (change->hardware)
		mnl_attr_put(&request->header, IFLA_ADDRESS, change->hardware_size, change->hardware);
	if (change->owner > 0)
		mnl_attr_put_u32(&request->header, IFLA_NET_NS_PID, (uint32_t)change->owner);
	if (change->namespace > 0)
		mnl_attr_put_u32(&request->header, IFLA_NET_NS_FD, (uint32_t)change->namespace);
	if (change->link_local_off)
		put_link_local_off(&request->header);
}

int netlink_link_change(int socket, int index, const struct netlink_change *change)
{
	struct request request;

	change_build(&request, index, change);
	return request_do(socket, &request);
}

void netlink_batch_change(struct netlink_batch *batch, int index, const struct netlink_change *change)
{
	struct request request;

	change_build(&request, index, change);
	batch_add(batch, &request);
}

int netlink_link_delete(int socket, int index)
{
	struct request request;
	struct ifinfomsg *info = request_begin(&request, RTM_DELLINK, NLM_F_ACK, sizeof *info);

	info->ifi_index = index;
	return request_do(socket, &request);
}

/* ---- addresses and routes ---- */

static size_t family_size(int family)
{
	return family == AF_INET ? 4 : 16;
}

static void address_build(struct request *request, uint16_t type, int index, const struct netlink_address *address)
{
	uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK : NLM_F_ACK;
	struct ifaddrmsg *message = request_begin(request, type, flags, sizeof *message);
	size_t size = family_size(address->family);

	message->ifa_family = (uint8_t)address->family;
	message->ifa_prefixlen = (uint8_t)address->prefix;
	message->ifa_index = (uint32_t)index;
	mnl_attr_put(&request->header, IFA_LOCAL, size, address->bytes);
	mnl_attr_put(&request->header, IFA_ADDRESS, size, address->bytes);
	if (address->broadcast)
		mnl_attr_put(&request->header, IFA_BROADCAST, 4, address->broadcast);
}

int netlink_address_add(int socket, int index, const struct netlink_address *address)
{
	struct request request;

	address_build(&request, RTM_NEWADDR, index, address);
	return request_do(socket, &request);
}

void netlink_batch_address(struct netlink_batch *batch, int index, const struct netlink_address *address)
{
	struct request request;

	address_build(&request, RTM_NEWADDR, index, address);
	batch_add(batch, &request);
}

int netlink_address_delete(int socket, int index, const struct netlink_address *address)
{
	struct request request;

	address_build(&request, RTM_DELADDR, index, address);
	return request_do(socket, &request);
}

static struct rtmsg *route_begin(struct request *request, uint16_t type, int index, int family)
{
	uint16_t flags = type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK : NLM_F_ACK;
	struct rtmsg *message = request_begin(request, type, flags, sizeof *message);

	message->rtm_family = (uint8_t)family;
	message->rtm_table = RT_TABLE_MAIN;
	message->rtm_protocol = RTPROT_BOOT;
	message->rtm_scope = RT_SCOPE_UNIVERSE;
	message->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(&request->header, RTA_OIF, (uint32_t)index);
	return message;
}

int netlink_route_default(int socket, int index, int family, const unsigned char *gateway)
{
	struct request request;
	struct rtmsg *message = route_begin(&request, RTM_NEWROUTE, index, family);

	if (gateway)
		mnl_attr_put(&request.header, RTA_GATEWAY, family_size(family), gateway);
	else if (family == AF_INET)
		message->rtm_scope = RT_SCOPE_LINK;
	return request_do(socket, &request);
}

struct destination { int index, family; const unsigned char *address; unsigned prefix, metric; };

static int route_request(int socket, uint16_t type, const struct destination *to)
{
	struct request request;
	struct rtmsg *message = route_begin(&request, type, to->index, to->family);

	message->rtm_scope = RT_SCOPE_LINK;
	message->rtm_dst_len = (uint8_t)to->prefix;
	mnl_attr_put(&request.header, RTA_DST, family_size(to->family), to->address);
	if (to->metric > 0)
		mnl_attr_put_u32(&request.header, RTA_PRIORITY, to->metric);
	return request_do(socket, &request);
}

int netlink_route_link(int socket, int index, int family, const unsigned char *address, unsigned prefix)
{
	return route_request(socket, RTM_NEWROUTE, &(struct destination){ index, family, address, prefix, 0 });
}

int netlink_route_metric(int socket, const struct netlink_route *route)
{
	return route_request(socket, RTM_NEWROUTE,
			     &(struct destination){ route->index, route->family, route->address,
						    (unsigned)family_size(route->family) * 8, route->metric });
}

int netlink_route_metric_delete(int socket, const struct netlink_route *route)
{
	return route_request(socket, RTM_DELROUTE,
			     &(struct destination){ route->index, route->family, route->address,
						    (unsigned)family_size(route->family) * 8, route->metric });
}

int netlink_route_host(int socket, int index, int family, const unsigned char *address)
{
	return netlink_route_link(socket, index, family, address, (unsigned)family_size(family) * 8);
}

struct proxy { int index, family; const unsigned char *address; };

static int proxy_request(int socket, uint16_t type, uint16_t flags, const struct proxy *proxy)
{
	struct request request;
	struct ndmsg *message = request_begin(&request, type, flags | NLM_F_ACK, sizeof *message);

	message->ndm_family = (uint8_t)proxy->family;
	message->ndm_ifindex = proxy->index;
	message->ndm_flags = NTF_PROXY;
	message->ndm_state = NUD_PERMANENT;
	mnl_attr_put(&request.header, NDA_DST, family_size(proxy->family), proxy->address);
	return request_do(socket, &request);
}

int netlink_neighbour_proxy(int socket, int index, int family, const unsigned char *address)
{
	return proxy_request(socket, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &(struct proxy){ index, family, address });
}

int netlink_neighbour_proxy_delete(int socket, int index, int family, const unsigned char *address)
{
	return proxy_request(socket, RTM_DELNEIGH, 0, &(struct proxy){ index, family, address });
}

/* ---- asking ---- */

struct listener {
	void (*each)(const struct netlink_found *found, void *data);
	void *data;
};

static void address_read(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct listener *listener = data;
	const struct nlattr *attribute;
	bool have_local = false;
	struct netlink_found found = {
		.index = (int)header->ifa_index, .family = header->ifa_family, .prefix = header->ifa_prefixlen,
		.scope = header->ifa_scope,
	};

	if (message->nlmsg_type != RTM_NEWADDR || (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
		return;
	/* On a point-to-point link IFA_ADDRESS is the other side's and IFA_LOCAL ours. */
	mnl_attr_for_each(attribute, message, sizeof *header) {
		uint16_t type = mnl_attr_get_type(attribute);

		if (mnl_attr_get_payload_len(attribute) != family_size(found.family))
			continue;
		if (type != IFA_LOCAL && (type != IFA_ADDRESS || have_local))
			continue;
		have_local |= type == IFA_LOCAL;
		memcpy(found.bytes, mnl_attr_get_payload(attribute), family_size(found.family));
	}
	listener->each(&found, listener->data);
}

int netlink_addresses(int socket, void (*each)(const struct netlink_found *found, void *data), void *data)
{
	struct listener listener = { each, data };
	struct request request;

	request_begin(&request, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	return request_run(socket, &request, address_read, &listener);
}
