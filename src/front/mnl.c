/*
 * What lib/netlink.c uses of libmnl, under the same names, for the program that
 * links no library: libmnl itself comes as a shared object for the compiler's
 * own C library only.  Each is netlink(7)'s rule of four bytes and nothing
 * else.  tests/unit/test-netlink-front asks the kernel what it thinks of them,
 * with the questions that test-netlink asks of libmnl.
 */
#include <libmnl/libmnl.h>
#include <string.h>

enum { ATTRIBUTE_HEADER = NLA_ALIGN(sizeof(struct nlattr)) };

/* ---- messages ---- */

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer)
{
	struct nlmsghdr *message = buffer;

	memset(message, 0, NLMSG_HDRLEN);
	message->nlmsg_len = NLMSG_HDRLEN;
	return message;
}

/* Room for `size` bytes of zeros behind what there is. */
static void *append(struct nlmsghdr *message, size_t size)
{
	char *end = mnl_nlmsg_get_payload_tail(message);

	memset(end, 0, NLMSG_ALIGN(size));
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + (uint32_t)NLMSG_ALIGN(size);
	return end;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *message, size_t size)
{
	return append(message, size);
}

bool mnl_nlmsg_ok(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof *message && message->nlmsg_len >= sizeof *message && (int)message->nlmsg_len <= left;
}

struct nlmsghdr *mnl_nlmsg_next(const struct nlmsghdr *message, int *left)
{
	*left -= (int)NLMSG_ALIGN(message->nlmsg_len);
	return (struct nlmsghdr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
}

void *mnl_nlmsg_get_payload_offset(const struct nlmsghdr *message, size_t offset)
{
	return (char *)message + NLMSG_HDRLEN + NLMSG_ALIGN(offset);
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *message)
{
	return mnl_nlmsg_get_payload_offset(message, 0);
}

void *mnl_nlmsg_get_payload_tail(const struct nlmsghdr *message)
{
	return (char *)message + NLMSG_ALIGN(message->nlmsg_len);
}

/* ---- attributes, written ---- */

void mnl_attr_put(struct nlmsghdr *message, uint16_t type, size_t size, const void *data)
{
	struct nlattr *attribute = append(message, ATTRIBUTE_HEADER + size);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(ATTRIBUTE_HEADER + size);
	memcpy((char *)attribute + ATTRIBUTE_HEADER, data, size);
}

void mnl_attr_put_u8(struct nlmsghdr *message, uint16_t type, uint8_t data)
{
	mnl_attr_put(message, type, sizeof data, &data);
}

void mnl_attr_put_u16(struct nlmsghdr *message, uint16_t type, uint16_t data)
{
	mnl_attr_put(message, type, sizeof data, &data);
}

void mnl_attr_put_u32(struct nlmsghdr *message, uint16_t type, uint32_t data)
{
	mnl_attr_put(message, type, sizeof data, &data);
}

void mnl_attr_put_str(struct nlmsghdr *message, uint16_t type, const char *data)
{
	mnl_attr_put(message, type, strlen(data), data);
}

void mnl_attr_put_strz(struct nlmsghdr *message, uint16_t type, const char *data)
{
	mnl_attr_put(message, type, strlen(data) + 1, data);
}

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *message, uint16_t type)
{
	struct nlattr *nest = append(message, ATTRIBUTE_HEADER);

	nest->nla_type = NLA_F_NESTED | type;
	return nest;
}

void mnl_attr_nest_end(struct nlmsghdr *message, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(message) - (char *)nest);
}

/* ---- attributes, read ---- */

bool mnl_attr_ok(const struct nlattr *attribute, int left)
{
	return left >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute && attribute->nla_len <= left;
}

struct nlattr *mnl_attr_next(const struct nlattr *attribute)
{
	return (struct nlattr *)((char *)attribute + NLA_ALIGN(attribute->nla_len));
}

uint16_t mnl_attr_get_type(const struct nlattr *attribute)
{
	return attribute->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attribute)
{
	return (uint16_t)(attribute->nla_len - ATTRIBUTE_HEADER);
}

void *mnl_attr_get_payload(const struct nlattr *attribute)
{
	return (char *)attribute + ATTRIBUTE_HEADER;
}

const char *mnl_attr_get_str(const struct nlattr *attribute)
{
	return mnl_attr_get_payload(attribute);
}

uint32_t mnl_attr_get_u32(const struct nlattr *attribute)
{
	uint32_t number;

	memcpy(&number, mnl_attr_get_payload(attribute), sizeof number);
	return number;
}

uint16_t mnl_attr_get_u16(const struct nlattr *attribute)
{
	uint16_t number;

	memcpy(&number, mnl_attr_get_payload(attribute), sizeof number);
	return number;
}

uint8_t mnl_attr_get_u8(const struct nlattr *attribute)
{
	return *(const uint8_t *)mnl_attr_get_payload(attribute);
}
