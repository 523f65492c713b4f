/*
 * Netlink requests against the kernel, in a network namespace of the test's
 * own; skipped where none can be made.
 */
#include "lib/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/netlink_bridge.h"
#include "lib/own.h"

static const unsigned char hwaddr[6] = { 0x10, 0x66, 0x6a, 1, 2, 3 };

static int pair_make(int socket)
{
	const struct netlink_veth veth = {
		.host_name = "outer", .peer_name = "inner", .peer_hwaddr = hwaddr, .mtu = 1400, .peer = getpid(),
	};

	int outer = netlink_veth_add(socket, &veth);

	assert_true(outer > 0);
	assert_int_equal(netlink_index(socket, "outer"), outer);
	assert_int_equal(netlink_veth_add(socket, &veth), -EEXIST);
	return netlink_index(socket, "inner");
}

struct search {
	int index;
	unsigned found;
};

static void count_ours(const struct netlink_found *found, void *data)
{
	static const unsigned char v4[] = { 10, 1, 2, 3 };
	struct search *search = data;

	if (found->index == search->index && found->family == AF_INET && found->prefix == 24 &&
	    memcmp(found->bytes, v4, sizeof v4) == 0)
		search->found++;
}

static void test_pair(void **state)
{
	struct netlink_address address = { .family = AF_INET, .bytes = { 10, 1, 2, 3 }, .prefix = 24 };
	static const unsigned char near[] = { 10, 1, 2, 1 }, far[] = { 10, 9, 9, 9 };
	struct search search = { 0 };
	owned_fd socket = netlink_open();
	int inner;

	(void)state;
	assert_true(socket >= 0);
	inner = pair_make(socket);
	assert_true(inner > 0);
	assert_int_equal(netlink_mtu(socket, inner), 1400);
	assert_int_equal(netlink_link_change(socket, inner, &(struct netlink_change){ .name = "eth%d" }), 0);
	assert_int_equal(netlink_index(socket, "eth0"), inner);
	assert_int_equal(netlink_link_change(socket, inner, &(struct netlink_change){ .name = "outer" }), -EEXIST);
	assert_int_equal(netlink_address_add(socket, inner, &address), 0);
	assert_int_equal(netlink_address_add(socket, inner, &address), -EEXIST);
	assert_int_equal(netlink_link_change(socket, inner, &(struct netlink_change){ .up = true }), 0);
	assert_int_equal(netlink_route_default(socket, inner, AF_INET, far), -ENETUNREACH);
	assert_int_equal(netlink_route_host(socket, inner, AF_INET, far), 0);
	assert_int_equal(netlink_route_default(socket, inner, AF_INET, near), 0);
	search.index = inner;
	assert_int_equal(netlink_addresses(socket, count_ours, &search), 0);
	assert_int_equal(search.found, 1);
	assert_int_equal(netlink_link_delete(socket, netlink_index(socket, "outer")), 0);
	assert_int_equal(netlink_index(socket, "eth0"), -ENODEV);
}

struct port_search {
	const char *name;
	int master;
};

static void find_port(const struct netlink_port *port, void *data)
{
	struct port_search *search = data;

	if (strcmp(port->name, search->name) == 0)
		search->master = port->master;
}

static void test_bridge(void **state)
{
	owned_fd socket = netlink_open();
	struct port_search search = { .name = "outer" };
	struct netlink_link link = { 0 };
	int port;

	(void)state;
	assert_int_equal(netlink_link(socket, "lo", &link), 0);
	assert_false(link.bridge);
	assert_int_equal(netlink_link(socket, "a name that is too long", &link), -ENODEV);
	assert_int_equal(netlink_bridge_add(socket, "a name that is too long", hwaddr), -ENAMETOOLONG);
	assert_int_equal(netlink_bridge_add(socket, "bridge0", hwaddr), 0);
	assert_int_equal(netlink_bridge_add(socket, "bridge0", hwaddr), -EEXIST);
	assert_int_equal(netlink_link(socket, "bridge0", &link), 0);
	assert_true(link.bridge);
	assert_memory_equal(link.hardware, hwaddr, sizeof hwaddr);
	pair_make(socket);
	port = netlink_index(socket, "outer");
	assert_int_equal(netlink_link_change(socket, port, &(struct netlink_change){ .master = link.index }), 0);
	assert_int_equal(netlink_ports(socket, find_port, &search), 0);
	assert_int_equal(search.master, link.index);
	assert_int_equal(netlink_link_delete(socket, port), 0);
	assert_int_equal(netlink_link_delete(socket, link.index), 0);
}

static void test_route_metric(void **state)
{
	static const unsigned char there[] = { 10, 9, 9, 9 };
	owned_fd socket = netlink_open();
	struct netlink_route one = { netlink_index(socket, "lo"), AF_INET, there, 7 }, two = one;

	(void)state;
	two.metric = 8;
	assert_int_equal(netlink_link_change(socket, one.index, &(struct netlink_change){ .up = true }), 0);
	assert_int_equal(netlink_route_metric(socket, &one), 0);
	assert_int_equal(netlink_route_metric(socket, &two), 0);
	assert_int_equal(netlink_route_metric_delete(socket, &two), 0);
	assert_int_equal(netlink_route_metric_delete(socket, &two), -ESRCH);
	assert_int_equal(netlink_route_metric_delete(socket, &one), 0);
}

static void test_batch(void **state)
{
	struct netlink_address address = { .family = AF_INET, .bytes = { 10, 1, 3, 1 }, .prefix = 24 };
	owned_fd socket = netlink_open();
	struct netlink_batch batch;
	int inner;

	(void)state;
	inner = pair_make(socket);
	netlink_batch_begin(&batch, socket);
	netlink_batch_change(&batch, inner, &(struct netlink_change){ .name = "eth%d" });
	/* More than fits into one message. */
	for (int i = 0; i < 200; i++) {
		address.bytes[3] = (unsigned char)(i + 1);
		netlink_batch_address(&batch, inner, &address);
	}
	assert_int_equal(netlink_batch_run(&batch), 0);
	assert_int_equal(netlink_index(socket, "eth0"), inner);
	/* The first that is refused is told, and the others are done. */
	netlink_batch_begin(&batch, socket);
	netlink_batch_change(&batch, inner, &(struct netlink_change){ .up = true });
	netlink_batch_address(&batch, inner, &address);
	netlink_batch_change(&batch, inner, &(struct netlink_change){ .name = "outer" });
	netlink_batch_change(&batch, inner, &(struct netlink_change){ .mtu = 1300 });
	assert_int_equal(netlink_batch_run(&batch), -EEXIST);
	assert_int_equal(batch.failed, 1);
	assert_int_equal(netlink_mtu(socket, inner), 1300);
	assert_int_equal(netlink_link_delete(socket, inner), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_bridge),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_route_metric),
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
