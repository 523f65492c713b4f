/*
 * lxc.net.N.script.up and .down of an interface.
 */
#pragma once

#include "launch/launch.h"

struct net_scripts {
	const char *type;              /* "veth" */
	const char *link;              /* or NULL */
	const char *peer;              /* the host end of a pair, or NULL */
	const struct step_hook *up, *down; /* NULL: none */
};

/* Notes the script for the end in the journal and runs the one for the beginning. */
int net_scripts(struct launch *launch, const struct net_scripts *scripts, struct error *err);
