/*
 * The settings of lxs-net.  Each name of the file is a row that parses its
 * value; what the file leaves open follows from what it says.  Called by
 * commands/net.c.
 */
#include "bridge/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/shell_lines.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* What stands in the file, as text; NULL: not there. */
enum setting {
	SET_USE, SET_BRIDGE, SET_MAC, SET_ADDRESS, SET_MASK, SET_NETWORK, SET_RANGE, SET_MAX, SET_FILE, SET_PING,
	SET_DOMAIN, SET_NFT, SET_IPV6, SET_ADDRESS6, SET_MASK6, SET_NETWORK6, SET_NAT6, SETTINGS
};

static const char *const names[SETTINGS + 1] = {
	[SET_USE] = "USE_LXC_BRIDGE", [SET_BRIDGE] = "LXC_BRIDGE", [SET_MAC] = "LXC_BRIDGE_MAC",
	[SET_ADDRESS] = "LXC_ADDR", [SET_MASK] = "LXC_NETMASK", [SET_NETWORK] = "LXC_NETWORK",
	[SET_RANGE] = "LXC_DHCP_RANGE", [SET_MAX] = "LXC_DHCP_MAX", [SET_FILE] = "LXC_DHCP_CONFILE",
	[SET_PING] = "LXC_DHCP_PING", [SET_DOMAIN] = "LXC_DOMAIN", [SET_NFT] = "LXC_USE_NFT",
	[SET_IPV6] = "LXC_IPV6_ENABLE", [SET_ADDRESS6] = "LXC_IPV6_ADDR", [SET_MASK6] = "LXC_IPV6_MASK",
	[SET_NETWORK6] = "LXC_IPV6_NETWORK", [SET_NAT6] = "LXC_IPV6_NAT",
};

/* Beside LXC's own bridge, which has 10.0.3.0/24. */
static const char *const defaults[SETTINGS] = {
	[SET_USE] = "true", [SET_BRIDGE] = "lxsbr0", [SET_MAC] = "10:66:6a:00:00:01", [SET_ADDRESS] = "10.0.4.1",
	[SET_MASK] = "255.255.255.0", [SET_PING] = "true", [SET_NFT] = "true", [SET_IPV6] = "true", [SET_MASK6] = "64",
	[SET_NAT6] = "false",
};

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

struct given { const char *text[SETTINGS]; const struct origin *origin[SETTINGS]; };

static int refuse(const struct given *given, enum setting name, const char *why, struct error *err)
{
	error_set(err, 0, "%s=%s: %s", names[name], given->text[name] ? given->text[name] : "", why);
	return given->origin[name] ? error_asked_by(err, given->origin[name]) : -1;
}

/* Anything but `true` is false, as in LXC's script. */
static bool is_true(const struct given *given, enum setting name)
{
	return given->text[name] && strcmp(given->text[name], "true") == 0;
}

static int mac_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	unsigned bytes[6];
	char rest;

	if (sscanf(given->text[SET_MAC], "%2x:%2x:%2x:%2x:%2x:%2x%c", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
		   &bytes[4], &bytes[5], &rest) != 6 || bytes[0] & 1)
		return refuse(given, SET_MAC, "not the hardware address of one host: six pairs of digits", err);
	for (int i = 0; i < 6; i++)
		conf->mac[i] = (unsigned char)bytes[i];
	return 0;
}

static int bridge_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	const char *name = given->text[SET_BRIDGE];

	/* Plain letters: '*' and '+' would stand for more than one in packet rules. */
	if (!*name || strlen(name) >= IFNAMSIZ || *name == '-' || *name == '.' || name[strspn(name, PLAIN)] != '\0')
		return refuse(given, SET_BRIDGE, "not a plain name of an interface: up to 15 letters, digits, '-', '_' and '.'",
			      err);
	conf->bridge = name;
	return mac_parse(given, conf, err);
}

static struct in_addr mask_of(unsigned prefix)
{
	return (struct in_addr){ htonl(prefix == 0 ? 0 : ~UINT32_C(0) << (32 - prefix)) };
}

/* A network with room for a host beside the bridge. */
static int address_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	if (inet_pton(AF_INET, given->text[SET_ADDRESS], &conf->address) != 1)
		return refuse(given, SET_ADDRESS, "not an IPv4 address", err);
	if (inet_pton(AF_INET, given->text[SET_MASK], &conf->mask) != 1)
		return refuse(given, SET_MASK, "not a mask such as 255.255.255.0", err);
	conf->prefix = (unsigned)__builtin_popcount(conf->mask.s_addr);
	if (conf->mask.s_addr != mask_of(conf->prefix).s_addr || conf->prefix < 8 || conf->prefix > 30)
		return refuse(given, SET_MASK, "not the mask of a network with 8 to 30 bits", err);
	conf->network.s_addr = conf->address.s_addr & conf->mask.s_addr;
	if (conf->network.s_addr == conf->address.s_addr || (conf->address.s_addr | conf->mask.s_addr) == UINT32_MAX)
		return refuse(given, SET_ADDRESS, "the network's own address, or its broadcast address", err);
	return 0;
}

