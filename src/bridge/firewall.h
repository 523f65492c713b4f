/*
 * Packet rules of lxs-net: what lets the bridge's containers out, as one table
 * of nftables that is loaded and removed as a whole, or as rules of iptables
 * where there is no nft.
 */
#pragma once

#include "bridge/conf.h"
#include "control/rundir.h"

/* The name of the table; its family is inet. */
#define FIREWALL_TABLE "lxs"

/* What nft -f is given; the caller frees it.  Replaces an earlier table in the same step. */
char *firewall_text(const struct bridge_conf *conf);

/* Loads the rules, noted in the journal. */
int firewall_load(struct rundir *run, const struct bridge_conf *conf, struct error *err);

/* Whether they are there; without the right to look they are taken to be. */
bool firewall_is_loaded(const struct bridge_conf *conf);

/* "nftables", or "iptables". */
const char *firewall_kind(const struct bridge_conf *conf);

/* Kinds of lines of the journal. */
int firewall_undo_table(char *const *arguments, size_t count, struct error *err);
int firewall_undo_rule(char *const *arguments, size_t count, struct error *err);
