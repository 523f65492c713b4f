/*
 * The file `nodes` of a run directory: the device nodes that a running
 * container was given, and whether the right to use them came with them.
 * Whoever changes it holds the directory's flock(2).
 */
#pragma once

#include "lib/error.h"
#include "plan/device_rule.h"

/* Whether the right to use the rule's device came with a node that is in the list. */
bool device_record_granted(int run_dir, const struct device_rule *device);

/* Whether a node of that device under another name than `but` is in the list. */
bool device_record_used(int run_dir, const struct device_rule *device, const char *but);

/* Finds the node of that name: its device into type and numbers of *device.  False: it is not in the list. */
bool device_record_find(int run_dir, const char *name, struct device_rule *device);

/* One that is in the list already stays as it is.  0 or -1. */
int device_record_add(int run_dir, const char *name, const struct device_rule *device, bool granted, struct error *err);

/* Forgets a node.  0 or -1. */
int device_record_forget(int run_dir, const char *name, struct error *err);
