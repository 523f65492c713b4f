/*
 * The network of an ordinary user's container: a pair, which lxs-user-nic makes
 * as root allows in lxs-usernet, or a stack of the user's own (type user).
 * Apart from net.c because both are less than root has: the rest is refused.
 */
#include "plan/net.h"

#include <string.h>

/* The helper makes a port of a bridge, with the bridge's MTU and a name of its own. */
static int extras_refuse(const struct net *net, struct error *err)
{
	static const char *const keys[] = {
		"lxc.net.N.veth.pair", "lxc.net.N.veth.ipv4.route", "lxc.net.N.veth.ipv6.route",
		"lxc.net.N.veth.n_rxqueues", "lxc.net.N.veth.n_txqueues", "lxc.net.N.veth.vlan.id",
		"lxc.net.N.veth.vlan.tagged.id", "lxc.net.N.l2proxy", "lxc.net.N.veth.mode",
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct value *value = net_value(net, keys[i]);

		if (!value || strcmp(value->text, "0") == 0 || strcmp(value->text, "bridge") == 0)
			continue;
		error_set(err, 0, "lxc.net.%u.%s is for containers of root only", net_index(net),
			  keys[i] + strlen("lxc.net.N."));
		error_asked_by(err, value->origin);
		return error_hint(err, "remove the line, or start the container as root");
	}
	return 0;
}

int net_user_plan(struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *link = net_value(net, "lxc.net.N.link"), *type = net_value(net, "lxc.net.N.type");
	struct step_net_user *step;

	if (!link) {
		error_set(err, 0, "a veth of an ordinary user needs a link");
		error_asked_by(err, type->origin);
		return error_hint(err, "add 'lxc.net.%u.link = BRIDGE', one that lxs-usernet gives you", net_index(net));
	}
	if (extras_refuse(net, err) < 0)
		return -1;
	step = plan_add(planner->plan, STEP_NET_USER, link->origin);
	step->index = net_index(net);
	step->link = link->text;
	step->script_up = net_text(net, "lxc.net.N.script.up");
	step->script_down = net_text(net, "lxc.net.N.script.down");
	step->up = net_script_plan(planner, net, "up", step->script_up);
	step->down = net_script_plan(planner, net, "down", step->script_down);
	return 0;
}

void net_user_setup(const struct net *net, struct step_net_setup *step)
{
	step->hwaddr = net_text(net, "lxc.net.N.hwaddr");
	step->mtu = net_text(net, "lxc.net.N.mtu");
}

/* All but the name is pasta's to set, out of what the host has. */
int net_stack_plan(struct planner *planner, const struct net *net, struct error *err)
{
	static const char *const keys[] = {
		"lxc.net.N.link", "lxc.net.N.hwaddr", "lxc.net.N.mtu", "lxc.net.N.ipv4.address", "lxc.net.N.ipv4.gateway",
		"lxc.net.N.ipv6.address", "lxc.net.N.ipv6.gateway", "lxc.net.N.script.up", "lxc.net.N.script.down",
		"lxc.net.N.l2proxy",
	};
	const char *name = net_text(net, "lxc.net.N.name");
	struct step_net_stack *step;

	if (planner->host->uid == 0) {
		error_set(err, 0, "type user is for containers of ordinary users");
		error_asked_by(err, net_value(net, "lxc.net.N.type")->origin);
		return error_hint(err, "use 'lxc.net.%u.type = veth'", net_index(net));
	}
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct value *value = net_value(net, keys[i]);

		if (!value)
			continue;
		error_set(err, 0, "lxc.net.%u.%s cannot be set with type user", net_index(net),
			  keys[i] + strlen("lxc.net.N."));
		error_asked_by(err, value->origin);
		return error_hint(err, "remove the line: the container gets the addresses that the host has");
	}
	step = plan_add(planner->plan, STEP_NET_STACK, net_value(net, "lxc.net.N.type")->origin);
	step->index = net_index(net);
	step->name = name ? name : arena_printf(planner->plan->arena, "eth%u", net_index(net));
	return 0;
}
