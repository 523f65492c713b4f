/*
 * Who has the ports of the server: sockets of /proc/net, and the process that
 * holds one, found by its number.  Apart from check.c for the search.
 */
#include "bridge/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

enum { PORT_DNS = 53, PORT_DHCP = 67, TCP_LISTENING = 10 };

struct owner { pid_t pid; char name[32]; };

static bool holds(pid_t pid, const char *socket)
{
	char path[64], link[64];
	owned_dir directory = NULL;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);

		if (length > 0 && (size_t)length == strlen(socket) && memcmp(link, socket, (size_t)length) == 0)
			return true;
	}
	return false;
}

static void owner_name(struct owner *owner)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	char path[64];
	size_t length;

	snprintf(path, sizeof path, "/proc/%d/comm", owner->pid);
	if (file_read(path, &text, &length, &ignored) == 0)
		snprintf(owner->name, sizeof owner->name, "%.*s", (int)strcspn(text, "\n"), text);
}

static struct owner owner_find(unsigned long inode)
{
	owned_dir proc = opendir("/proc");
	struct owner owner = { 0, "somebody" };
	char socket[48];

	snprintf(socket, sizeof socket, "socket:[%lu]", inode);
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0 for what is no process */

		if (pid <= 0 || !holds(pid, socket))
			continue;
		owner.pid = pid;
		owner_name(&owner);
		break;
	}
	return owner;
}

/* One row of /proc/net. */
struct table { const char *file, *protocol; bool v6, listens; unsigned port; };

static const struct table tables[] = {
	{ "udp", "udp", false, false, PORT_DNS }, { "tcp", "tcp", false, true, PORT_DNS },
	{ "udp6", "udp", true, false, PORT_DNS }, { "tcp6", "tcp", true, true, PORT_DNS },
	{ "udp", "udp", false, false, PORT_DHCP },
};

static bool is_in_the_way(const struct bridge_conf *conf, const struct table *table, const char *address)
{
	char ours[9];

	/* A socket for all addresses takes ours too; one of IPv6 for all takes IPv4 along. */
	if (address[strspn(address, "0")] == '\0')
		return true;
	snprintf(ours, sizeof ours, "%08X", conf->address.s_addr);
	return !table->v6 && strcmp(address, ours) == 0;
}

static void socket_judge(const struct bridge_status *status, const struct table *table, unsigned long inode,
			 struct bridge_findings *findings)
{
	struct owner owner = owner_find(inode);
	struct arena *arena = findings->arena;
	const char *remedy = "make it listen on its own addresses only";

	if (owner.pid > 0 && owner.pid == status->server)
		return;
	/* Servers for DHCP that stay at one interface share the port. */
	if (table->port == PORT_DHCP && strcmp(owner.name, "dnsmasq") == 0)
		return;
	if (strcmp(owner.name, "named") == 0)
		remedy = "in its options: listen-on { 127.0.0.1; };";
	else if (strcmp(owner.name, "dnsmasq") == 0)
		remedy = "in its configuration: bind-interfaces, and except-interface for the bridge";
	else if (strcmp(owner.name, "unbound") == 0)
		remedy = "in its configuration: interface: 127.0.0.1";
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].subject, "port") == 0 && strstr(findings->items[i].what, owner.name))
			return;
	bridge_finding_add(findings, "port",
			   arena_printf(arena, "port %u (%s) is taken by %s (process %d), on all addresses or the bridge's",
					table->port, table->protocol, owner.name, owner.pid), remedy);
}

/* Lines `N: ADDRESS:PORT REMOTE STATE ... INODE`, numbers in hexadecimal. */
static void table_read(const struct bridge_status *status, const struct table *table, struct bridge_findings *findings)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	char path[64], *next;
	size_t length;

	snprintf(path, sizeof path, "/proc/net/%s", table->file);
	if (file_read(path, &text, &length, &ignored) < 0)
		return;
	next = text;
	for (char *line; (line = strsep(&next, "\n"));) {
		char address[40];
		unsigned port, state;
		unsigned long inode;

		if (sscanf(line, " %*d: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*u %*u %lu", address, &port, &state, &inode) != 4)
			continue;
		if (port == table->port && (!table->listens || state == TCP_LISTENING) &&
		    is_in_the_way(&status->conf, table, address))
			socket_judge(status, table, inode, findings);
	}
}

void check_ports(const struct bridge_status *status, struct bridge_findings *findings)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		table_read(status, &tables[i], findings);
}
