/*
 * The file `state` of a run directory: what other commands know of a running
 * container without asking its supervisor.  The launcher writes it, the
 * supervisor replaces the state in it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "control/rundir.h"
#include "lib/error.h"

/* What LXC's clients know of a container. */
enum container_state {
	STATE_STOPPED, STATE_STARTING, STATE_RUNNING, STATE_STOPPING, STATE_ABORTING,
	STATE_FREEZING, STATE_FROZEN, STATE_THAWED, STATES
};

extern const char *const container_state_names[STATES];

/* The state of that name (in any case), or -1. */
int container_state_parse(const char *name);

/* Pids as the host sees them. */
struct run_state {
	enum container_state state;
	pid_t init, supervisor;
	unsigned long long init_start;  /* start time of init in clock ticks, field 22 of /proc/PID/stat: pids are reused */
	int halt_signal, reboot_signal, stop_signal; /* 0: LXC's default */
	bool has_cgroup_namespace;
	unsigned long long bounding;    /* what attach gives its commands */
	bool no_new_privs, personality_32bit;
	char *seccomp_profile, *label;  /* owned; NULL: none; for attach */
	char *cgroup_payload;           /* owned; directories of the payload, one a line; the v2 one first when there is one */
	char *cgroup_limit;             /* owned; directories that hold the limits */
	char *interfaces;               /* owned; "veth HOSTNAME" a line */
	unsigned tty_max;
	bool start_auto, unprivileged;  /* for lists, which need not read all settings for these */
	char *groups;                   /* owned; lxc.group, one a line; NULL: none */
};

#define RUN_STATE_INIT ((struct run_state){ 0 })

/* RUNDIR_OPENED, RUNDIR_ABSENT (no state: being made or gone), or -1. */
int run_state_read(const struct rundir *run, struct run_state *ret, struct error *err);
int run_state_write(const struct rundir *run, const struct run_state *state, struct error *err);

/* The same in two halves (lines.h): a start writes beside, and commits when init runs. */
int run_state_prepare(const struct rundir *run, const struct run_state *state, struct error *err);
int run_state_commit(const struct rundir *run, struct error *err);

/* Replaces the state alone. */
int run_state_set(const struct rundir *run, enum container_state state, struct error *err);

/* Field 22 of /proc/PID/stat; 0 when there is no such process. */
unsigned long long process_start_time(pid_t pid);

/* A pidfd of init, made sure to be that very process; -1 with err. */
int run_state_pidfd(const struct run_state *state, struct error *err);

void run_state_done(struct run_state *state);

#define owned_run_state __attribute__((cleanup(run_state_done))) struct run_state
