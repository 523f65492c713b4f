/*
 * The device rules of a running container: asked and changed from run state
 * alone.
 */
#pragma once

#include "control/rundir.h"
#include "control/state.h"
#include "lib/error.h"
#include "plan/device_rule.h"

/* Whether all of rule->access is allowed now; the rule names one device by its numbers. */
bool running_device_allowed(const struct rundir *run, const struct run_state *state, const struct device_rule *rule);

/* Adds a rule, which counts more than all before it.  0 or -1. */
int running_device_rule(const struct rundir *run, const struct run_state *state, const struct device_rule *rule,
			struct error *err);

/* Opens the first of the directories (one a line) that has the file, or is v2 when `file` is NULL; -1. */
int running_cgroup_open(const char *directories, const char *file);
