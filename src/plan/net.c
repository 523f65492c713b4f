/*
 * Network interfaces: lxc.net.N.* to a step that makes the pair from the host
 * and one that sets up its inner end.  Types empty, none and veth; those that
 * take an interface of the host are in plan/net_types.c.  Loopback is always brought up in a new network namespace: LXC
 * does so only when some interface has `flags = up`, which helps nobody.
 */
#include "plan/net.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "plan/hooks.h"

/* Of packets in bytes: what IP needs at least, and what its header can say. */
enum { MTU_LEAST = 68, MTU_GREATEST = 65535 };

const char *net_text(const struct net *net, const char *key)
{
	const struct value *value = net_value(net, key);

	return value ? value->text : NULL;
}

static bool is_type(const struct net *net, const char *type)
{
	const struct value *value = net_value(net, "lxc.net.N.type");

	return value && strcmp(value->text, type) == 0;
}

static const struct origin *any_origin(const struct net *net)
{
	static const char *const keys[] = { "lxc.net.N.link", "lxc.net.N.name", "lxc.net.N.flags", "lxc.net.N.hwaddr",
					    "lxc.net.N.ipv4.address", "lxc.net.N.ipv6.address", "lxc.net.N.mtu" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (net_value(net, keys[i]))
			return net_value(net, keys[i])->origin;
	return NULL;
}

static int type_check(const struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *type = net_value(net, "lxc.net.N.type");

	if (type && planner->host->uid != 0 && !is_type(net, "empty") && !is_type(net, "none") &&
	    !is_type(net, "veth") && !is_type(net, "user")) {
		error_set(err, 0, "an ordinary user cannot make %s interfaces", type->text);
		error_asked_by(err, type->origin);
		return error_hint(err, "use type user, or veth with a link that lxs-usernet gives you, or start the container "
				  "as root");
	}
	if (type)
		return 0;
	error_set(err, 0, "lxc.net.%u has no type", net_index(net));
	error_asked_by(err, any_origin(net));
	return error_hint(err, "put 'lxc.net.%u.type = veth' (or another type) before its other lines", net_index(net));
}

/* ---- the host side ---- */

const struct step_hook *net_script_plan(struct planner *planner, const struct net *net, const char *type,
					const char *command)
{
	struct arena *arena = planner->plan->arena;
	const struct hook_context context = {
		arena, planner->settings, planner->plan->name, planner->host->cgroup_namespaces,
	};
	const char *link = net_text(net, "lxc.net.N.link"), *key = arena_printf(arena, "lxc.net.N.script.%s", type);
	bool variables = settings_number(planner->settings, "lxc.hook.version") == 1, empty = is_type(net, "empty");
	char *more[] = {
		arena_strdup(arena, "LXC_HOOK_SECTION=net"),
		arena_printf(arena, "LXC_NET_TYPE=%s", net_value(net, "lxc.net.N.type")->text),
		empty ? NULL : arena_printf(arena, "LXC_NET_PARENT=%s", link ? link : ""), NULL,
	};
	struct step_hook *hook;

	if (!command)
		return NULL;
	hook = arena_alloc(arena, sizeof *hook);
	hook_build(&context, type, command, false, variables ? more : NULL, hook);
	hook->section = "net";
	hook->origin = net_value(net, key)->origin;
	return hook;
}

static int veth_plan(struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *mtu = net_value(net, "lxc.net.N.mtu");
	struct step_veth *step = plan_add(planner->plan, STEP_VETH, net_value(net, "lxc.net.N.type")->origin);

	step->index = net_index(net);
	step->inner = net_born_name(planner, net);
	step->host_name = net_text(net, "lxc.net.N.veth.pair");
	step->link = net_text(net, "lxc.net.N.link");
	step->hwaddr = net_text(net, "lxc.net.N.hwaddr");
	step->mtu = mtu ? (unsigned)mtu->number : 0;
	step->script_up = net_text(net, "lxc.net.N.script.up");
	step->script_down = net_text(net, "lxc.net.N.script.down");
	step->up = net_script_plan(planner, net, "up", step->script_up);
	step->down = net_script_plan(planner, net, "down", step->script_down);
	net_router_plan(planner, net, step);
	if (net_vlans_plan(planner, net, step, err) < 0)
		return -1;
	/* A failure is most often about the link: that is the line to name. */
	if (step->link)
		planner->plan->host.steps[planner->plan->host.count - 1].origin =
			net_value(net, "lxc.net.N.link")->origin;
	return 0;
}

/* Nothing is made, but its script runs; who wants to know of the end has lxc.hook.post-stop. */
static int empty_plan(struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *up = net_value(net, "lxc.net.N.script.up"), *down = net_value(net, "lxc.net.N.script.down");
	struct step_hook *step;

	if (down) {
		error_set(err, 0, "lxc.net.%u.script.down is not supported for type empty", net_index(net));
		error_asked_by(err, down->origin);
		return error_hint(err, "use lxc.hook.post-stop");
	}
	if (!up)
		return 0;
	step = plan_add(planner->plan, STEP_HOST_HOOK, up->origin);
	*step = *net_script_plan(planner, net, "up", up->text);
	step->extra = "empty";
	return 0;
}

bool net_has_interface(const struct net *net)
{
	return is_type(net, "veth") || net_types_has(net);
}

/* LXC takes any number, and a kernel's refusal tells neither the number nor the limits. */
static int mtu_check(const struct net *net, struct error *err)
{
	const struct value *mtu = net_value(net, "lxc.net.N.mtu");

	if (!mtu || mtu->number == 0 || (mtu->number >= MTU_LEAST && mtu->number <= MTU_GREATEST))
		return 0;
	error_set(err, 0, "lxc.net.%u.mtu must be from %d to %d", net_index(net), MTU_LEAST, MTU_GREATEST);
	error_asked_by(err, mtu->origin);
	return error_hint(err, "1500 is usual; leave the line out for that of the link");
}

static int interface_plan(struct planner *planner, const struct net *net, struct error *err)
{
	int done = mtu_check(net, err);

	if (done == 0 && !is_type(net, "veth"))
		done = net_types_plan(planner, net, err);
	else if (done == 0)
		done = planner->host->uid == 0 ? veth_plan(planner, net, err) : net_user_plan(planner, net, err);
	if (done < 0)
		return -1;
	return net_proxy_plan(planner, net, err);
}

static void interface_leave_out(struct planner *planner, const struct net *net, const char *why)
{
	const struct value *link = net_value(net, "lxc.net.N.link");
	struct step_text *note = plan_add(planner->plan, STEP_NOTE, link->origin);

	note->text = arena_printf(planner->plan->arena, "the container has no interface on %s: %s", link->text, why);
	note->warn = true;
}

static int one_plan(struct planner *planner, const struct net *net, struct error *err)
{
	struct step_text *note;

	if (type_check(planner, net, err) < 0)
		return -1;
	if (is_type(net, "empty") && empty_plan(planner, net, err) < 0)
		return -1;
	if (is_type(net, "user") && planner->created & CLONE_NEWNET && net_stack_plan(planner, net, err) < 0)
		return -1;
	if (!net_has_interface(net))
		return 0;
	if (planner->created & CLONE_NEWNET)
		return interface_plan(planner, net, err);
	note = plan_add(planner->plan, STEP_NOTE, net_value(net, "lxc.net.N.type")->origin);
	note->text = "the interface is not made: the container has no network namespace of its own";
	return 0;
}

static int interfaces_plan(struct planner *planner, struct error *err)
{
	size_t count = settings_net_count(planner->settings);

	for (size_t i = 0; i < count; i++) {
		const struct net *net = settings_net(planner->settings, i);
		const char *left_out = net_left_out(planner, net);

		if (left_out)
			interface_leave_out(planner, net, left_out);
		else if (one_plan(planner, net, err) < 0 && plan_refuse(planner, err) < 0)
			return -1;
	}
	return 0;
}

/* Notes are nothing to wait for. */
int plan_net_host(struct planner *planner, struct error *err)
{
	const struct side *host = &planner->plan->host;
	size_t before = host->count;

	if (interfaces_plan(planner, err) < 0)
		return -1;
	while (before < host->count && host->steps[before].kind == STEP_NOTE)
		before++;
	planner->networked = before < host->count;
	if (planner->networked)
		plan_meet(planner, STEP_RELEASE, SYNC_NETWORKED);
	return 0;
}

/* ---- inside ---- */

static bool has_family(const struct step_net_setup *step, int family)
{
	for (size_t i = 0; i < step->count; i++)
		if (step->addresses[i].family == family)
			return true;
	return false;
}

static void addresses_add(struct planner *planner, const struct net *net, const char *key, struct step_net_setup *step)
{
	const struct values *values = net_values(net, key);
	struct address *items = (struct address *)step->addresses;

	for (size_t i = 0; i < values->count; i++) {
		items = arena_append(planner->plan->arena, items, &step->count, sizeof *items);
		items[step->count - 1] = values->items[i].address;
	}
	step->addresses = items;
}

/* fe80::/10 needs no address of ours in the same network. */
static bool is_link_local(const struct address *address)
{
	return address->family == AF_INET6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

static int gateway_check(const struct step_net_setup *step, const struct net *net, const struct value *gateway,
			 int family, struct error *err)
{
	const char *version = family == AF_INET ? "ipv4" : "ipv6";

	if (!step->up) {
		error_set(err, 0, "lxc.net.%u.%s.gateway needs the interface to be up", step->index, version);
		error_asked_by(err, gateway->origin);
		return error_hint(err, "add 'lxc.net.%u.flags = up'", step->index);
	}
	if (strcmp(gateway->text, "auto") == 0 && !is_type(net, "veth") && !is_type(net, "macvlan")) {
		error_set(err, 0, "lxc.net.%u.%s.gateway = auto works with veth and macvlan only", step->index, version);
		error_asked_by(err, gateway->origin);
		return error_hint(err, "give the address, or 'dev'");
	}
	if (strcmp(gateway->text, "auto") == 0 && !net_value(net, "lxc.net.N.link")) {
		error_set(err, 0, "lxc.net.%u.%s.gateway = auto needs a link to take the address of", step->index, version);
		error_asked_by(err, gateway->origin);
		return error_hint(err, "add 'lxc.net.%u.link = BRIDGE', or give the address", step->index);
	}
	if (!has_family(step, family) && !is_link_local(&gateway->address)) {
		error_set(err, 0, "lxc.net.%u.%s.gateway needs an address of the container in the same network",
			  step->index, version);
		error_asked_by(err, gateway->origin);
		return error_hint(err, "add 'lxc.net.%u.%s.address = …'", step->index, version);
	}
	return 0;
}

static int gateways_set(const struct net *net, struct step_net_setup *step, struct error *err)
{
	const struct value *v4 = net_value(net, "lxc.net.N.ipv4.gateway");
	const struct value *v6 = net_value(net, "lxc.net.N.ipv6.gateway");

	if (v4) {
		if (gateway_check(step, net, v4, AF_INET, err) < 0)
			return -1;
		step->gateway4_auto = strcmp(v4->text, "auto") == 0;
		step->gateway4_device = strcmp(v4->text, "dev") == 0;
		step->gateway4 = v4->address.family == AF_INET ? &v4->address : NULL;
	}
	if (v6) {
		if (gateway_check(step, net, v6, AF_INET6, err) < 0)
			return -1;
		step->gateway6_auto = strcmp(v6->text, "auto") == 0;
		step->gateway6_device = strcmp(v6->text, "dev") == 0;
		step->gateway6 = v6->address.family == AF_INET6 ? &v6->address : NULL;
	}
	return 0;
}

static int setup_plan(struct planner *planner, const struct net *net, struct error *err)
{
	struct step_net_setup *step = plan_add(planner->plan, STEP_NET_ADDRESS,
					       net_value(net, "lxc.net.N.type")->origin);

	step->index = net_index(net);
	step->name = net_types_name(planner, net);
	step->born = is_type(net, "veth") ? net_born_name(planner, net) : NULL;
	step->link = net_text(net, "lxc.net.N.link");
	step->up = net_value(net, "lxc.net.N.flags") != NULL;
	if (planner->host->uid != 0)
		net_user_setup(net, step);
	addresses_add(planner, net, "lxc.net.N.ipv4.address", step);
	addresses_add(planner, net, "lxc.net.N.ipv6.address", step);
	return gateways_set(net, step, err);
}

static void interfaces_await(struct planner *planner)
{
	if (planner->networked)
		plan_meet(planner, STEP_SYNC, SYNC_NETWORKED);
	planner->networked = false;
}

int plan_net_await(struct planner *planner, struct error *err)
{
	(void)err;
	if (settings_values(planner->settings, "lxc.hook.pre-mount")->count > 0)
		interfaces_await(planner);
	return 0;
}

/* Interfaces with a name first, so that no eth%d takes it from them. */
int plan_net_inside(struct planner *planner, struct error *err)
{
	size_t count = settings_net_count(planner->settings);

	interfaces_await(planner);
	if (!(planner->created & CLONE_NEWNET))
		return 0;
	for (int named = 1; named >= 0; named--) {
		for (size_t i = 0; i < count; i++) {
			const struct net *net = settings_net(planner->settings, i);

			if (!net_has_interface(net) || net_left_out(planner, net) ||
			    (net_types_name(planner, net) != NULL) != named)
				continue;
			if (setup_plan(planner, net, err) < 0 && plan_refuse(planner, err) < 0)
				return -1;
		}
	}
	plan_add(planner->plan, STEP_LOOPBACK_UP, NULL);
	return 0;
}
