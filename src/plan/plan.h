/*
 * A plan: everything a start will do, as an ordered list of small typed steps
 * for two sides, the host side (the launcher) and the container side (the
 * process that becomes init).  Planners fill it from settings and host facts;
 * they open nothing, change nothing and need no privilege.  launch/ runs it.
 *
 * Order is security here, so the order is data: plan.c holds the one list of
 * domains, and each domain's planner appends its steps at its place.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/settings.h"
#include "host/facts.h"
#include "host/fstab.h"
#include "lib/error.h"
#include "plan/steps.h"

enum { PLAN_TTYS_MAX = 64 };         /* of lxc.tty.max */

struct step {
	enum step_kind kind;
	bool optional;               /* a failure is not an error (mount option `optional`) */
	const struct origin *origin; /* the line that asked for it; NULL: always done */
	const void *args;            /* the struct of this kind, see plan/steps.h */
};

struct side {
	struct step *steps;
	size_t count;
};

/* What the admin should know although the start goes on: `lxs-start --plan` prints it. */
struct note {
	const struct origin *origin;
	const char *text;
};

struct plan {
	struct arena *arena;
	const char *name, *lxcpath;
	const struct settings *settings;
	struct side host, container;
	struct note *notes;
	size_t note_count;
};

/* What a start is asked to do beyond the settings. */
struct plan_request {
	const char *name, *lxcpath;
	const char *config_file;     /* for hooks: LXC_CONFIG_FILE; NULL when there is none */
	char *const *command;        /* argv of init; NULL: lxc.init.cmd, else /sbin/init */
	bool execute;                /* lxs-execute: the small init as pid 1, `command` below it */
	bool preview;                /* only to be read: who asks need not be who starts it */
	bool foreground;             /* the caller's terminal is the console */
	void (*refuse)(struct error *refusal, void *context); /* a check: told every refusal; NULL: the first ends the planning */
	void *refuse_context;
	const struct fstab *fstab;   /* the lines of lxc.mount.fstab, from fstab_read(): planning opens no file; NULL: none */
};

/*
 * Makes the plan in its own arena; the settings must outlive it.  Refuses a
 * setting that this version or this host cannot honour, naming its line.
 */
struct plan *plan_new(const struct settings *settings, const struct host *host,
		      const struct plan_request *request, struct error *err);
void plan_free(struct plan *plan);

static inline void plan_free_at(struct plan **plan)
{
	plan_free(*plan);
	*plan = NULL;
}

#define owned_plan __attribute__((cleanup(plan_free_at))) struct plan *

/*
 * For planners: adds a step to the side its kind belongs to and returns its
 * zeroed arguments (of the size in the kind's row) to be filled.
 *
 *   struct step_sysctl *args = plan_add(plan, STEP_SYSCTL, value->origin);
 */
void *plan_add(struct plan *plan, enum step_kind kind, const struct origin *origin);

/* For planners: adds a note. */
void plan_note(struct plan *plan, const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Marks the step added last as one that may fail. */
void plan_last_is_optional(struct plan *plan, enum step_side side);

/* One line a step: side, kind, arguments, and the origin; or the same as JSON. */
void plan_print(const struct plan *plan, FILE *out);
void plan_print_step(const struct step *step, FILE *out);
int plan_print_json(const struct plan *plan, FILE *out, struct error *err);
