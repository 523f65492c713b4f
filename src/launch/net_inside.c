/*
 * The container side of interfaces: names, addresses, routes, loopback.  Apart
 * from net.c because nothing here may allocate.  Called from the table.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/net.h"
#include "lib/netlink.h"
#include "lib/own.h"

static const char *address_text(const struct address *address, char text[static INET6_ADDRSTRLEN])
{
	const char *done = inet_ntop(address->family, address->bytes, text, INET6_ADDRSTRLEN);

	return done ? done : "?";
}

static void address_put(struct netlink_batch *batch, int index, const struct address *from)
{
	struct netlink_address address = {
		.family = from->family, .prefix = from->prefix,
		.broadcast = from->has_broadcast ? from->broadcast : NULL,
	};

	memcpy(address.bytes, from->bytes, sizeof address.bytes);
	netlink_batch_address(batch, index, &address);
}

static bool is_unreachable(int code)
{
	return code == -ENETUNREACH || code == -EHOSTUNREACH || code == -EINVAL;
}

/* A gateway outside of all networks is made reachable by a route of its own, as LXC does. */
static int gateway_add(struct inside *inside, int socket, int index, int family, const struct address *gateway)
{
	const unsigned char *bytes = gateway ? gateway->bytes : NULL;
	int code = netlink_route_default(socket, index, family, bytes);
	char text[INET6_ADDRSTRLEN];

	if (bytes && is_unreachable(code)) {
		netlink_route_host(socket, index, family, bytes);
		code = netlink_route_default(socket, index, family, bytes);
	}
	if (code < 0)
		return inside_fail(inside, -code, "the IPv%d gateway %s", family == AF_INET ? 4 : 6,
				   gateway ? address_text(gateway, text) : "dev");
	return 0;
}

/* What was asked for in the batch below, by its number; `first` is that of the first address. */
static int refused(struct inside *inside, const struct step_net_setup *args, const struct netlink_batch *batch,
		   unsigned first, const char *name)
{
	char text[INET6_ADDRSTRLEN];

	if (batch->failed < first)
		return inside_fail(inside, -batch->code, "the name %s%s", name,
				   args->mtu || args->hwaddr ? ", its MTU or hwaddr" : "");
	if (batch->failed - first >= args->count)
		return batch->code;
	return inside_fail(inside, -batch->code, "the address %s/%u",
			   address_text(&args->addresses[batch->failed - first], text),
			   args->addresses[batch->failed - first].prefix);
}

/* Name, addresses and up: one round trip. */
static int interface_set(struct inside *inside, const struct step_net_setup *args, int socket)
{
	struct netlink_change change = { .name = args->born ? NULL : args->name ? args->name : "eth%d" };
	unsigned char hwaddr[6];
	struct netlink_batch batch;
	char name[IFNAMSIZ];
	unsigned first;
	int index, code;

	snprintf(name, sizeof name, "lxs%u", args->index);
	index = netlink_index(socket, args->born ? args->born : name);
	if (index < 0)
		return index;
	if (args->mtu)
		change.mtu = (unsigned)strtoul(args->mtu, NULL, 10);
	if (net_hwaddr_read(args->hwaddr, hwaddr)) {
		change.hardware = hwaddr;
		change.hardware_size = sizeof hwaddr;
	}
	netlink_batch_begin(&batch, socket);
	if (!args->born || change.mtu || change.hardware)
		netlink_batch_change(&batch, index, &change);
	first = batch.count;
	for (size_t i = 0; i < args->count; i++)
		address_put(&batch, index, &args->addresses[i]);
	if (args->up)
		netlink_batch_change(&batch, index, &(struct netlink_change){ .up = true });
	code = netlink_batch_run(&batch);
	if (code < 0)
		return refused(inside, args, &batch, first, change.name ? change.name : args->born);
	if (args->gateway4 || args->gateway4_device)
		code = gateway_add(inside, socket, index, AF_INET, args->gateway4);
	if (code == 0 && (args->gateway6 || args->gateway6_device))
		code = gateway_add(inside, socket, index, AF_INET6, args->gateway6);
	return code;
}

int inside_net(struct inside *inside, const struct step *step)
{
	owned_fd socket = netlink_open();

	return socket < 0 ? socket : interface_set(inside, step->args, socket);
}
