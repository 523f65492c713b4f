/*
 * The kernel as a client of network block devices (storage/nbd_device.h), asked
 * over netlink.  Apart because only this speaks with it.
 */
#include "storage/nbd_device.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/nbd.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/netlink_request.h"
#include "lib/own.h"

/* Sector tables count in this; the kernel's own default does not. */
enum { BLOCK_SIZE = 512 };

static void message_begin(struct request *request, uint16_t family, uint8_t command)
{
	struct genlmsghdr *header = request_begin(request, family, 0, sizeof *header);

	header->cmd = command;
	header->version = 1;
}

struct number { uint16_t attribute; int value; };

static void number_take(const struct nlmsghdr *message, void *data)
{
	struct number *number = data;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == number->attribute)
			number->value = mnl_attr_get_payload_len(attribute) == sizeof(uint16_t)
						? mnl_attr_get_u16(attribute) : (int)mnl_attr_get_u32(attribute);
}

/* Runs a request that is answered by a number; that, or -errno. */
static int number_ask(int socket, const struct request *request, uint16_t attribute)
{
	struct number number = { attribute, -ENODEV };
	int code = request_run(socket, request, number_take, &number);

	return code < 0 ? code : number.value;
}

static int family_number(int socket)
{
	struct request request;

	message_begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(&request.header, CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME);
	return number_ask(socket, &request, CTRL_ATTR_FAMILY_ID);
}

/* The kernel speaks of these devices only in its first network namespace, which may not be ours. */
static int netlink_generic(int *family)
{
	owned_fd home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	owned_fd fd = -1;
	int code;

	if (home < 0 || first < 0 || setns(first, CLONE_NEWNET) < 0)
		return -errno;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	code = fd < 0 ? -errno : 0;
	if (setns(home, CLONE_NEWNET) < 0)
		return -errno;
	*family = code < 0 ? code : family_number(fd);
	return *family < 0 ? *family : steal_fd(&fd);
}

int nbd_device_bind(int client, const struct nbd_export *export, struct error *err)
{
	int family = -1, number;
	owned_fd netlink = netlink_generic(&family);
	struct nlattr *sockets, *one;
	struct request request;

	if (netlink < 0) {
		error_set(err, netlink == -ENOENT ? 0 : -netlink, "the kernel has no network block devices");
		return error_hint(err, "load its module: modprobe nbd");
	}
	message_begin(&request, (uint16_t)family, NBD_CMD_CONNECT);
	mnl_attr_put_u64(&request.header, NBD_ATTR_SIZE_BYTES, export->size);
	mnl_attr_put_u64(&request.header, NBD_ATTR_BLOCK_SIZE_BYTES, BLOCK_SIZE);
	mnl_attr_put_u64(&request.header, NBD_ATTR_SERVER_FLAGS, export->flags);
	mnl_attr_put_u64(&request.header, NBD_ATTR_CLIENT_FLAGS, NBD_CFLAG_DISCONNECT_ON_CLOSE);
	sockets = mnl_attr_nest_start(&request.header, NBD_ATTR_SOCKETS);
	one = mnl_attr_nest_start(&request.header, NBD_SOCK_ITEM);
	mnl_attr_put_u32(&request.header, NBD_SOCK_FD, (uint32_t)client);
	mnl_attr_nest_end(&request.header, one);
	mnl_attr_nest_end(&request.header, sockets);
	number = number_ask(netlink, &request, NBD_ATTR_INDEX);
	return number < 0 ? error_set(err, -number, "cannot bind a network block device") : number;
}

/* Of one that nobody has opened, which would let go of it. */
static void device_release(int number)
{
	int family = -1;
	owned_fd netlink = netlink_generic(&family);
	struct request request;

	if (netlink < 0)
		return;
	message_begin(&request, (uint16_t)family, NBD_CMD_DISCONNECT);
	mnl_attr_put_u32(&request.header, NBD_ATTR_INDEX, (uint32_t)number);
	request_run(netlink, &request, NULL, NULL);
}

int nbd_device_open(int number, unsigned partition, struct error *err)
{
	char path[64];
	/* Its partitions appear when it is opened. */
	owned_fd whole = -1, part = -1;

	snprintf(path, sizeof path, "/dev/nbd%d", number);
	whole = open(path, O_RDONLY | O_CLOEXEC);
	if (whole < 0) {
		error_set(err, errno, "cannot open %s", path);
		device_release(number);
		return -1;
	}
	if (partition == 0)
		return steal_fd(&whole);
	snprintf(path, sizeof path, "/dev/nbd%dp%u", number, partition);
	part = open(path, O_RDONLY | O_CLOEXEC);
	if (part >= 0)
		return steal_fd(&part);
	if (errno != ENOENT && errno != ENXIO)
		return error_set(err, errno, "cannot open %s", path);
	return error_set(err, 0, "it has no partition %u", partition);
}
