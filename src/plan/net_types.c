/*
 * Interfaces that take one of the host's: macvlan, ipvlan, vlan and phys.  Apart
 * from net.c because each type has keys of its own and rules for them.
 */
#include "plan/net.h"

#include <string.h>

enum { VLAN_LAST = 4094 };

static bool is_type(const struct net *net, const char *type)
{
	const char *text = net_text(net, "lxc.net.N.type");

	return text && strcmp(text, type) == 0;
}

bool net_types_has(const struct net *net)
{
	return is_type(net, "macvlan") || is_type(net, "ipvlan") || is_type(net, "vlan") || is_type(net, "phys");
}

static int types_check(const struct net *net, struct error *err)
{
	const struct value *type = net_value(net, "lxc.net.N.type"), *link = net_value(net, "lxc.net.N.link");
	const struct value *hwaddr = net_value(net, "lxc.net.N.hwaddr"), *vlan = net_value(net, "lxc.net.N.vlan.id");

	if (!link) {
		error_set(err, 0, "lxc.net.%u.type = %s needs a link", net_index(net), type->text);
		error_asked_by(err, type->origin);
		return error_hint(err, "add 'lxc.net.%u.link = INTERFACE', one of the host's", net_index(net));
	}
	if (hwaddr && is_type(net, "ipvlan")) {
		error_set(err, 0, "lxc.net.%u.hwaddr cannot be set: an ipvlan has the address of its link", net_index(net));
		error_asked_by(err, hwaddr->origin);
		return error_hint(err, "leave the line out, or use type macvlan");
	}
	if (is_type(net, "vlan") && (!vlan || vlan->number < 1 || vlan->number > VLAN_LAST)) {
		error_set(err, 0, "lxc.net.%u.vlan.id must be from 1 to %d", net_index(net), VLAN_LAST);
		error_asked_by(err, vlan ? vlan->origin : type->origin);
		return error_hint(err, "write 'lxc.net.%u.vlan.id = NUMBER' after the type", net_index(net));
	}
	return 0;
}

static const char *word(const struct net *net, const char *key, const char *otherwise)
{
	const char *text = net_text(net, key);

	return text ? text : otherwise;
}

static void modes_set(const struct net *net, struct step_net_child *step)
{
	const struct value *vlan = net_value(net, "lxc.net.N.vlan.id");

	if (is_type(net, "macvlan"))
		step->mode = word(net, "lxc.net.N.macvlan.mode", "private");
	if (is_type(net, "vlan"))
		step->vlan = (unsigned)vlan->number;
	if (!is_type(net, "ipvlan"))
		return;
	step->mode = word(net, "lxc.net.N.ipvlan.mode", "l2");
	step->isolation = word(net, "lxc.net.N.ipvlan.isolation", "bridge");
}

static unsigned mtu_of(const struct net *net)
{
	const struct value *mtu = net_value(net, "lxc.net.N.mtu");

	return mtu ? (unsigned)mtu->number : 0;
}

static void child_plan(struct planner *planner, const struct net *net)
{
	struct step_net_child *step = plan_add(planner->plan, STEP_NET_CHILD, net_value(net, "lxc.net.N.link")->origin);

	step->index = net_index(net);
	step->type = net_text(net, "lxc.net.N.type");
	step->link = net_text(net, "lxc.net.N.link");
	step->hwaddr = net_text(net, "lxc.net.N.hwaddr");
	step->mtu = mtu_of(net);
	step->script_up = net_text(net, "lxc.net.N.script.up");
	step->script_down = net_text(net, "lxc.net.N.script.down");
	step->up = net_script_plan(planner, net, "up", step->script_up);
	step->down = net_script_plan(planner, net, "down", step->script_down);
	modes_set(net, step);
}

static int phys_plan(struct planner *planner, const struct net *net, struct error *err)
{
	const char *link = net_link_is_open(net) ? net_link_choose(planner, net, err) : net_text(net, "lxc.net.N.link");
	struct step_net_phys *step;

	if (!link)
		return -1;
	step = plan_add(planner->plan, STEP_NET_PHYS, net_value(net, "lxc.net.N.link")->origin);

	step->index = net_index(net);
	step->link = link;
	step->hwaddr = net_text(net, "lxc.net.N.hwaddr");
	step->mtu = mtu_of(net);
	step->script_up = net_text(net, "lxc.net.N.script.up");
	step->script_down = net_text(net, "lxc.net.N.script.down");
	step->up = net_script_plan(planner, net, "up", step->script_up);
	step->down = net_script_plan(planner, net, "down", step->script_down);
	return 0;
}

int net_types_plan(struct planner *planner, const struct net *net, struct error *err)
{
	if (types_check(net, err) < 0)
		return -1;
	if (is_type(net, "phys"))
		return phys_plan(planner, net, err);
	child_plan(planner, net);
	return 0;
}

const char *net_types_name(const struct planner *planner, const struct net *net)
{
	const char *name = net_text(net, "lxc.net.N.name");

	return name || !is_type(net, "phys") ? name : net_link_chosen(planner, net);
}
