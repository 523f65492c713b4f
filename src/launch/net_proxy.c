/*
 * lxc.net.N.l2proxy: an interface of the host answers for the addresses of a
 * container.  Apart from net_router.c because it changes an interface that
 * stays, so the journal has to know.  Called from the table and by
 * journal_undo().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/journal.h"
#include "launch/net.h"
#include "lib/netlink.h"
#include "lib/own.h"

/* It is the admin's interface: what it must be set to is said, not done. */
static int setting_check(const char *link, int family, const char *setting, struct error *err)
{
	int version = family == AF_INET ? 4 : 6;
	char path[PATH_MAX], value = '0';
	owned_fd fd = -1;

	snprintf(path, sizeof path, "/proc/sys/net/ipv%d/conf/%s/%s", version, link, setting);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &value, 1) != 1)
		return error_set(err, errno, "cannot read %s", path);
	if (value != '0')
		return 0;
	error_set(err, 0, "l2proxy needs %s of IPv%d on %s", setting, version, link);
	return error_hint(err, "sysctl -w net/ipv%d/conf/%s/%s=1", version, link, setting);
}

static int settings_check(const char *link, int family, struct error *err)
{
	if (setting_check(link, family, "forwarding", err) < 0)
		return -1;
	return family == AF_INET6 ? setting_check(link, family, "proxy_ndp", err) : 0;
}

static int address_answer(struct launch *launch, const char *link, const struct address *address, struct error *err)
{
	owned_fd socket = netlink_open();
	char text[INET6_ADDRSTRLEN] = "";
	int index = socket < 0 ? socket : netlink_index(socket, link), code;

	if (index < 0)
		return net_parent_missing(link, index, err);
	inet_ntop(address->family, address->bytes, text, sizeof text);
	if (settings_check(link, address->family, err) < 0 ||
	    journal_add(launch->run, "link-proxy", (const char *const[]){ link, text, NULL }, err) < 0)
		return -1;
	code = netlink_neighbour_proxy(socket, index, address->family, address->bytes);
	return code < 0 ? error_set(err, -code, "%s cannot answer for %s", link, text) : 0;
}

/*
 * In mode l3s the host's own routing decides what is for the ipvlan: it must
 * take the address for a local one.  The metric is init's pid, so that what is
 * undone is this container's route and no other's.
 */
static int address_take(struct launch *launch, const struct address *address, struct error *err)
{
	owned_fd socket = netlink_open();
	char text[INET6_ADDRSTRLEN] = "", metric[16];
	struct netlink_route route = { .family = address->family, .address = address->bytes, .metric = (unsigned)launch->init };
	int code;

	route.index = socket < 0 ? socket : netlink_index(socket, "lo");
	if (route.index < 0)
		return error_set(err, -route.index, "cannot ask for the loopback interface");
	snprintf(metric, sizeof metric, "%u", route.metric);
	inet_ntop(address->family, address->bytes, text, sizeof text);
	if (journal_add(launch->run, "link-route", (const char *const[]){ "lo", text, metric, NULL }, err) < 0)
		return -1;
	code = netlink_route_metric(socket, &route);
	return code < 0 ? error_set(err, -code, "the host gets no route to %s", text) : 0;
}

int launch_net_proxy(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_net_proxy *args = step->args;
	owned_error why = ERROR_INIT;

	for (size_t i = 0; i < args->count; i++)
		if (address_answer(launch, args->link, &args->addresses[i], &why) < 0 ||
		    (args->routes && address_take(launch, &args->addresses[i], &why) < 0))
			return net_report(step, &why, err);
	return 0;
}

/* The arguments LINK ADDRESS of a line in the journal: the index and the family, bytes filled; or -errno. */
static int address_find(char *const *arguments, int socket, struct netlink_route *ret, unsigned char bytes[static 16])
{
	*ret = (struct netlink_route){ .family = strchr(arguments[1], ':') ? AF_INET6 : AF_INET, .address = bytes };
	if (inet_pton(ret->family, arguments[1], bytes) != 1)
		return -EINVAL;
	ret->index = socket < 0 ? socket : netlink_index(socket, arguments[0]);
	return ret->index;
}

int launch_net_undo_proxy(char *const *arguments, size_t count, struct error *err)
{
	owned_fd socket = netlink_open();
	struct netlink_route route;
	unsigned char bytes[16];
	int code = count == 2 ? address_find(arguments, socket, &route, bytes) : -EINVAL;

	if (code == -EINVAL)
		return error_set(err, EINVAL, "bad link-proxy line in the journal");
	if (code > 0)
		code = netlink_neighbour_proxy_delete(socket, route.index, route.family, bytes);
	if (code == 0 || code == -ENODEV || code == -ENOENT)
		return 0;
	return error_set(err, -code, "%s still answers for %s", arguments[0], arguments[1]);
}

int launch_net_undo_route(char *const *arguments, size_t count, struct error *err)
{
	owned_fd socket = netlink_open();
	struct netlink_route route;
	unsigned char bytes[16];
	int code = count == 3 ? address_find(arguments, socket, &route, bytes) : -EINVAL;

	if (code == -EINVAL)
		return error_set(err, EINVAL, "bad link-route line in the journal");
	route.metric = (unsigned)strtoul(arguments[2], NULL, 10);
	if (code > 0)
		code = netlink_route_metric_delete(socket, &route);
	if (code == 0 || code == -ESRCH)
		return 0;
	return error_set(err, -code, "the host still has a route to %s", arguments[1]);
}
