/*
 * Types of the keys lxc.net.N.*: addresses, routes, names and modes of
 * interfaces.  Apart from types.c because they share their helpers with
 * nothing else.
 */
#include "config/types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "lib/text.h"

static const char *const net_types[] = { "empty", "veth", "macvlan", "ipvlan", "vlan", "phys", "none", "user", NULL };
static const char *const veth_modes[] = { "bridge", "router", NULL };
static const char *const macvlan_modes[] = { "private", "vepa", "bridge", "passthru", NULL };
static const char *const ipvlan_modes[] = { "l2", "l3", "l3s", NULL };
static const char *const ipvlan_isolations[] = { "bridge", "private", "vepa", NULL };

#define CHOICE_TYPE(type, what, words, list)                                                                  \
	static int type##_choice(struct arena *arena, const char *text, struct value *ret, struct error *err) \
	{                                                                                                     \
		(void)arena;                                                                                  \
		return parse_choice(list, text, ret, err);                                                    \
	}                                                                                                     \
	const struct key_type type = { .name = what, .syntax = words, .parse = type##_choice, .choices = list }

CHOICE_TYPE(type_net, "interface type", "empty veth macvlan ipvlan vlan phys none user", net_types);
CHOICE_TYPE(type_veth_mode, "mode", "bridge or router", veth_modes);
CHOICE_TYPE(type_macvlan_mode, "mode", "private, vepa, bridge or passthru", macvlan_modes);
CHOICE_TYPE(type_ipvlan_mode, "mode", "l2, l3 or l3s", ipvlan_modes);
CHOICE_TYPE(type_ipvlan_isolation, "isolation", "bridge, private or vepa", ipvlan_isolations);

static int net_flags_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	ret->text = "up";
	ret->number = IFF_UP;
	if (strcmp(text, "up") == 0)
		return 0;
	error_set(err, 0, "every word means 'up' here, also '%s'", text);
	return PARSE_DOUBTFUL;
}

const struct key_type type_net_flags = { .name = "flags", .syntax = "up", .parse = net_flags_parse };

/*
 * Each x becomes a random digit; the second digit an even one, so that the
 * address is one of a single host and not of a group.
 */
static int hwaddr_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	static const char digits[] = "0123456789abcdef";
	char *address = arena_strdup(arena, text);
	unsigned char dice[17] = { 0 };
	size_t length = strlen(text);

	if (length != sizeof dice) {
		error_set(err, 0, "'%s' is not a hardware address: six pairs of digits or x", text);
		return PARSE_BROKEN;
	}
	if (getrandom(dice, sizeof dice, 0) < 0)
		return error_set(err, errno, "no random numbers for '%s'", text);
	for (size_t i = 0; i < length; i++) {
		bool good = i % 3 == 2 ? text[i] == ':' : isxdigit((unsigned char)text[i]) || tolower(text[i]) == 'x';

		if (!good) {
			error_set(err, 0, "'%s' is not a hardware address: six pairs of digits or x", text);
			return PARSE_BROKEN;
		}
		if (tolower(text[i]) == 'x')
			address[i] = digits[dice[i] & (i == 1 ? 14 : 15)];
	}
	ret->text = address;
	return 0;
}

const struct key_type type_hwaddr = {
	.name = "hardware address", .syntax = "six pairs of hexadecimal digits with colons; each x becomes a random digit",
	.parse = hwaddr_parse
};

static int mtu_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return parse_signed(text, 0, INT_MAX, &ret->number, err) < 0 ? PARSE_BROKEN : 0;
}

const struct key_type type_mtu = { .name = "bytes", .syntax = "a number of bytes", .parse = mtu_parse };

/* LXC cuts longer names without a word, and then looks for, or makes, what nobody meant. */
static int interface_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (strlen(text) < IFNAMSIZ)
		return 0;
	ret->text = arena_strndup(arena, text, IFNAMSIZ - 1);
	error_set(err, 0, "'%s' is longer than %d bytes, which no name of an interface is", text, IFNAMSIZ - 1);
	return PARSE_BROKEN;
}

const struct key_type type_interface = {
	.name = "interface", .syntax = "the name of an interface, at most 15 bytes", .parse = interface_parse
};

const struct key_type type_interfaces = {
	.name = "interfaces", .syntax = "names of interfaces, at most 15 bytes each", .separators = " \t",
	.parse = interface_parse
};

/* The prefix that IPv4 addresses had by their first bits before there were prefixes. */
static unsigned class_prefix(const unsigned char *bytes)
{
	return bytes[0] < 128 ? 8 : bytes[0] < 192 ? 16 : bytes[0] < 224 ? 24 : 0;
}

static int prefix_parse(const char *text, unsigned greatest, unsigned *ret, struct error *err)
{
	uint64_t number;

	if (parse_unsigned(text, greatest, &number, err) < 0)
		return error_add(err, "prefix");
	*ret = (unsigned)number;
	return 0;
}

static int address_bytes(int family, const char *text, struct address *ret, struct error *err)
{
	ret->family = family;
	if (inet_pton(family, text, ret->bytes) == 1)
		return 0;
	return error_set(err, 0, "'%s' is not an IPv%d address", text, family == AF_INET ? 4 : 6);
}

