/*
 * A running container that stands still while it is read, whatever becomes of
 * who reads it.
 */
#pragma once

#include <sys/types.h>

#include "container/container.h"

struct standstill {
	pid_t warden;   /* thaws it when we are gone; -1: none */
	int alive;      /* owned; as long as it is open we are there */
	const struct container *container; /* the caller's */
};

#define STANDSTILL_INIT ((struct standstill){ -1, -1, NULL })

/* Freezes it, unless it is frozen. */
int standstill_begin(const struct container *container, struct standstill *ret, struct error *err);

/* Lets it go on. */
void standstill_done(struct standstill *standstill);
