/*
 * One device rule as text and as struct: the notation of the devices.allow
 * and devices.deny lines of a config, of lxs-cgroup, and of the list that a
 * running container's run directory keeps.
 */
#pragma once

#include "lib/arena.h"
#include "plan/cgroup_steps.h"

enum { DEVICE_RULE_TEXT = 320 };

struct device_rules {
	struct device_rule *items;
	size_t count;
};

extern const char device_rule_syntax[]; /* for hints */

/* Reads "c 1:3 rwm", "a" or "/dev/null rw" into *ret.  NULL, or what is wrong with it. */
const char *device_rule_parse(struct arena *arena, const char *text, bool allow, struct device_rule *ret);

/* "allow c 1:3 rwm" */
void device_rule_format(const struct device_rule *rule, char text[static DEVICE_RULE_TEXT]);

/* The rule that speaks of every device. */
struct device_rule device_rule_everything(bool allow);

/* Appends a rule: one for everything voids what came before, and type a with numbers becomes both b and c. */
void device_rules_add(struct arena *arena, struct device_rules *rules, struct device_rule rule);

/* Whether all letters of the access to one device are allowed: each by the last rule that speaks of it. */
bool device_rules_allow(const struct device_rules *rules, const struct device_rule *access);
