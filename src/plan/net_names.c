/*
 * What a pair's inner end is called from its birth on.  A kernel renames
 * slowly, so it is not left to init where the name can be known: among names
 * of the config and eth0, eth1 ... in the order of the lines, as the kernel
 * would count.  Apart from net.c because it looks at all interfaces at once.
 */
#include "plan/net.h"

#include <string.h>

/* The name that is asked for, or that an interface of the host brings; NULL: eth%d. */
static const char *wanted(const struct net *net)
{
	const char *name = net_text(net, "lxc.net.N.name"), *type = net_text(net, "lxc.net.N.type");

	return name || !type || strcmp(type, "phys") != 0 ? name : net_text(net, "lxc.net.N.link");
}

static bool counts(const struct planner *planner, const struct net *net)
{
	return net_has_interface(net) && !net_left_out(planner, net);
}

/* How many want this name. */
static size_t wanting(const struct planner *planner, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < settings_net_count(planner->settings); i++) {
		const struct net *net = settings_net(planner->settings, i);

		if (counts(planner, net) && wanted(net) && strcmp(wanted(net), name) == 0)
			count++;
	}
	return count;
}

/* What the kernel refuses is refused where the name is given, and what is there already too. */
static bool can_be_born(const char *name)
{
	return !strpbrk(name, "/: \t\n\v\f\r") && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "lo") != 0;
}

/* Names that only the kernel can complete, or that are chosen later. */
static bool all_are_known(const struct planner *planner)
{
	for (size_t i = 0; i < settings_net_count(planner->settings); i++) {
		const struct net *net = settings_net(planner->settings, i);

		if (counts(planner, net) && (net_link_is_open(net) || (wanted(net) && strchr(wanted(net), '%'))))
			return false;
	}
	return true;
}

static unsigned unnamed_before(const struct planner *planner, const struct net *net)
{
	unsigned count = 0;

	for (size_t i = 0; i < settings_net_count(planner->settings) && settings_net(planner->settings, i) != net; i++)
		if (counts(planner, settings_net(planner->settings, i)) && !wanted(settings_net(planner->settings, i)))
			count++;
	return count;
}

const char *net_born_name(const struct planner *planner, const struct net *net)
{
	const char *name = wanted(net);
	unsigned left = unnamed_before(planner, net);

	if (planner->host->uid != 0 || !all_are_known(planner))
		return NULL;
	if (name)
		return wanting(planner, name) == 1 && can_be_born(name) ? name : NULL;
	for (unsigned i = 0;; i++) {
		name = arena_printf(planner->plan->arena, "eth%u", i);
		if (wanting(planner, name) == 0 && left-- == 0)
			return name;
	}
}
