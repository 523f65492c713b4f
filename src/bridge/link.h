/*
 * The bridge itself, its addresses, and the kernel's settings for it.
 */
#pragma once

#include "bridge/conf.h"
#include "control/rundir.h"
#include "lib/netlink.h"
#include "lib/netlink_bridge.h"

/* Makes it, noted in the journal; one that is there already is used, and not removed by undoing. */
int link_make(struct rundir *run, const struct bridge_conf *conf, struct error *err);

/* Kinds of lines of the journal.  A bridge with ports stays: err->code is EBUSY then. */
int link_undo_bridge(char *const *arguments, size_t count, struct error *err);
int link_undo_address(char *const *arguments, size_t count, struct error *err);
