/*
 * The host side of interfaces: makes veth pairs, attaches them to their bridge,
 * runs the scripts, and takes all back.  A pair is first made under a random
 * name that the journal knows ("link-name"); from then on its index stands for
 * it ("link"), so that an interface of somebody else that has the wanted name
 * is never removed.  Called from the table and by journal_undo().
 */
#include "launch/net.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "control/journal.h"
#include "launch/net_port.h"
#include "launch/net_router.h"
#include "launch/net_script.h"
#include "lib/host_end.h"
#include "lib/netlink.h"
#include "lib/own.h"

enum { DRAWS = 16, DEFAULT_MTU = 1500 };

static int name_draw(char name[static IFNAMSIZ])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char dice[6];

	if (getrandom(dice, sizeof dice, 0) != sizeof dice)
		return -errno;
	memcpy(name, "veth", 4);
	for (size_t i = 0; i < sizeof dice; i++)
		name[4 + i] = letters[dice[i] % (sizeof letters - 1)];
	name[4 + sizeof dice] = '\0';
	return 0;
}

bool net_hwaddr_read(const char *text, unsigned char bytes[static 6])
{
	unsigned pairs[6];

	if (!text || sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &pairs[0], &pairs[1], &pairs[2], &pairs[3], &pairs[4],
			    &pairs[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		bytes[i] = (unsigned char)pairs[i];
	return true;
}

/* Makes the pair; *index is that of the host end, whose random name is in `name`. */
static int pair_make(struct launch *launch, const struct step_veth *args, int socket, unsigned mtu,
		     char name[static IFNAMSIZ], struct error *err)
{
	unsigned char ours[6], theirs[6];
	char inner[IFNAMSIZ];
	struct netlink_veth veth = {
		.host_name = name, .host_hwaddr = ours, .peer_name = inner, .mtu = mtu, .peer = launch->init,
		.rx_queues = args->rx_queues, .tx_queues = args->tx_queues,
	};
	int code = -EEXIST;

	if (args->inner)
		snprintf(inner, sizeof inner, "%s", args->inner);
	else
		snprintf(inner, sizeof inner, "lxs%u", args->index);
	if (net_hwaddr_read(args->hwaddr, theirs))
		veth.peer_hwaddr = theirs;
	/* A bridge takes the lowest address of its ports as its own: ours must never be that. */
	if (getrandom(ours, sizeof ours, 0) != sizeof ours)
		return error_set(err, errno, "no random numbers");
	ours[0] = 0xfe;
	for (int i = 0; i < DRAWS && code == -EEXIST; i++) {
		code = name_draw(name);
		if (code == 0 &&
		    journal_add(launch->run, "link-name", (const char *const[]){ name, NULL }, err) < 0)
			return -1;
		if (code == 0)
			code = netlink_veth_add(socket, &veth);
	}
	if (code == -EEXIST && args->inner)
		return error_set(err, 0, "the container already has an interface %s", args->inner);
	return code < 0 ? error_set(err, -code, "the kernel makes no veth pair") : code;
}

static int pair_rename(const struct step_veth *args, int socket, int index, char name[static IFNAMSIZ], struct error *err)
{
	int code;

	if (!args->host_name)
		return 0;
	code = netlink_link_change(socket, index, &(struct netlink_change){ .name = args->host_name });
	if (code == -EEXIST)
		return error_set(err, 0, "the host already has an interface %s", args->host_name);
	if (code < 0)
		return error_set(err, -code, "it cannot be named %s", args->host_name);
	snprintf(name, IFNAMSIZ, "%s", args->host_name);
	return 0;
}

static int pair_up(int socket, int index, struct error *err)
{
	int code = netlink_link_change(socket, index, &(struct netlink_change){ .up = true });

	return code < 0 ? error_set(err, -code, "it cannot be brought up") : 0;
}

/* Without a bridge the host itself hears what comes out. */
static int pair_distrust(const struct net_port *port, const char *name, struct error *err)
{
	int code = port->ovs || port->master > 0 ? 0 : host_end_distrust(name);

	if (code == 0)
		return 0;
	error_set(err, -code, "the host cannot be kept from believing routers behind %s", name);
	return error_hint(err, HOST_END_REMEDY);
}

/* The wanted name, the bridge, and up: where it can be in one request, in which the kernel keeps this order. */
static int pair_attach(struct launch *launch, const struct step_veth *args, const struct net_port *port, int socket,
		       int index, char name[static IFNAMSIZ], struct error *err)
{
	const struct netlink_change change = {
		.name = args->host_name, .master = port->master, .link_local_off = port->master > 0, .up = true,
	};

	if (!port->ovs && !args->vlan && args->tagged_count == 0 && netlink_link_change(socket, index, &change) == 0) {
		if (args->host_name)
			snprintf(name, IFNAMSIZ, "%s", args->host_name);
		return 0;
	}
	/* One by one, and what is refused can be told. */
	if (pair_rename(args, socket, index, name, err) < 0 ||
	    net_port_attach(launch, args, port, socket, index, name, err) < 0)
		return -1;
	return pair_up(socket, index, err);
}

static unsigned mtu_choose(const struct step_veth *args, const struct net_port *port)
{
	return args->mtu > 0 ? args->mtu : port->bridge.mtu > 0 ? port->bridge.mtu : DEFAULT_MTU;
}

/* For run state: "veth NAME" a line. */
void net_interface_note(struct launch *launch, const char *name)
{
	char *before = launch->state.interfaces, *text = NULL;

	if (asprintf(&text, "%s%sveth %s", before ? before : "", before ? "\n" : "", name) < 0)
		return;
	free(before);
	launch->state.interfaces = text;
}

static int veth_make(struct launch *launch, const struct step_veth *args, struct error *err)
{
	owned_fd socket = netlink_open();
	char name[IFNAMSIZ], number[16];
	struct net_port port;
	int index;

	if (socket < 0)
		return error_set(err, -socket, "no netlink socket");
	if (net_port_find(args, socket, &port, err) < 0)
		return -1;
	index = pair_make(launch, args, socket, mtu_choose(args, &port), name, err);
	if (index < 0)
		return -1;
	snprintf(number, sizeof number, "%d", index);
	if (journal_add(launch->run, "link", (const char *const[]){ number, NULL }, err) < 0 ||
	    pair_distrust(&port, name, err) < 0 || pair_attach(launch, args, &port, socket, index, name, err) < 0)
		return -1;
	net_interface_note(launch, name);
	if (net_router_set(args, socket, index, name, err) < 0)
		return -1;
	return net_scripts(launch, &(struct net_scripts){ "veth", args->link, name, args->up, args->down }, err);
}

int net_report(const struct step *step, struct error *why, struct error *err)
{
	char trying[512];

	error_add(why, "cannot %s", launch_describe(step, trying, sizeof trying));
	error_asked_by(why, step->origin);
	return error_move(err, why);
}

int launch_veth(struct launch *launch, const struct step *step, struct error *err)
{
	owned_error why = ERROR_INIT;

	return veth_make(launch, step->args, &why) == 0 ? 0 : net_report(step, &why, err);
}

/* ---- gateway auto ---- */

struct gateway_search {
	int index, family;
	struct address *found;
};

static void gateway_take(const struct netlink_found *found, void *data)
{
	struct gateway_search *search = data;

	if (search->found->family || found->index != search->index || found->family != search->family ||
	    found->scope != RT_SCOPE_UNIVERSE)
		return;
	search->found->family = found->family;
	memcpy(search->found->bytes, found->bytes, sizeof search->found->bytes);
}

static int gateway_find(struct launch *launch, const struct step_net_setup *args, int family,
			const struct address **ret, struct error *err)
{
	struct address *address = arena_alloc(launch->plan->arena, sizeof *address);
	struct gateway_search search = { .family = family, .found = address };
	owned_fd socket = netlink_open();
	int code;

	if (socket < 0)
		return error_set(err, -socket, "no netlink socket");
	search.index = netlink_index(socket, args->link);
	if (search.index < 0)
		return error_set(err, -search.index, "there is no interface %s", args->link);
	code = netlink_addresses(socket, gateway_take, &search);
	if (code < 0)
		return error_set(err, -code, "cannot read the addresses of %s", args->link);
	if (!address->family) {
		error_set(err, 0, "%s has no IPv%d address that could be the gateway", args->link,
			  family == AF_INET ? 4 : 6);
		return error_hint(err, "give the bridge an address, or write the gateway's");
	}
	*ret = address;
	return 0;
}

/* On the host side, before init is made: what the step needs to know is in its copy of the plan then. */
int launch_net_prepare(struct launch *launch, const struct step *step, struct error *err)
{
	struct step_net_setup *args = (struct step_net_setup *)step->args;

	if (args->gateway4_auto && gateway_find(launch, args, AF_INET, &args->gateway4, err) < 0)
		return error_asked_by(err, step->origin);
	if (args->gateway6_auto && gateway_find(launch, args, AF_INET6, &args->gateway6, err) < 0)
		return error_asked_by(err, step->origin);
	return 0;
}

/* ---- undoing ---- */

static int link_delete(const char *name, int index)
{
	owned_fd socket = netlink_open();
	int code;

	if (socket < 0)
		return socket;
	if (name)
		index = netlink_index(socket, name);
	code = index < 0 ? index : netlink_link_delete(socket, index);
	return code == -ENODEV ? 0 : code;
}

int launch_net_undo_name(char *const *arguments, size_t count, struct error *err)
{
	int code = count == 1 ? link_delete(arguments[0], 0) : -EINVAL;

	return code < 0 ? error_set(err, -code, "cannot remove the interface %s", arguments[0]) : 0;
}

int launch_net_undo_link(char *const *arguments, size_t count, struct error *err)
{
	int code = count == 1 ? link_delete(NULL, (int)strtol(arguments[0], NULL, 10)) : -EINVAL;

	return code < 0 ? error_set(err, -code, "cannot remove the interface with index %s", arguments[0]) : 0;
}
