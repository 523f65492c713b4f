/*
 * The other end of a pair, in whatever network namespace it is.  Apart from
 * netlink.c because only lxs-user-nic asks: it may not enter that namespace.
 */
#include "lib/netlink_peer.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/netlink_request.h"

static void near_read(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	struct netlink_peer *peer = data;

	mnl_attr_for_each(attribute, message, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attribute) == IFLA_LINK)
			peer->index = (int)mnl_attr_get_u32(attribute);
		if (mnl_attr_get_type(attribute) == IFLA_LINK_NETNSID)
			peer->namespace_id = (int)mnl_attr_get_u32(attribute);
	}
}

static void far_read(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	struct netlink_peer *peer = data;

	mnl_attr_for_each(attribute, message, sizeof(struct ifinfomsg)) {
		size_t size = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) != IFLA_IFNAME || size == 0 || size > sizeof peer->name)
			continue;
		memcpy(peer->name, mnl_attr_get_payload(attribute), size);
		peer->name[size - 1] = '\0';
	}
}

int netlink_peer(int socket, int index, struct netlink_peer *ret)
{
	struct netlink_peer peer = { .namespace_id = -1 };
	struct request request;
	struct ifinfomsg *info = request_begin(&request, RTM_GETLINK, 0, sizeof *info);
	int code;

	info->ifi_index = index;
	code = request_run(socket, &request, near_read, &peer);
	if (code < 0)
		return code;
	if (peer.index <= 0 || peer.namespace_id < 0)
		return -ENODEV;
	info = request_begin(&request, RTM_GETLINK, 0, sizeof *info);
	info->ifi_index = peer.index;
	mnl_attr_put_u32(&request.header, IFLA_TARGET_NETNSID, (uint32_t)peer.namespace_id);
	code = request_run(socket, &request, far_read, &peer);
	if (code < 0)
		return code;
	*ret = peer;
	return 0;
}
