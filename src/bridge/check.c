/*
 * The checks of lxs-net, and those that only read what the kernel shows.  The
 * parts that the kernel must have are tried, in a network namespace that ends with the try.
 * Called by commands/net.c.
 */
#include "bridge/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bridge/firewall.h"
#include "bridge/tool.h"
#include "lib/file.h"
#include "lib/netlink.h"
#include "lib/netlink_bridge.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/which.h"

void bridge_finding_add(struct bridge_findings *findings, const char *subject, const char *what, const char *remedy)
{
	findings->items = arena_append(findings->arena, findings->items, &findings->count, sizeof *findings->items);
	findings->items[findings->count - 1] = (struct bridge_finding){ subject, what, remedy };
}

/* The contents of a file of /proc, as long as the arena; "" when there is none. */
static char *kernel_file(struct arena *arena, const char *path)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	size_t length;

	return file_read(path, &text, &length, &ignored) < 0 ? arena_strdup(arena, "") : arena_strdup(arena, text);
}

/* ---- programs and kernel ---- */

static void check_programs(const struct bridge_conf *conf, struct bridge_findings *findings)
{
	char path[PATH_MAX];

	if (!which("dnsmasq", path))
		bridge_finding_add(findings, "program", "there is no dnsmasq, which gives out addresses and names",
				   "install dnsmasq (Debian: dnsmasq-base)");
	if (!which("nft", path) && !which("iptables", path))
		bridge_finding_add(findings, "program", "there is neither nft nor iptables to let containers out",
				   "install nftables");
	else if (!conf->nft && !which("iptables", path))
		bridge_finding_add(findings, "program", "LXC_USE_NFT=false, but there is no iptables",
				   "install iptables, or take that line out");
}

enum { LACKS_BRIDGE = 1, LACKS_VETH = 2, LACKS_RULES = 4, CANNOT_TRY = 8 };

static int rules_try(const struct bridge_conf *conf)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = firewall_text(conf);
	char path[] = "/tmp/lxs-net.XXXXXX";
	owned_fd fd = mkostemp(path, O_CLOEXEC);
	int result = 0;

	if (fd < 0)
		return 0;
	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
	    tool_run((char *[]){ (char *)"nft", (char *)"-f", path, NULL }, "rules", &ignored) < 0)
		result = LACKS_RULES;
	unlink(path);
	return result;
}

/* In a process and a network namespace of its own: all of it is gone when it ends. */
static int parts_try(const struct bridge_conf *conf)
{
	const struct netlink_veth veth = { .host_name = "lxsa", .peer_name = "lxsb", .peer = getpid() };
	owned_fd socket = -1;
	int lacks = 0;

	if (unshare(CLONE_NEWNET) < 0)
		return CANNOT_TRY;
	socket = netlink_open();
	if (netlink_bridge_add(socket, conf->bridge, conf->mac) < 0)
		lacks |= LACKS_BRIDGE;
	if (netlink_veth_add(socket, &veth) < 0)
		lacks |= LACKS_VETH;
	return lacks | (strcmp(firewall_kind(conf), "nftables") == 0 ? rules_try(conf) : 0);
}

static void check_kernel(const struct bridge_conf *conf, struct bridge_findings *findings)
{
	char path[PATH_MAX];
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(parts_try(conf));
	status = child < 0 ? -1 : proc_wait(child);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) & CANNOT_TRY)
		return;
	if (WEXITSTATUS(status) & LACKS_BRIDGE)
		bridge_finding_add(findings, "kernel", "the kernel makes no bridges", "modprobe bridge");
	if (WEXITSTATUS(status) & LACKS_VETH)
		bridge_finding_add(findings, "kernel", "the kernel makes no pairs of interfaces", "modprobe veth");
	if (WEXITSTATUS(status) & LACKS_RULES && which("nft", path))
		bridge_finding_add(findings, "kernel", "the kernel does not take the packet rules",
				   "modprobe -a nf_tables nft_ct nft_masq nft_chain_nat, or LXC_USE_NFT=false for iptables");
}

/* ---- forwarding ---- */

