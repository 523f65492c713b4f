/*
 * Device rules at run time: written to a v1 cgroup, or compiled to a small
 * eBPF program that is attached to a v2 one (BPF_PROG_TYPE_CGROUP_DEVICE).
 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "launch/launch.h"
#include "plan/device_rule.h"

/* Instructions a program of so many rules can have at most. */
#define DEVICE_PROGRAM_MAX(rules) (8 + 8 * (rules))

/*
 * The program for rules without paths: of the rules that name a device, each
 * letter of the wanted access is answered by the last one that speaks of it;
 * access is given when all letters are allowed.  Returns the number of
 * instructions.
 */
size_t device_program(const struct device_rule *rules, size_t count, struct bpf_insn *program);

/* Gives a rule with a path the type and numbers of the node.  0 or -errno. */
int device_rule_resolve(struct device_rule *rule);

/* Attaches the program to a v2 cgroup, in place of the one attached before if there is one.  0 or -errno. */
int device_program_attach(int cgroup, const struct device_rule *rules, size_t count);

/* Writes the rules in force to the file `devices` of a run directory (container/device_rules.h).  0 or -errno. */
int device_rules_save(int run_dir, const struct device_rules *rules);

int launch_cgroup_devices(struct launch *launch, const struct step *step, struct error *err);
