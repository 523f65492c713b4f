/*
 * One run of a container: from its plan to the clean-up.  start.c and ended.c
 * put these parts together; a reboot is the middle part once more.
 */
#pragma once

#include "container/container.h"
#include "host/facts.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "supervise/supervise.h"

#define SUPERVISE_PROGRAM PKGLIBEXECDIR "/lxs-supervise"

struct run {
	struct container *container;
	const struct start_options *options;
	struct arena *arena;        /* of the host's facts */
	struct host host;
	struct plan *plan;
	struct rundir dir;
	int control;                /* listening socket */
	bool asked;                 /* lxs.conf has been read */
	char *cgroup_use, *cgroup_pattern; /* of lxs.conf, as it was when the run began; NULL: unset */
	int terminal;               /* the other end of the console; -1: none */
	struct launch launch;
	bool launched;              /* `launch` holds something */
	int ttys[LAUNCH_TTYS_MAX];  /* masters, once they are handed over */
	int namespaces[HANDOVER_NAMESPACES]; /* of init, kept for stop hooks; -1 */
};

void run_init(struct run *run, struct container *container, const struct start_options *options);
void run_done(struct run *run);

/* Its plan and what goes with that. */
void run_forget(struct run *run);

#define owned_run __attribute__((cleanup(run_done))) struct run

/* ---- run_plan.c ---- */

/* Looks at the host and makes the plan; changes nothing, but where an ordinary user's process is (container/scope.h). */
int run_plan(struct run *run, struct error *err);

/* Tells options->warn what the container will lack. */
void run_warn(const struct run *run);

/* ---- plan.c in the full program, front/engine.c in the front one ---- */

/*
 * Whether this program can run the plan: always in the full one.  The front
 * program (front/engine.c) becomes the full one for what it cannot.
 */
int run_admit(struct run *run, struct error *err);

/* The program that `lxs ended` is to be: who could run a plan has all that undoes it. */
extern const char run_ended_program[];

/* ---- run.c ---- */

/* Takes the run directory, cleaning up after an owner that died, and makes the control socket. */
int run_claim(struct run *run, struct error *err);

/* Runs the plan: the state is STARTING, then RUNNING.  On failure all is undone but the run directory. */
int run_launch(struct run *run, struct error *err);

/* Fills what the supervisor is given; the descriptors are its own from then on. */
void run_hand_over(struct run *run, struct supervise *supervise);

/* ---- run_end.c ---- */

/*
 * After init is gone: stop hooks, undo, post-stop hooks.  *reboot says whether
 * the container is to be started again; otherwise the run directory is gone
 * when this returns, and an ephemeral container too.
 */
int run_end(struct run *run, int wait_status, const char *pidfile, bool *reboot, struct error *err);

/* ---- run_request.c ---- */

/* What a reboot needs beside the settings: how it was started.  Kept in the run directory. */
int request_save(const struct rundir *dir, const struct start_options *options, struct error *err);
int request_load(const struct rundir *dir, struct arena *arena, struct start_options *ret, struct error *err);
