/*
 * What keeps the network of lxs-net from working, each with what to do about
 * it.
 */
#pragma once

#include "bridge/bridge.h"
#include "lib/arena.h"

struct bridge_finding {
	const char *subject;   /* "port", "firewall", "forwarding", "route", "kernel", "program", "bridge", "server" */
	const char *what, *remedy;
};

struct bridge_findings {
	struct arena *arena;
	struct bridge_finding *items;
	size_t count;
};

void bridge_finding_add(struct bridge_findings *findings, const char *subject, const char *what, const char *remedy);

/* Looks at everything; needs root. */
int bridge_check(const struct bridge_status *status, struct bridge_findings *findings, struct error *err);

/* bridge/check_ports.c: who else has the ports of the server. */
void check_ports(const struct bridge_status *status, struct bridge_findings *findings);

/* bridge/check_firewall.c: chains of others that drop what the bridge's containers send or get. */
int check_firewall(const struct bridge_conf *conf, struct bridge_findings *findings, struct error *err);

/* The same for a ruleset as `nft -j list ruleset` prints it. */
int check_ruleset(const char *text, const struct bridge_conf *conf, struct bridge_findings *findings, struct error *err);