static void check_forwarding(const struct bridge_status *status, struct bridge_findings *findings)
{
	const char *four = kernel_file(findings->arena, "/proc/sys/net/ipv4/ip_forward");
	const char *six = kernel_file(findings->arena, "/proc/sys/net/ipv6/conf/all/forwarding");

	if (!status->started)
		return;
	if (*four != '1')
		bridge_finding_add(findings, "forwarding", "the host forwards no IPv4 packets: somebody turned that off",
				   "sysctl -w net.ipv4.ip_forward=1");
	if (status->conf.ipv6 && *six != '1')
		bridge_finding_add(findings, "forwarding", "the host forwards no IPv6 packets: somebody turned that off",
				   "sysctl -w net.ipv6.conf.all.forwarding=1");
}

enum { ROUTE_FROM_ROUTER = 0x00040000 };

/* A host that forwards no longer listens to routers unless told so twice. */
static void check_router_listening(const struct bridge_conf *conf, struct bridge_findings *findings)
{
	struct arena *arena = findings->arena;
	char *next = conf->ipv6 ? kernel_file(arena, "/proc/net/ipv6_route") : NULL;

	for (char *line; next && (line = strsep(&next, "\n"));) {
		char prefix[3], device[17];
		unsigned flags;

		if (sscanf(line, "%*32s %2s %*s %*s %*s %*s %*s %*s %x %16s", prefix, &flags, device) != 3 ||
		    strcmp(prefix, "00") != 0 || !(flags & ROUTE_FROM_ROUTER))
			continue;
		if (*kernel_file(arena, arena_printf(arena, "/proc/sys/net/ipv6/conf/%s/accept_ra", device)) != '1')
			continue;
		bridge_finding_add(findings, "forwarding",
				   arena_printf(arena, "%s learns its IPv6 route from a router, which ends when the host "
						"forwards IPv6", device),
				   arena_printf(arena, "sysctl -w net/ipv6/conf/%s/accept_ra=2", device));
	}
}

/* ---- routes ---- */

static const char *network_text(struct arena *arena, uint32_t network, uint32_t mask)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &network, text, sizeof text);
	return arena_printf(arena, "%s/%d", text, __builtin_popcount(mask));
}

/* Lines IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK ..., numbers in hexadecimal and network order. */
static void check_routes(const struct bridge_conf *conf, struct bridge_findings *findings)
{
	char *next = kernel_file(findings->arena, "/proc/net/route");

	for (char *line; (line = strsep(&next, "\n"));) {
		uint32_t network, mask, common;
		char device[17];

		if (sscanf(line, "%16s %x %*x %*x %*d %*d %*d %x", device, &network, &mask) != 3 || mask == 0 ||
		    strcmp(device, conf->bridge) == 0)
			continue;
		common = mask & conf->mask.s_addr;
		if ((network & common) != (conf->network.s_addr & common))
			continue;
		bridge_finding_add(findings, "route",
				   arena_printf(findings->arena, "the host reaches %s through %s, which overlaps the bridge's %s",
						network_text(findings->arena, network, mask), device,
						network_text(findings->arena, conf->network.s_addr, conf->mask.s_addr)),
				   "choose another network: LXC_ADDR (and LXC_NETWORK, LXC_DHCP_RANGE where they are set)");
	}
}

/* ---- what was made ---- */

static void check_made(const struct bridge_status *status, struct bridge_findings *findings)
{
	if (!status->started)
		return;
	if (!status->up)
		bridge_finding_add(findings, "bridge",
				   arena_printf(findings->arena, "the bridge %s is down, or was removed", status->conf.bridge),
				   "lxs-net restart");
	if (status->server == 0)
		bridge_finding_add(findings, "server", "dnsmasq was started, but runs no more: no new addresses, no names",
				   "lxs-net restart");
	if (!firewall_is_loaded(&status->conf))
		bridge_finding_add(findings, "firewall", "the packet rules were loaded, but somebody removed them",
				   "lxs-net restart");
}

int bridge_check(const struct bridge_status *status, struct bridge_findings *findings, struct error *err)
{
	check_programs(&status->conf, findings);
	check_kernel(&status->conf, findings);
	check_made(status, findings);
	check_forwarding(status, findings);
	check_router_listening(&status->conf, findings);
	check_routes(&status->conf, findings);
	check_ports(status, findings);
	return check_firewall(&status->conf, findings, err);
}
