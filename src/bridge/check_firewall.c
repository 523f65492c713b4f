/*
 * Finds base chains of others (Docker, firewalld, ufw) that drop the packets
 * of the bridge's containers: follows a packet through the ruleset that
 * `nft -j list ruleset` prints.  What a match asks that is not known of the
 * packet stays open, and a rule with such a match drops nothing here.  Apart from
 * check.c for the size of that.
 */
#include "bridge/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "bridge/firewall.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/which.h"

/* A packet that must get through. */
struct packet {
	const char *hook;          /* "forward", "input" */
	const char *in, *out;      /* interfaces; NULL: any other */
	const char *state;         /* of its connection: "new", "established" */
	const char *address;       /* the field that holds a container's address: "saddr", "daddr" */
	unsigned port;             /* it is sent to; 0: any */
	const char *what;          /* for the finding */
};

enum truth { FALSE, OPEN, TRUE };
enum verdict { FALLS_THROUGH, ACCEPTED, DROPPED, RETURNED };

struct walk {
	json_t *objects;
	const struct bridge_conf *conf;
	const struct packet *packet;
	const char *family, *table;
	unsigned depth;
};

enum { DEPTH_MAX = 16 };

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* ---- what a match says of the packet ---- */

static bool name_fits(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '*')
		return strncmp(pattern, name, length - 1) == 0;
	return strcmp(pattern, name) == 0;
}

static enum truth interface_fits(const json_t *value, const char *name)
{
	const char *pattern = json_string_value(value);

	if (!pattern)
		return OPEN;
	/* The other side may be any interface, but not the bridge. */
	return name && name_fits(pattern, name) ? TRUE : name ? FALSE : OPEN;
}

static enum truth address_fits(const json_t *value, const struct bridge_conf *conf)
{
	const json_t *prefix = json_object_get(value, "prefix");
	json_int_t length = prefix ? json_integer_value(json_object_get(prefix, "len")) : 32;
	const char *text = prefix ? member(prefix, "addr") : json_string_value(value);
	struct in_addr address;
	uint32_t mask;

	if (!text || inet_pton(AF_INET, text, &address) != 1 || length < 0 || length > 32)
		return OPEN;
	mask = length == 0 ? 0 : htonl(~UINT32_C(0) << (32 - length));
	if (((address.s_addr ^ conf->network.s_addr) & mask & conf->mask.s_addr) != 0)
		return FALSE;
	return length <= (json_int_t)conf->prefix ? TRUE : OPEN;
}

static enum truth port_fits(const json_t *value, unsigned port)
{
	const json_t *range = json_object_get(value, "range");

	if (port == 0)
		return OPEN;
	if (range)
		return json_integer_value(json_array_get(range, 0)) <= port &&
		       port <= json_integer_value(json_array_get(range, 1)) ? TRUE : FALSE;
	return json_is_integer(value) ? json_integer_value(value) == port ? TRUE : FALSE : OPEN;
}

static enum truth value_fits(const struct walk *walk, const json_t *left, const json_t *value)
{
	const struct packet *packet = walk->packet;
	const json_t *meta = json_object_get(left, "meta"), *payload = json_object_get(left, "payload");
	const char *key = member(meta, "key"), *field = member(payload, "field");

	if (strcmp(key, "iifname") == 0 || strcmp(key, "iif") == 0)
		return interface_fits(value, packet->in);
	if (strcmp(key, "oifname") == 0 || strcmp(key, "oif") == 0)
		return interface_fits(value, packet->out);
	if (strcmp(member(json_object_get(left, "ct"), "key"), "state") == 0 && json_is_string(value))
		return strcmp(json_string_value(value), packet->state) == 0 ? TRUE : FALSE;
	if (strcmp(field, packet->address) == 0 && strcmp(member(payload, "protocol"), "ip") == 0)
		return address_fits(value, walk->conf);
	if (strcmp(field, "dport") == 0)
		return strcmp(member(payload, "protocol"), "udp") == 0 || packet->port == 0 ? port_fits(value, packet->port)
										      : FALSE;
	return OPEN;
}

/* The right side is one value, a list of them, or {"set": [...]}. */
static enum truth any_fits(const struct walk *walk, const json_t *left, const json_t *right)
{
	const json_t *set = json_object_get(right, "set"), *list = set ? set : right;
	enum truth best = FALSE;
	const json_t *item;
	size_t i;

	if (!json_is_array(list))
		return value_fits(walk, left, list);
	json_array_foreach(list, i, item) {
		enum truth one = value_fits(walk, left, item);

		best = one > best ? one : best;
	}
	return best;
}

static enum truth match_fits(const struct walk *walk, const json_t *match)
{
	enum truth fits = any_fits(walk, json_object_get(match, "left"), json_object_get(match, "right"));
	const char *op = member(match, "op");

