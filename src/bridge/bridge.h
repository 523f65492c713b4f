/*
 * The host's bridge for containers: what lxs-net start makes and lxs-net stop
 * takes away.  What is made is in a journal before it is made, so a start that
 * was killed is cleared away by the next start or stop.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "bridge/conf.h"
#include "bridge/server.h"
#include "lib/arena.h"
#include "lib/error.h"

enum bridge_answer {
	BRIDGE_DONE = 0,
	BRIDGE_NOTHING = 1,   /* it runs already with the same settings; or there was nothing to stop */
	BRIDGE_KEPT = 2,      /* stopped, but the bridge stays: containers are attached to it */
};

/* BRIDGE_DONE, BRIDGE_NOTHING, or -1 and nothing is left. */
int bridge_start(const struct bridge_conf *conf, struct error *err);

/* Any of the answers, or -1; what could not be taken away is tried again by the next one. */
int bridge_stop(struct error *err);

struct bridge_status {
	bool started;             /* lxs-net start has been here */
	bool sound;               /* and all that it made is still there */
	struct bridge_conf conf;  /* what it was started with; else what the file says */
	const char *firewall;     /* "nftables", "iptables" */
	pid_t server;             /* of dnsmasq; 0: it does not run */
	bool up;                  /* the bridge is there and up */
	const char **ports;       /* interfaces attached to it */
	size_t port_count;
	struct lease *leases;
	size_t lease_count;
};

/* How things are; texts live in `arena`. */
int bridge_status(struct arena *arena, const struct bridge_conf *conf, struct bridge_status *ret, struct error *err);
