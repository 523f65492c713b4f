/*
 * Loads and removes the packet rules.  An `accept` in a table of one's own
 * ends only that table's say: who drops in another table is found by
 * bridge/check_firewall.c.  The rules for forwarded packets count them, which
 * shows how far a packet came.  Called by bridge.c.
 */
#include "bridge/firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bridge/tool.h"
#include "control/journal.h"
#include "control/lines.h"
#include "lib/own.h"
#include "lib/text.h"
#include "lib/which.h"

static void network4(const struct bridge_conf *conf, char *text, size_t size)
{
	char address[INET_ADDRSTRLEN];

	snprintf(text, size, "%s/%u", inet_ntop(AF_INET, &conf->network, address, sizeof address), conf->prefix);
}

static void network6(const struct bridge_conf *conf, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN];

	snprintf(text, size, "%s/%u", inet_ntop(AF_INET6, &conf->network6, address, sizeof address),
		 conf->network6_prefix);
}

char *firewall_text(const struct bridge_conf *conf)
{
	char net4[INET_ADDRSTRLEN + 4], net6[INET6_ADDRSTRLEN + 4];
	struct buffer out = { 0 };

	network4(conf, net4, sizeof net4);
	network6(conf, net6, sizeof net6);
	buffer_puts(&out, "table inet " FIREWALL_TABLE "\ndelete table inet " FIREWALL_TABLE "\n");
	buffer_puts(&out, "table inet " FIREWALL_TABLE " {\n\tchain input {\n"
			  "\t\ttype filter hook input priority filter; policy accept;\n");
	buffer_printf(&out, "\t\tiifname \"%s\" udp dport { 53, 67, 547 } counter accept\n", conf->bridge);
	buffer_printf(&out, "\t\tiifname \"%s\" tcp dport 53 counter accept\n\t}\n\tchain forward {\n", conf->bridge);
	buffer_puts(&out, "\t\ttype filter hook forward priority filter; policy accept;\n");
	buffer_printf(&out, "\t\tiifname \"%s\" counter accept\n\t\toifname \"%s\" counter accept\n\t}\n", conf->bridge,
		      conf->bridge);
	buffer_puts(&out, "\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n");
	buffer_printf(&out, "\t\tip saddr %s ip daddr != %s counter masquerade\n", net4, net4);
	if (conf->ipv6 && conf->nat6)
		buffer_printf(&out, "\t\tip6 saddr %s ip6 daddr != %s counter masquerade\n", net6, net6);
	buffer_puts(&out, "\t}\n}\n");
	return out.text;
}

/* ---- nft ---- */

static int table_load(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	owned_str text = firewall_text(conf);
	owned_str path = NULL;

	if (asprintf(&path, "%s/rules", run->path) < 0)
		return error_set(err, ENOMEM, "cannot load the packet rules");
	if (lines_replace(run->fd, "rules", text, strlen(text)) < 0)
		return error_set(err, errno, "cannot write %s", path);
	if (journal_add(run, "table", (const char *const[]){ FIREWALL_TABLE, NULL }, err) < 0)
		return -1;
	if (tool_run((char *[]){ (char *)"nft", (char *)"-f", path, NULL }, "cannot load the packet rules", err) < 0)
		return error_hint(err, "'lxs-net check' tries what the kernel has; LXC_USE_NFT=false takes iptables");
	return 0;
}

int firewall_undo_table(char *const *arguments, size_t count, struct error *err)
{
	char text[128];

	if (count != 1)
		return error_set(err, EINVAL, "bad table line in the journal");
	/* Adding it first makes deleting it right also when it is not there. */
	snprintf(text, sizeof text, "add table inet %s; delete table inet %s", arguments[0], arguments[0]);
	return tool_run((char *[]){ (char *)"nft", text, NULL }, "cannot remove the packet rules", err);
}

/* ---- iptables ---- */

enum { RULE_WORDS = 14 };

/* {bridge} and {network} in the words are filled in. */
struct rule { bool v6; const char *words[RULE_WORDS]; };