	if (strcmp(op, "!=") == 0)
		return fits == TRUE ? FALSE : fits == FALSE ? TRUE : OPEN;
	return strcmp(op, "==") == 0 || strcmp(op, "in") == 0 ? fits : OPEN;
}

/* ---- the way of the packet ---- */

static enum verdict chain_walk(struct walk *walk, const char *chain);

static enum verdict verdict_of(struct walk *walk, const json_t *statement)
{
	const char *jump = member(json_object_get(statement, "jump"), "target");
	const char *leap = member(json_object_get(statement, "goto"), "target");
	enum verdict end;

	if (json_object_get(statement, "accept"))
		return ACCEPTED;
	if (json_object_get(statement, "drop") || json_object_get(statement, "reject"))
		return DROPPED;
	if (json_object_get(statement, "return"))
		return RETURNED;
	if (!*jump && !*leap)
		return FALLS_THROUGH;
	end = chain_walk(walk, *jump ? jump : leap);
	/* After a goto the packet goes on where the chain that was left would have. */
	return end == FALLS_THROUGH && *leap ? RETURNED : end;
}

static enum verdict map_verdict(struct walk *walk, const json_t *map)
{
	const json_t *set = json_object_get(json_object_get(map, "data"), "set"), *pair;
	size_t i;

	json_array_foreach(set, i, pair)
		if (any_fits(walk, json_object_get(map, "key"), json_array_get(pair, 0)) == TRUE)
			return verdict_of(walk, json_array_get(pair, 1));
	return FALLS_THROUGH;
}

/* A rule with an open match counts only when it accepts and names the bridge or its network: that is somebody's remedy. */
static enum verdict rule_walk(struct walk *walk, const json_t *rule)
{
	bool open = false, named = false;
	const json_t *statement;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, statement) {
		const json_t *match = json_object_get(statement, "match"), *map = json_object_get(statement, "vmap");
		enum truth fits = match ? match_fits(walk, match) : TRUE;
		enum verdict verdict = FALLS_THROUGH;

		if (fits == FALSE)
			return FALLS_THROUGH;
		open |= fits == OPEN || json_object_get(statement, "xt") != NULL;
		named |= match && fits == TRUE && strcmp(member(match, "op"), "!=") != 0 &&
			 !json_object_get(json_object_get(match, "left"), "ct");
		if (map)
			verdict = open ? FALLS_THROUGH : map_verdict(walk, map);
		else if (!match)
			verdict = verdict_of(walk, statement);
		if (verdict != FALLS_THROUGH && (!open || (verdict == ACCEPTED && named)))
			return verdict;
	}
	return FALLS_THROUGH;
}

static enum verdict chain_walk(struct walk *walk, const char *chain)
{
	enum verdict verdict = FALLS_THROUGH;
	const json_t *object;
	size_t i;

	if (walk->depth >= DEPTH_MAX)
		return FALLS_THROUGH;
	walk->depth++;
	json_array_foreach(walk->objects, i, object) {
		const json_t *rule = json_object_get(object, "rule");

		if (!rule || strcmp(member(rule, "family"), walk->family) != 0 ||
		    strcmp(member(rule, "table"), walk->table) != 0 || strcmp(member(rule, "chain"), chain) != 0)
			continue;
		verdict = rule_walk(walk, rule);
		if (verdict != FALLS_THROUGH)
			break;
	}
	walk->depth--;
	return verdict == RETURNED ? FALLS_THROUGH : verdict;
}

/* ---- whose it is ---- */

static bool has_chain(const struct walk *walk, const char *name)
{
	const json_t *object;
	size_t i;

	json_array_foreach(walk->objects, i, object) {
		const json_t *chain = json_object_get(object, "chain");

		if (strcmp(member(chain, "table"), walk->table) == 0 && strcmp(member(chain, "name"), name) == 0)
			return true;
	}
	return false;
}

static const char *remedy_of(const struct walk *walk, const char *chain, const char **owner, struct arena *arena)
{
	const char *bridge = walk->conf->bridge, *hook = walk->packet->hook;
	bool forward = strcmp(hook, "forward") == 0;

	*owner = "";
	if (forward && has_chain(walk, "DOCKER-USER")) {
		*owner = " (Docker's)";
		return arena_printf(arena, "iptables -I DOCKER-USER -i %s -j ACCEPT; iptables -I DOCKER-USER -o %s -j ACCEPT",
				    bridge, bridge);
	}
	if (strcmp(walk->table, "firewalld") == 0) {
		*owner = " (firewalld's)";
		return arena_printf(arena, "firewall-cmd --permanent --zone=trusted --add-interface=%s; firewall-cmd --reload",
				    bridge);
	}
	if (has_chain(walk, "ufw-before-forward")) {
		*owner = " (ufw's)";
		return forward ? arena_printf(arena, "ufw route allow in on %s; ufw route allow out on %s", bridge, bridge)
			       : arena_printf(arena, "ufw allow in on %s", bridge);
	}
	return arena_printf(arena, "nft insert rule %s %s %s %s %s accept", walk->family, walk->table, chain,
			    walk->packet->in ? "iifname" : "oifname", bridge);
}

