/*
 * What a config leaves to the host: interfaces that may be missing
 * (lxs.net.optional), and any of several (lxc.net.N.link = eth+).  Apart from
 * net.c because only these look at which interfaces there are.
 */
#include "plan/net.h"

#include <string.h>

static bool exists(const struct host *host, const char *name)
{
	for (const char *const *one = host->interfaces; one && *one; one++)
		if (strcmp(*one, name) == 0)
			return true;
	return false;
}

static bool is_optional(const struct settings *settings, const char *link)
{
	const struct values *optional = settings_values(settings, "lxs.net.optional");

	for (size_t i = 0; i < optional->count; i++)
		if (strcmp(optional->items[i].text, link) == 0)
			return true;
	return false;
}

const char *net_left_out(const struct planner *planner, const struct net *net)
{
	const char *link = net_text(net, "lxc.net.N.link");

	if (!link || !is_optional(planner->settings, link))
		return NULL;
	if (exists(planner->host, link))
		return NULL;
	if (planner->host->uid != 0)
		return "there is none that lxs-usernet gives to you";
	return strcmp(link, "lxsbr0") == 0 ? "its link is not there ('lxs-net start' makes it)" : "its link is not there";
}

bool net_link_is_open(const struct net *net)
{
	const char *link = net_text(net, "lxc.net.N.link"), *type = net_text(net, "lxc.net.N.type");

	return link && *link && link[strlen(link) - 1] == '+' && type && strcmp(type, "phys") == 0;
}

static const struct step_net_phys *phys_step(const struct side *side, size_t i)
{
	return side->steps[i].kind == STEP_NET_PHYS ? side->steps[i].args : NULL;
}

static bool is_lent(const struct planner *planner, const char *name)
{
	const struct side *host = &planner->plan->host;

	for (size_t i = 0; i < host->count; i++)
		if (phys_step(host, i) && strcmp(phys_step(host, i)->link, name) == 0)
			return true;
	return false;
}

/* Those that other lines name are not for the taking. */
static bool is_named(const struct planner *planner, const char *name)
{
	for (size_t i = 0; i < settings_net_count(planner->settings); i++) {
		const char *link = net_text(settings_net(planner->settings, i), "lxc.net.N.link");

		if (link && strcmp(link, name) == 0)
			return true;
	}
	return false;
}

const char *net_link_choose(struct planner *planner, const struct net *net, struct error *err)
{
	const struct value *link = net_value(net, "lxc.net.N.link");
	size_t length = strlen(link->text) - 1;

	for (const char *const *one = planner->host->interfaces; one && *one; one++)
		if (strncmp(*one, link->text, length) == 0 && !is_lent(planner, *one) && !is_named(planner, *one))
			return *one;
	error_set(err, 0, "the host has no interface for lxc.net.%u.link = %s", net_index(net), link->text);
	error_asked_by(err, link->origin);
	error_hint(err, "'%.*s' is what its name must begin with; one serves one container", (int)length, link->text);
	return NULL;
}

const char *net_link_chosen(const struct planner *planner, const struct net *net)
{
	const struct side *host = &planner->plan->host;

	for (size_t i = 0; i < host->count; i++)
		if (phys_step(host, i) && phys_step(host, i)->index == net_index(net))
			return phys_step(host, i)->link;
	return NULL;
}