static const struct rule rules[] = {
	{ false, { "filter", "INPUT", "-i", "{bridge}", "-p", "udp", "--dport", "67", "-j", "ACCEPT" } },
	{ false, { "filter", "INPUT", "-i", "{bridge}", "-p", "udp", "--dport", "53", "-j", "ACCEPT" } },
	{ false, { "filter", "INPUT", "-i", "{bridge}", "-p", "tcp", "--dport", "53", "-j", "ACCEPT" } },
	{ false, { "filter", "FORWARD", "-i", "{bridge}", "-j", "ACCEPT" } },
	{ false, { "filter", "FORWARD", "-o", "{bridge}", "-j", "ACCEPT" } },
	{ false, { "nat", "POSTROUTING", "-s", "{network}", "!", "-d", "{network}", "-j", "MASQUERADE" } },
	{ true, { "filter", "INPUT", "-i", "{bridge}", "-p", "udp", "--dport", "547", "-j", "ACCEPT" } },
	{ true, { "filter", "FORWARD", "-i", "{bridge}", "-j", "ACCEPT" } },
	{ true, { "filter", "FORWARD", "-o", "{bridge}", "-j", "ACCEPT" } },
	{ true, { "nat", "POSTROUTING", "-s", "{network}", "!", "-d", "{network}", "-j", "MASQUERADE" } },
};

static int rule_change(char *const *words, const char *change, const char *what, struct error *err)
{
	char *argv[RULE_WORDS + 6] = { words[0], (char *)"-w", (char *)"-t", words[1], (char *)change };
	size_t used = 5;

	for (size_t i = 2; words[i] && used < sizeof argv / sizeof argv[0] - 1; i++)
		argv[used++] = words[i];
	return tool_run(argv, what, err);
}

static int rule_load(struct rundir *run, const struct bridge_conf *conf, const struct rule *rule, struct error *err)
{
	char network[INET6_ADDRSTRLEN + 4];
	char *words[RULE_WORDS + 2] = { (char *)(rule->v6 ? "ip6tables" : "iptables") };

	if (rule->v6)
		network6(conf, network, sizeof network);
	else
		network4(conf, network, sizeof network);
	for (size_t i = 0; i < RULE_WORDS && rule->words[i]; i++) {
		words[i + 1] = (char *)rule->words[i];
		if (strcmp(rule->words[i], "{bridge}") == 0)
			words[i + 1] = (char *)conf->bridge;
		else if (strcmp(rule->words[i], "{network}") == 0)
			words[i + 1] = network;
	}
	if (journal_add(run, "rule", (const char *const *)words, err) < 0)
		return -1;
	/* In front of what an administrator's rules may drop. */
	return rule_change(words, "-I", "cannot add a packet rule", err);
}

static bool rule_is_wanted(const struct bridge_conf *conf, const struct rule *rule)
{
	return !rule->v6 || (conf->ipv6 && (conf->nat6 || strcmp(rule->words[0], "nat") != 0));
}

static int rules_load(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rule_is_wanted(conf, &rules[i]) && rule_load(run, conf, &rules[i], err) < 0)
			return -1;
	return 0;
}

int firewall_undo_rule(char *const *arguments, size_t count, struct error *err)
{
	owned_error ignored = ERROR_INIT;

	if (count < 4 || count > RULE_WORDS + 1)
		return error_set(err, EINVAL, "bad rule line in the journal");
	/* One that was never added cannot be found: -C tells that from a failure. */
	if (rule_change(arguments, "-C", "no such rule", &ignored) < 0)
		return 0;
	return rule_change(arguments, "-D", "cannot remove a packet rule", err);
}

/* ---- which ---- */

const char *firewall_kind(const struct bridge_conf *conf)
{
	char path[PATH_MAX];

	return conf->nft && (which("nft", path) || !which("iptables", path)) ? "nftables" : "iptables";
}

bool firewall_is_loaded(const struct bridge_conf *conf)
{
	char *const table[] = { (char *)"nft", (char *)"list table inet " FIREWALL_TABLE, NULL };
	char *const rule[] = { (char *)"iptables", (char *)"-w", (char *)"-C", (char *)"FORWARD", (char *)"-i",
			       (char *)conf->bridge, (char *)"-j", (char *)"ACCEPT", NULL };
	owned_error ignored = ERROR_INIT;

	if (geteuid() != 0)
		return true;
	return tool_run(strcmp(firewall_kind(conf), "nftables") == 0 ? table : rule, "", &ignored) == 0;
}

int firewall_load(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	return strcmp(firewall_kind(conf), "nftables") == 0 ? table_load(run, conf, err) : rules_load(run, conf, err);
}