static void chain_judge(struct walk *walk, const json_t *chain, struct bridge_findings *findings)
{
	const char *name = member(chain, "name"), *remedy, *owner;
	enum verdict verdict = chain_walk(walk, name);

	if (verdict == ACCEPTED || (verdict == FALLS_THROUGH && strcmp(member(chain, "policy"), "drop") != 0))
		return;
	remedy = remedy_of(walk, name, &owner, findings->arena);
	/* Both directions of one chain have one remedy. */
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].remedy, remedy) == 0)
			return;
	bridge_finding_add(findings, "firewall",
			   arena_printf(findings->arena, "the chain %s of table %s %s%s drops %s", name, walk->family,
					walk->table, owner, walk->packet->what), remedy);
}

static bool is_foreign(const json_t *chain)
{
	const char *family = member(chain, "family"), *table = member(chain, "table");

	return (strcmp(family, "ip") == 0 || strcmp(family, "inet") == 0) && strcmp(member(chain, "type"), "filter") == 0 &&
	       (strcmp(family, "inet") != 0 || strcmp(table, FIREWALL_TABLE) != 0);
}

int check_ruleset(const char *text, const struct bridge_conf *conf, struct bridge_findings *findings, struct error *err)
{
	const struct packet packets[] = {
		{ "forward", conf->bridge, NULL, "new", "saddr", 0, "what containers send" },
		{ "forward", NULL, conf->bridge, "established", "daddr", 0, "what containers are answered" },
		{ "input", conf->bridge, NULL, "new", "saddr", 67, "the containers' requests for an address (DHCP)" },
		{ "input", conf->bridge, NULL, "new", "saddr", 53, "the containers' requests for names (DNS)" },
	};
	json_error_t why;
	json_t *root = json_loads(text, 0, &why), *object;
	struct walk walk = { .objects = json_object_get(root, "nftables"), .conf = conf };
	size_t i;

	if (!root)
		return error_set(err, 0, "the ruleset that nft prints cannot be read: %s", why.text);
	for (size_t p = 0; p < sizeof packets / sizeof packets[0]; p++) {
		json_array_foreach(walk.objects, i, object) {
			const json_t *chain = json_object_get(object, "chain");

			if (strcmp(member(chain, "hook"), packets[p].hook) != 0 || !is_foreign(chain))
				continue;
			walk.packet = &packets[p];
			walk.family = member(chain, "family");
			walk.table = member(chain, "table");
			chain_judge(&walk, chain, findings);
		}
	}
	json_decref(root);
	return 0;
}

/* ---- asking ---- */

/* All that a program prints; NULL: it fails. */
static char *output_of(char *const *argv)
{
	owned_fd file = memfd_create("output", MFD_CLOEXEC);
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	size_t length;
	pid_t pid = file < 0 ? -errno : proc_start(argv, NULL, file);
	int status = pid < 0 ? pid : proc_wait(pid);

	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || lseek(file, 0, SEEK_SET) < 0 ||
	    file_read_fd(file, argv[0], &text, &length, &ignored) < 0)
		return NULL;
	return steal_ptr(text);
}

/* The rules of before nftables are beside them, and nft does not show them. */
static void check_legacy(const struct bridge_conf *conf, struct bridge_findings *findings)
{
	char path[PATH_MAX];
	owned_str rules = NULL;
	owned_str accept = NULL;

	if (access("/proc/net/ip_tables_names", F_OK) < 0 || !which("iptables-legacy", path))
		return;
	rules = output_of((char *[]){ path, (char *)"-S", (char *)"FORWARD", NULL });
	if (!rules || !strstr(rules, "-P FORWARD DROP") || asprintf(&accept, "-i %s -j ACCEPT", conf->bridge) < 0 ||
	    strstr(rules, accept))
		return;
	bridge_finding_add(findings, "firewall", "the chain FORWARD of iptables-legacy drops what containers send",
			   arena_printf(findings->arena, "iptables-legacy -I FORWARD -i %s -j ACCEPT; iptables-legacy -I FORWARD "
					"-o %s -j ACCEPT", conf->bridge, conf->bridge));
}

int check_firewall(const struct bridge_conf *conf, struct bridge_findings *findings, struct error *err)
{
	char path[PATH_MAX];
	owned_str text = NULL;

	check_legacy(conf, findings);
	if (!which("nft", path))
		return 0;
	text = output_of((char *[]){ path, (char *)"-j", (char *)"list", (char *)"ruleset", NULL });
	if (!text)
		return error_set(err, 0, "'nft -j list ruleset' fails, so the rules of others cannot be looked at");
	return check_ruleset(text, conf, findings, err);
}
