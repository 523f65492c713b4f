/*
 * What lxs-net status and check print as JSON; apart from net.c for the
 * library.
 */
#pragma once

#include "bridge/check.h"

int net_status_json(const struct bridge_status *status, struct error *err);
int net_findings_json(const struct bridge_status *status, const struct bridge_findings *findings, struct error *err);