static int network_check(const struct given *given, const struct bridge_conf *conf, struct error *err)
{
	char wanted[INET_ADDRSTRLEN + 4], network[INET_ADDRSTRLEN], why[64];

	if (!given->text[SET_NETWORK])
		return 0;
	inet_ntop(AF_INET, &conf->network, network, sizeof network);
	snprintf(wanted, sizeof wanted, "%s/%u", network, conf->prefix);
	if (strcmp(given->text[SET_NETWORK], wanted) == 0)
		return 0;
	snprintf(why, sizeof why, "LXC_ADDR and LXC_NETMASK say %s", wanted);
	return refuse(given, SET_NETWORK, why, err);
}

static bool in_network(const struct bridge_conf *conf, struct in_addr address)
{
	return (address.s_addr & conf->mask.s_addr) == conf->network.s_addr;
}

static int range_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	uint32_t network = ntohl(conf->network.s_addr), last = network | ~ntohl(conf->mask.s_addr);
	char *copy, *comma;

	conf->first.s_addr = htonl(network + 1 == ntohl(conf->address.s_addr) ? network + 2 : network + 1);
	conf->last.s_addr = htonl(last - 1);
	if (!given->text[SET_RANGE])
		return 0;
	copy = strdupa(given->text[SET_RANGE]);
	comma = strchr(copy, ',');
	if (comma)
		*comma = '\0';
	if (!comma || inet_pton(AF_INET, copy, &conf->first) != 1 || inet_pton(AF_INET, comma + 1, &conf->last) != 1)
		return refuse(given, SET_RANGE, "not FIRST,LAST", err);
	if (!in_network(conf, conf->first) || !in_network(conf, conf->last))
		return refuse(given, SET_RANGE, "not in the network of the bridge", err);
	if (ntohl(conf->first.s_addr) > ntohl(conf->last.s_addr))
		return refuse(given, SET_RANGE, "the first address is behind the last", err);
	return 0;
}

static int number_parse(const struct given *given, enum setting name, unsigned greatest, unsigned *ret, struct error *err)
{
	const char *text = given->text[name];
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number == 0 || number > greatest) {
		char why[48];

		snprintf(why, sizeof why, "not a number from 1 to %u", greatest);
		return refuse(given, name, why, err);
	}
	*ret = (unsigned)number;
	return 0;
}

static bool is_domain(const char *text)
{
	return *text != '-' && *text != '.' && strlen(text) < 254 && text[strspn(text, PLAIN)] == '\0';
}

static int server_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	const char *domain = given->text[SET_DOMAIN], *file = given->text[SET_FILE];

	conf->leases = ntohl(conf->last.s_addr) - ntohl(conf->first.s_addr) + 1;
	if (given->text[SET_MAX] && number_parse(given, SET_MAX, 1 << 24, &conf->leases, err) < 0)
		return -1;
	if (domain && *domain && !is_domain(domain))
		return refuse(given, SET_DOMAIN, "not the name of a domain", err);
	if (file && *file && (*file != '/' || strpbrk(file, "'\n")))
		return refuse(given, SET_FILE, "not an absolute path without quotes", err);
	conf->domain = domain && *domain ? domain : NULL;
	conf->server_file = file && *file ? file : NULL;
	conf->ping = is_true(given, SET_PING);
	return 0;
}

static void network6_cut(struct in6_addr *address, unsigned prefix)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = prefix > i * 8 ? prefix - i * 8 : 0;

		if (kept < 8)
			address->s6_addr[i] &= (uint8_t)(0xff << (8 - kept));
	}
}

static int network6_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	const char *text = given->text[SET_NETWORK6];
	char *copy, *slash, *end;
	unsigned long prefix;

	conf->network6 = conf->address6;
	conf->network6_prefix = conf->prefix6;
	network6_cut(&conf->network6, conf->network6_prefix);
	if (!text || !*text)
		return 0;
	copy = strdupa(text);
	slash = strchr(copy, '/');
	if (!slash)
		return refuse(given, SET_NETWORK6, "not ADDRESS/PREFIX", err);
	*slash = '\0';
	prefix = strtoul(slash + 1, &end, 10);
	if (inet_pton(AF_INET6, copy, &conf->network6) != 1 || end == slash + 1 || *end || prefix < 1 || prefix > 128)
		return refuse(given, SET_NETWORK6, "not ADDRESS/PREFIX", err);
	conf->network6_prefix = (unsigned)prefix;
	return 0;
}

