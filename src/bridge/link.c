/*
 * Makes and removes the bridge by netlink.  A bridge is told from another of
 * the same name by its hardware address, which is ours to choose.  Called by
 * bridge.c.
 */
#include "bridge/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/journal.h"
#include "lib/own.h"
#include "lib/text.h"

static void mac_format(const unsigned char mac[static 6], char text[static 18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static int bridge_add(struct rundir *run, const struct bridge_conf *conf, int socket, struct error *err)
{
	struct netlink_link link = { 0 };
	char mac[18];
	int code = netlink_link(socket, conf->bridge, &link);

	if (code == 0 && link.bridge)
		return link.index;
	if (code == 0) {
		error_set(err, 0, "the host's interface %s is not a bridge", conf->bridge);
		return error_hint(err, "choose another name for LXC_BRIDGE");
	}
	if (code != -ENODEV)
		return error_set(err, -code, "cannot ask for the bridge %s", conf->bridge);
	mac_format(conf->mac, mac);
	if (journal_add(run, "bridge", (const char *const[]){ conf->bridge, mac, NULL }, err) < 0)
		return -1;
	code = netlink_bridge_add(socket, conf->bridge, conf->mac);
	if (code == -EOPNOTSUPP) {
		error_set(err, -code, "the kernel makes no bridge");
		return error_hint(err, "modprobe bridge");
	}
	if (code == 0)
		code = netlink_index(socket, conf->bridge);
	return code < 0 ? error_set(err, -code, "cannot make the bridge %s", conf->bridge) : code;
}

static int address_add(struct rundir *run, const struct bridge_conf *conf, int socket, int index,
		       const struct netlink_address *address, struct error *err)
{
	char text[INET6_ADDRSTRLEN], prefix[16];
	int code;

	inet_ntop(address->family, address->bytes, text, sizeof text);
	snprintf(prefix, sizeof prefix, "%u", address->prefix);
	if (journal_add(run, "address", (const char *const[]){ conf->bridge, text, prefix, NULL }, err) < 0)
		return -1;
	code = netlink_address_add(socket, index, address);
	if (code == 0 || code == -EEXIST)
		return 0;
	return error_set(err, -code, "%s cannot have the address %s/%s", conf->bridge, text, prefix);
}

static int addresses_add(struct rundir *run, const struct bridge_conf *conf, int socket, int index, struct error *err)
{
	struct in_addr broadcast = { conf->network.s_addr | ~conf->mask.s_addr };
	struct netlink_address address = {
		.family = AF_INET, .prefix = conf->prefix, .broadcast = (const unsigned char *)&broadcast,
	};

	memcpy(address.bytes, &conf->address, sizeof conf->address);
	if (address_add(run, conf, socket, index, &address, err) < 0)
		return -1;
	if (!conf->ipv6)
		return 0;
	address = (struct netlink_address){ .family = AF_INET6, .prefix = conf->prefix6 };
	memcpy(address.bytes, &conf->address6, sizeof conf->address6);
	return address_add(run, conf, socket, index, &address, err);
}

static int setting_write(const char *path, char value, struct error *err)
{
	owned_fd fd = open(path, O_RDWR | O_CLOEXEC);
	char now = '\0';

	if (fd < 0)
		return error_set(err, errno, "cannot open %s", path);
	/* One that is as it should be is not written: it may be read-only. */
	if (read(fd, &now, 1) == 1 && now == value)
		return 0;
	return pwrite(fd, &value, 1, 0) == 1 ? 0 : error_set(err, errno, "cannot write %c to %s", value, path);
}

static int setting6_write(const char *bridge, const char *setting, char value, struct error *err)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", bridge, setting);
	return setting_write(path, value, err);
}

/* Forwarding stays on afterwards: who else relies on it by then, nobody can know. */
static int settings_write(const struct bridge_conf *conf, struct error *err)
{
	if (setting_write("/proc/sys/net/ipv4/ip_forward", '1', err) < 0)
		return -1;
	if (!conf->ipv6)
		return 0;
	/* The address is ours alone, and dnsmasq wants to use it at once. */
	if (setting6_write(conf->bridge, "accept_dad", '0', err) < 0 ||
	    setting6_write(conf->bridge, "autoconf", '0', err) < 0)
		return -1;
	return setting6_write("all", "forwarding", '1', err);
}

int link_make(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	owned_fd socket = netlink_open();
	int index, code;

	if (socket < 0)
		return error_set(err, -socket, "no netlink socket");
	index = bridge_add(run, conf, socket, err);
	if (index < 0)
		return -1;
	if (settings_write(conf, err) < 0 || addresses_add(run, conf, socket, index, err) < 0)
		return -1;
	code = netlink_link_change(socket, index, &(struct netlink_change){ .up = true });
	return code < 0 ? error_set(err, -code, "%s cannot be brought up", conf->bridge) : 0;
}

/* ---- undoing ---- */

struct ports { int bridge; struct buffer names; };

static void port_note(const struct netlink_port *port, void *data)
{
	struct ports *ports = data;

	if (port->master == ports->bridge)
		buffer_printf(&ports->names, " %s", port->name);
}

static int bridge_remove(int socket, int index, const char *name, struct error *err)
{
	struct ports ports = { .bridge = index };
	int code = netlink_ports(socket, port_note, &ports);

	if (code == 0 && ports.names.length > 0) {
		error_set(err, 0, "%s stays: attached are%s", name, buffer_text(&ports.names));
		err->code = EBUSY;
		buffer_done(&ports.names);
		return -1;
	}
	if (code == 0)
		code = netlink_link_delete(socket, index);
	return code < 0 && code != -ENODEV ? error_set(err, -code, "cannot remove the bridge %s", name) : 0;
}

int link_undo_bridge(char *const *arguments, size_t count, struct error *err)
{
	owned_fd socket = netlink_open();
	struct netlink_link link = { 0 };
	char mac[18] = "";
	int code;

	if (count != 2)
		return error_set(err, EINVAL, "bad bridge line in the journal");
	code = socket < 0 ? socket : netlink_link(socket, arguments[0], &link);
	if (code < 0 && code != -ENODEV)
		return error_set(err, -code, "cannot ask for the bridge %s", arguments[0]);
	if (link.hardware_size == 6)
		mac_format(link.hardware, mac);
	if (code < 0 || !link.bridge || strcmp(mac, arguments[1]) != 0)
		return 0;
	return bridge_remove(socket, link.index, arguments[0], err);
}

int link_undo_address(char *const *arguments, size_t count, struct error *err)
{
	owned_fd socket = netlink_open();
	struct netlink_address address = { 0 };
	int index;

	if (count != 3)
		return error_set(err, EINVAL, "bad address line in the journal");
	address.family = strchr(arguments[1], ':') ? AF_INET6 : AF_INET;
	address.prefix = (unsigned)strtoul(arguments[2], NULL, 10);
	if (inet_pton(address.family, arguments[1], address.bytes) != 1)
		return error_set(err, EINVAL, "bad address line in the journal");
	index = socket < 0 ? socket : netlink_index(socket, arguments[0]);
	if (index > 0)
		index = netlink_address_delete(socket, index, &address);
	if (index >= 0 || index == -ENODEV || index == -EADDRNOTAVAIL)
		return 0;
	return error_set(err, -index, "%s still has the address %s", arguments[0], arguments[1]);
}
