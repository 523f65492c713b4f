/*
 * Pairs that are routed rather than bridged, the VLANs of those that are
 * bridged, and the routes the host gets towards a container.  Apart from net.c because none of it is needed for the
 * interface itself.
 */
#include "plan/net.h"

#include <string.h>
#include <sys/socket.h>

/* A list of addresses in a step; `prefix` 0: each has its own. */
struct address_list { const struct address **items; size_t *count; unsigned prefix; };

static void addresses_add(struct planner *planner, const struct net *net, const char *key,
			  const struct address_list *list)
{
	const struct values *values = net_values(net, key);
	struct address *items = (struct address *)*list->items;

	for (size_t i = 0; i < values->count; i++) {
		items = arena_append(planner->plan->arena, items, list->count, sizeof *items);
		items[*list->count - 1] = values->items[i].address;
		if (list->prefix > 0)
			items[*list->count - 1].prefix = list->prefix;
	}
	*list->items = items;
}

static void routes_add(struct planner *planner, const struct net *net, const char *key, unsigned prefix,
		       struct step_veth *step)
{
	addresses_add(planner, net, key, &(struct address_list){ &step->routes, &step->route_count, prefix });
}

static unsigned number_of(const struct net *net, const char *key)
{
	const struct value *value = net_value(net, key);

	return value && value->number > 0 ? (unsigned)value->number : 0;
}

/* NULL for `auto` and `dev`, which name no address that somebody must answer for. */
static const struct address *gateway_address(const struct value *gateway)
{
	return gateway && gateway->address.family != AF_UNSPEC ? &gateway->address : NULL;
}

static int vlan_refuse(const struct net *net, const struct value *value, const char *why, struct error *err)
{
	error_set(err, 0, "lxc.net.%u.veth.vlan: %s", net_index(net), why);
	error_asked_by(err, value->origin);
	return error_hint(err, "VLANs are those of a bridge's port: mode bridge, a link, and numbers from 1 to 4094, each once");
}

static int vlans_check(const struct net *net, const struct value *untagged, const struct values *tagged, struct error *err)
{
	const char *mode = net_text(net, "lxc.net.N.veth.mode");
	const struct value *any = untagged ? untagged : tagged->items;

	if (mode && strcmp(mode, "router") == 0)
		return vlan_refuse(net, any, "a routed pair is no port of a bridge", err);
	if (!net_text(net, "lxc.net.N.link"))
		return vlan_refuse(net, any, "there is no link to be a port of", err);
	if (untagged && untagged->number == 0)
		return vlan_refuse(net, untagged, "there is no VLAN 0", err);
	for (size_t i = 0; i < tagged->count; i++) {
		if (tagged->items[i].number == 0)
			return vlan_refuse(net, &tagged->items[i], "there is no VLAN 0", err);
		if (untagged && untagged->number == tagged->items[i].number)
			return vlan_refuse(net, &tagged->items[i], "one VLAN cannot be tagged and untagged", err);
	}
	return 0;
}

int net_vlans_plan(struct planner *planner, const struct net *net, struct step_veth *step, struct error *err)
{
	const struct values *tagged = net_values(net, "lxc.net.N.veth.vlan.tagged.id");
	const struct value *untagged = net_value(net, "lxc.net.N.veth.vlan.id");
	unsigned *items = NULL;

	if (!untagged && tagged->count == 0)
		return 0;
	if (vlans_check(net, untagged, tagged, err) < 0)
		return -1;
	if (untagged) {
		step->untagged = untagged->number > 0 ? (unsigned)untagged->number : 0;
		step->vlan = step->untagged > 0 ? arena_printf(planner->plan->arena, "%u", step->untagged) : "none";
	}
	for (size_t i = 0; i < tagged->count; i++) {
		items = arena_append(planner->plan->arena, items, &step->tagged_count, sizeof *items);
		items[step->tagged_count - 1] = (unsigned)tagged->items[i].number;
	}
	step->tagged = items;
	return 0;
}

void net_router_plan(struct planner *planner, const struct net *net, struct step_veth *step)
{
	const struct value *gateway4 = net_value(net, "lxc.net.N.ipv4.gateway");
	const struct value *gateway6 = net_value(net, "lxc.net.N.ipv6.gateway");
	const char *mode = net_text(net, "lxc.net.N.veth.mode");

	step->rx_queues = number_of(net, "lxc.net.N.veth.n_rxqueues");
	step->tx_queues = number_of(net, "lxc.net.N.veth.n_txqueues");
	step->router = mode && strcmp(mode, "router") == 0;
	if (step->router) {
		step->forward4 = gateway4 != NULL;
		step->forward6 = gateway6 != NULL;
		step->gateway4 = gateway_address(gateway4);
		step->gateway6 = gateway_address(gateway6);
		routes_add(planner, net, "lxc.net.N.ipv4.address", 32, step);
		routes_add(planner, net, "lxc.net.N.ipv6.address", 128, step);
	}
	routes_add(planner, net, "lxc.net.N.veth.ipv4.route", 0, step);
	routes_add(planner, net, "lxc.net.N.veth.ipv6.route", 0, step);
}

static int proxy_check(const struct net *net, const struct value *proxy, const char *type, struct error *err)
{
	const char *mode = net_text(net, "lxc.net.N.ipvlan.mode");
	unsigned index = net_index(net);

	if (strcmp(type, "phys") == 0) {
		error_set(err, 0, "lxc.net.%u.l2proxy: the link of a phys interface is not on the host to answer", index);
		error_asked_by(err, proxy->origin);
		return error_hint(err, "use type veth with 'lxc.net.%u.veth.mode = router'", index);
	}
	if (strcmp(type, "ipvlan") != 0 || (mode && strcmp(mode, "l3s") == 0))
		return 0;
	error_set(err, 0, "lxc.net.%u.l2proxy of an ipvlan needs mode l3s, in which the host sees its packets", index);
	error_asked_by(err, proxy->origin);
	return error_hint(err, "add 'lxc.net.%u.ipvlan.mode = l3s'", index);
}

int net_proxy_plan(struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *proxy = net_value(net, "lxc.net.N.l2proxy");
	const char *link = net_text(net, "lxc.net.N.link"), *type = net_text(net, "lxc.net.N.type");
	struct step_net_proxy *step;

	/* Without a link it means nothing, as in LXC. */
	if (!proxy || proxy->number == 0 || !link)
		return 0;
	if (proxy_check(net, proxy, type, err) < 0)
		return -1;
	step = plan_add(planner->plan, STEP_NET_PROXY, proxy->origin);
	step->link = link;
	step->routes = strcmp(type, "ipvlan") == 0;
	addresses_add(planner, net, "lxc.net.N.ipv4.address",
		      &(struct address_list){ &step->addresses, &step->count, 32 });
	addresses_add(planner, net, "lxc.net.N.ipv6.address",
		      &(struct address_list){ &step->addresses, &step->count, 128 });
	return 0;
}