/* Without an address there is no IPv6, as in LXC 5: forwarding it keeps the host from configuring itself. */
static int ipv6_parse(const struct given *given, struct bridge_conf *conf, struct error *err)
{
	const char *text = given->text[SET_ADDRESS6];

	conf->nat6 = is_true(given, SET_NAT6);
	conf->ipv6 = text && *text && is_true(given, SET_IPV6);
	if (!conf->ipv6)
		return 0;
	if (inet_pton(AF_INET6, text, &conf->address6) != 1)
		return refuse(given, SET_ADDRESS6, "not an IPv6 address", err);
	if (number_parse(given, SET_MASK6, 127, &conf->prefix6, err) < 0)
		return -1;
	return network6_parse(given, conf, err);
}

static int given_read(struct arena *arena, const char *path, const char *text, const struct bridge_conf_notes *notes,
		      struct given *given, struct error *err)
{
	struct shell_line line;
	unsigned number = 0;
	int answer;

	while ((answer = shell_line_next(arena, path, &text, &number, &line, err)) > 0) {
		size_t i = 0;

		while (i < SETTINGS && strcmp(names[i], line.name) != 0)
			i++;
		if (i < SETTINGS) {
			given->text[i] = line.value;
			given->origin[i] = line.origin;
		} else if (notes) {
			const char *near = text_nearest(line.name, names);

			notes->note(notes->data, line.origin,
				    arena_printf(arena, "lxs-net does not know %s%s%s%s", line.name,
						 near ? "; did you mean " : "", near ? near : "", near ? "?" : ""));
		}
	}
	return answer;
}

int bridge_conf_parse(struct arena *arena, const char *path, const char *text, const struct bridge_conf_notes *notes,
		      struct bridge_conf *ret, struct error *err)
{
	struct bridge_conf conf = { 0 };
	struct given given = { { 0 }, { 0 } };

	memcpy(given.text, defaults, sizeof given.text);
	if (given_read(arena, path, text, notes, &given, err) < 0)
		return -1;
	conf.use = is_true(&given, SET_USE);
	conf.nft = is_true(&given, SET_NFT);
	if (bridge_parse(&given, &conf, err) < 0 || address_parse(&given, &conf, err) < 0 ||
	    network_check(&given, &conf, err) < 0 || range_parse(&given, &conf, err) < 0 ||
	    server_parse(&given, &conf, err) < 0 || ipv6_parse(&given, &conf, err) < 0)
		return -1;
	*ret = conf;
	return 0;
}

int bridge_conf_read(struct arena *arena, const char *path, const struct bridge_conf_notes *notes,
		     struct bridge_conf *ret, struct error *err)
{
	owned_str text = NULL;
	size_t length;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return bridge_conf_parse(arena, path, "", notes, ret, err);
	if (file_read(path, &text, &length, err) < 0)
		return -1;
	return bridge_conf_parse(arena, path, text, notes, ret, err);
}

static const char *boolean(bool value)
{
	return value ? "true" : "false";
}

static const char *address4(struct in_addr address, char text[static INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}

char *bridge_conf_format(const struct bridge_conf *conf)
{
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN];
	struct buffer out = { 0 };

	buffer_printf(&out, "USE_LXC_BRIDGE=%s\nLXC_BRIDGE=%s\n", boolean(conf->use), conf->bridge);
	buffer_printf(&out, "LXC_BRIDGE_MAC=%02x:%02x:%02x:%02x:%02x:%02x\n", conf->mac[0], conf->mac[1], conf->mac[2],
		      conf->mac[3], conf->mac[4], conf->mac[5]);
	buffer_printf(&out, "LXC_ADDR=%s\nLXC_NETMASK=%s\n", address4(conf->address, first), address4(conf->mask, last));
	buffer_printf(&out, "LXC_NETWORK=%s/%u\n", address4(conf->network, first), conf->prefix);
	buffer_printf(&out, "LXC_DHCP_RANGE=%s,%s\nLXC_DHCP_MAX=%u\n", address4(conf->first, first),
		      address4(conf->last, last), conf->leases);
	if (conf->server_file)
		buffer_printf(&out, "LXC_DHCP_CONFILE='%s'\n", conf->server_file);
	buffer_printf(&out, "LXC_DHCP_PING=%s\nLXC_USE_NFT=%s\n", boolean(conf->ping), boolean(conf->nft));
	if (conf->domain)
		buffer_printf(&out, "LXC_DOMAIN=%s\n", conf->domain);
	if (conf->ipv6) {
		buffer_printf(&out, "LXC_IPV6_ADDR=%s\nLXC_IPV6_MASK=%u\n",
			      inet_ntop(AF_INET6, &conf->address6, six, sizeof six), conf->prefix6);
		buffer_printf(&out, "LXC_IPV6_NETWORK=%s/%u\nLXC_IPV6_NAT=%s\n",
			      inet_ntop(AF_INET6, &conf->network6, six, sizeof six), conf->network6_prefix,
			      boolean(conf->nat6));
	}
	return out.text;
}
