/* A plan for a test, of a config and for a host that is known by a name. */
#pragma once

#include "plan/plan.h"

struct planned {
	struct settings *settings;
	struct arena *arena;
	struct plan *plan;
};

void planned_done(struct planned *planned);

#define owned_planned __attribute__((cleanup(planned_done))) struct planned

/* Of a file, whose name begins with that of the host.  0 or -1. */
int plan_file(struct planned *planned, const char *path, struct error *err);

/* Of lines "key=value", NULL at the end.  0 or -1. */
int plan_lines(const char *host, const char *const *lines, struct planned *planned, struct error *err);

/* As lxs-start --plan prints it; the caller frees it. */
char *plan_text(const struct plan *plan);
