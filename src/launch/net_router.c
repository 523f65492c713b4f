/*
 * The host's side of a routed pair: routes to the container, forwarding, and
 * answering for the container's gateway.  Apart from net.c because a bridged
 * pair has none of it but routes.  Called from net.c.
 */
#include "launch/net_router.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/netlink.h"
#include "lib/own.h"

static void setting_path(char path[static PATH_MAX], int family, const char *name, const char *setting)
{
	snprintf(path, PATH_MAX, "/proc/sys/net/ipv%d/conf/%s/%s", family == AF_INET ? 4 : 6, name, setting);
}

static int setting_on(int family, const char *name, const char *setting, struct error *err)
{
	char path[PATH_MAX];
	owned_fd fd = -1;

	setting_path(path, family, name, setting);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return error_set(err, errno, "cannot write 1 to %s", path);
	return 0;
}

/* IPv6 has one switch for all interfaces that is not ours to turn: it also stops the host from autoconfiguring. */
static int forwarding6_check(struct error *err)
{
	char value = '0';
	owned_fd fd = open("/proc/sys/net/ipv6/conf/all/forwarding", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "the kernel has no IPv6");
	if (read(fd, &value, 1) == 1 && value != '0')
		return 0;
	error_set(err, 0, "the host does not forward IPv6, which router mode with an IPv6 gateway needs");
	return error_hint(err, "sysctl -w net.ipv6.conf.all.forwarding=1");
}

static int routes_add(const struct step_veth *args, int socket, int index, struct error *err)
{
	for (size_t i = 0; i < args->route_count; i++) {
		const struct address *route = &args->routes[i];
		char text[INET6_ADDRSTRLEN] = "";
		int code = netlink_route_link(socket, index, route->family, route->bytes, route->prefix);

		if (code == 0)
			continue;
		inet_ntop(route->family, route->bytes, text, sizeof text);
		error_set(err, -code, "the host gets no route to %s/%u", text, route->prefix);
		if (code == -EEXIST)
			error_hint(err, "it has another one: see 'ip route show %s/%u'", text, route->prefix);
		if (code == -EINVAL)
			error_hint(err, "are there bits of %s behind the first %u?", text, route->prefix);
		return -1;
	}
	return 0;
}

static int gateway_answer(int socket, int index, const struct address *gateway, struct error *err)
{
	int code = gateway ? netlink_neighbour_proxy(socket, index, gateway->family, gateway->bytes) : 0;

	return code < 0 ? error_set(err, -code, "the host end cannot answer for the gateway") : 0;
}

int net_router_set(const struct step_veth *args, int socket, int index, const char *name, struct error *err)
{
	if (args->forward4 &&
	    (setting_on(AF_INET, name, "forwarding", err) < 0 || gateway_answer(socket, index, args->gateway4, err) < 0))
		return -1;
	if (args->forward6 &&
	    (forwarding6_check(err) < 0 || setting_on(AF_INET6, name, "forwarding", err) < 0 ||
	     setting_on(AF_INET6, name, "proxy_ndp", err) < 0 ||
	     gateway_answer(socket, index, args->gateway6, err) < 0))
		return -1;
	return routes_add(args, socket, index, err);
}
