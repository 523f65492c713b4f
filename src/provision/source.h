/*
 * A container that is only read, by copy, snapshot or export: loaded, locked
 * against verbs that change it, and kept from being started meanwhile.
 */
#pragma once

#include "container/container.h"

struct source {
	struct container *container; /* the caller's */
	char *directory;             /* owned; LXCPATH/NAME */
	int dir;                     /* owned; that directory, locked together with other readers */
	bool running;                /* it was when we came */
	struct rundir run;           /* claimed by who changes it */
};

#define SOURCE_INIT ((struct source){ .dir = -1, .run = RUNDIR_INIT })

/* With `running` it may run. */
int source_hold(struct container *container, bool running, struct source *ret, struct error *err);
void source_done(struct source *source);

/* The same for who changes it: alone, and not while it runs. */
int source_hold_alone(struct container *container, struct source *ret, struct error *err);
