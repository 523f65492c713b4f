/*
 * Cgroups of an ordinary user on a machine with systemd: the user's manager
 * gives them, as a scope.
 */
#pragma once

#include "host/facts.h"

/*
 * Puts this process into a delegated scope of its own, named after the
 * container, unless it is where cgroups can be made already or there is no
 * manager to ask.  `host` knows the cgroups anew then, or why there is no
 * scope: that alone fails no start.  A preview asks for nothing.
 */
void scope_enter(const char *container, bool preview, struct arena *arena, struct host *host);

/*
 * Brings a process into the scope that a container's cgroups (one a line) are
 * in, from where the kernel lets the user move it on to them.  -1: err says
 * why not.
 */
int scope_join(const char *cgroups, pid_t pid, struct error *err);
