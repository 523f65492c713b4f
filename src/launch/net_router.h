/*
 * The host's side of a routed pair.
 */
#pragma once

#include "launch/launch.h"

/* Routes, forwarding and proxy neighbours of the host end, which is up; all of it ends with the interface. */
int net_router_set(const struct step_veth *args, int socket, int index, const char *name, struct error *err);
