/*
 * Interfaces that live on one of the host's: macvlan, ipvlan, vlan.  Each is
 * one request that makes it in init's network namespace at once, so nothing is
 * on the host that would have to be undone: it ends with that namespace.
 * Called from the table.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "launch/net.h"
#include "launch/net_script.h"
#include "lib/netlink.h"
#include "lib/own.h"

/* A word of the config and the kernel's number. */
struct choice { const char *word; uint32_t number; };

static const struct choice macvlan_modes[] = {
	{ "private", MACVLAN_MODE_PRIVATE }, { "vepa", MACVLAN_MODE_VEPA },
	{ "bridge", MACVLAN_MODE_BRIDGE }, { "passthru", MACVLAN_MODE_PASSTHRU }, { NULL, 0 },
};
static const struct choice ipvlan_modes[] = {
	{ "l2", IPVLAN_MODE_L2 }, { "l3", IPVLAN_MODE_L3 }, { "l3s", IPVLAN_MODE_L3S }, { NULL, 0 },
};
static const struct choice ipvlan_isolations[] = {
	{ "bridge", 0 }, { "private", IPVLAN_F_PRIVATE }, { "vepa", IPVLAN_F_VEPA }, { NULL, 0 },
};

static uint32_t choice_number(const struct choice *choices, const char *word)
{
	for (; choices->word; choices++)
		if (word && strcmp(choices->word, word) == 0)
			return choices->number;
	return 0;
}

/* What the kernel is told of each type. */
static void options_fill(const struct step_net_child *args, struct netlink_child *child)
{
	if (strcmp(args->type, "macvlan") == 0)
		child->options[0] = (struct netlink_option){
			IFLA_MACVLAN_MODE, sizeof(uint32_t), choice_number(macvlan_modes, args->mode),
		};
	if (strcmp(args->type, "vlan") == 0)
		child->options[0] = (struct netlink_option){ IFLA_VLAN_ID, sizeof(uint16_t), args->vlan };
	if (strcmp(args->type, "ipvlan") != 0)
		return;
	child->options[0] = (struct netlink_option){
		IFLA_IPVLAN_MODE, sizeof(uint16_t), choice_number(ipvlan_modes, args->mode),
	};
	child->options[1] = (struct netlink_option){
		IFLA_IPVLAN_FLAGS, sizeof(uint16_t), choice_number(ipvlan_isolations, args->isolation),
	};
}

int net_parent_missing(const char *link, int code, struct error *err)
{
	if (code != -ENODEV)
		return error_set(err, -code, "cannot ask for the interface %s", link);
	error_set(err, 0, "there is no interface %s on the host", link);
	return error_hint(err, "name one that 'ip link' shows");
}

static int child_refused(const struct step_net_child *args, int code, struct error *err)
{
	error_set(err, -code, "the kernel makes no %s on %s", args->type, args->link);
	if (code == -EOPNOTSUPP)
		return error_hint(err, "the kernel does not know this type or mode: is the module %s there?",
				  strcmp(args->type, "vlan") == 0 ? "8021q" : args->type);
	if (code == -EEXIST && strcmp(args->type, "vlan") == 0)
		return error_hint(err, "VLAN %u on %s is in use already: see 'ip -d link'", args->vlan, args->link);
	if (code == -EBUSY || code == -EINVAL)
		return error_hint(err, "%s is a bridge's port, or taken as a whole by a macvlan in mode passthru, or of a "
				  "kind that carries no %s", args->link, args->type);
	if (code == -ERANGE || code == -EADDRNOTAVAIL)
		return error_hint(err, "see whether mtu, hwaddr and vlan.id fit %s", args->link);
	return -1;
}

static int child_make(struct launch *launch, const struct step_net_child *args, struct error *err)
{
	owned_fd socket = netlink_open();
	unsigned char hwaddr[6];
	char name[IFNAMSIZ];
	struct netlink_child child = { .kind = args->type, .name = name, .mtu = args->mtu, .owner = launch->init };
	int code;

	if (socket < 0)
		return error_set(err, -socket, "no netlink socket");
	child.link = netlink_index(socket, args->link);
	if (child.link < 0)
		return net_parent_missing(args->link, child.link, err);
	snprintf(name, sizeof name, "lxs%u", args->index);
	if (net_hwaddr_read(args->hwaddr, hwaddr))
		child.hwaddr = hwaddr;
	options_fill(args, &child);
	code = netlink_child_add(socket, &child);
	if (code < 0)
		return child_refused(args, code, err);
	return net_scripts(launch, &(struct net_scripts){ args->type, args->link, NULL, args->up, args->down }, err);
}

int launch_net_child(struct launch *launch, const struct step *step, struct error *err)
{
	owned_error why = ERROR_INIT;

	return child_make(launch, step->args, &why) == 0 ? 0 : net_report(step, &why, err);
}