static int address4_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	char *word = arena_strdup(arena, text), *broadcast = strpbrk(word, " \t"), *slash;
	struct address address = { 0 };

	if (broadcast) {
		*broadcast = '\0';
		if (inet_pton(AF_INET, text_trim(broadcast + 1), address.broadcast) != 1)
			return error_set(err, 0, "'%s' is not an IPv4 broadcast address", text_trim(broadcast + 1));
		address.has_broadcast = true;
	}
	slash = strchr(word, '/');
	if (slash)
		*slash = '\0';
	if (address_bytes(AF_INET, word, &address, err) < 0)
		return -1;
	address.prefix = class_prefix(address.bytes);
	if (slash && prefix_parse(slash + 1, 32, &address.prefix, err) < 0)
		return -1;
	ret->address = address;
	return 0;
}

static int address6_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	char *word = arena_strdup(arena, text), *slash = strchr(word, '/');
	struct address address = { .prefix = 64 };

	if (slash)
		*slash = '\0';
	if (address_bytes(AF_INET6, word, &address, err) < 0)
		return -1;
	if (slash && prefix_parse(slash + 1, UINT_MAX, &address.prefix, err) < 0)
		return -1;
	ret->address = address;
	if (address.prefix <= 128)
		return 0;
	error_set(err, 0, "prefix %u is too long: at most 128", address.prefix);
	return PARSE_BROKEN;
}

static const char *address_format(struct arena *arena, const struct value *value)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(value->address.family, value->address.bytes, text, sizeof text);
	return arena_printf(arena, "%s/%u", text, value->address.prefix);
}

const struct key_type type_address4 = {
	.name = "IPv4 address", .syntax = "ADDRESS[/PREFIX] [BROADCAST]", .joint = "\n", .parse = address4_parse,
	.format = address_format
};
const struct key_type type_address6 = {
	.name = "IPv6 address", .syntax = "ADDRESS[/PREFIX]", .joint = "\n", .parse = address6_parse,
	.format = address_format
};

static int route4_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (!strchr(text, '/') || strpbrk(text, " \t"))
		return error_set(err, 0, "'%s' is not a route: ADDRESS/PREFIX", text);
	return address4_parse(arena, text, ret, err);
}

static int route6_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (!strchr(text, '/'))
		return error_set(err, 0, "'%s' is not a route: ADDRESS/PREFIX", text);
	return address6_parse(arena, text, ret, err);
}

const struct key_type type_route4 = {
	.name = "IPv4 route", .syntax = "ADDRESS/PREFIX", .joint = "\n", .parse = route4_parse, .format = address_format
};
const struct key_type type_route6 = {
	.name = "IPv6 route", .syntax = "ADDRESS/PREFIX", .joint = "\n", .parse = route6_parse, .format = address_format
};

/* family AF_UNSPEC: the words `auto` and `dev`, told apart by the text. */
static int gateway_parse(int family, const char *text, struct value *ret, struct error *err)
{
	struct address address = { 0 };

	if (strcmp(text, "auto") != 0 && strcmp(text, "dev") != 0 && address_bytes(family, text, &address, err) < 0)
		return error_hint(err, "an address, auto or dev");
	ret->address = address;
	return 0;
}

static int gateway4_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return gateway_parse(AF_INET, text, ret, err);
}

static int gateway6_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return gateway_parse(AF_INET6, text, ret, err);
}

static const char *gateway_format(struct arena *arena, const struct value *value)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (value->address.family == AF_UNSPEC)
		return value->text;
	inet_ntop(value->address.family, value->address.bytes, text, sizeof text);
	return arena_strdup(arena, text);
}

const struct key_type type_gateway4 = {
	.name = "IPv4 gateway", .syntax = "an address, auto or dev", .parse = gateway4_parse, .format = gateway_format
};
const struct key_type type_gateway6 = {
	.name = "IPv6 gateway", .syntax = "an address, auto or dev", .parse = gateway6_parse, .format = gateway_format
};

static int number_below(const char *text, uint64_t greatest, struct value *ret, struct error *err)
{
	uint64_t number;

	if (parse_unsigned(text, greatest, &number, err) < 0)
		return -1;
	ret->number = (int64_t)number;
	return 0;
}

static int vlan_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return number_below(text, 65535, ret, err);
}

static int vlan_tagged_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return number_below(text, 4094, ret, err);
}

/* `none` is -1: the port has no untagged VLAN. */
static int vlan_port_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (strcmp(text, "none") != 0)
		return vlan_tagged_parse(arena, text, ret, err);
	ret->number = -1;
	return 0;
}

static int queues_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return parse_signed(text, 1, INT_MAX, &ret->number, err);
}

const struct key_type type_vlan = {
	.name = "VLAN", .syntax = "a number from 0 to 65535", .parse = vlan_parse, .format = format_number
};
const struct key_type type_vlan_port = {
	.name = "VLAN", .syntax = "'none', or a number from 0 to 4094", .parse = vlan_port_parse, .format = format_number
};
const struct key_type type_vlan_tagged = {
	.name = "VLAN", .syntax = "a number from 0 to 4094", .joint = "\n", .parse = vlan_tagged_parse,
	.format = format_number
};
const struct key_type type_queues = {
	.name = "number", .syntax = "a number from 1", .parse = queues_parse, .format = format_number
};
