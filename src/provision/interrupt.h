/*
 * Signals that ask a command to end are held back while a container is half
 * made, so that what was made can be removed in order.  Signals that the
 * caller ignores (nohup) stay ignored.
 */
#pragma once

#include <signal.h>

#include "lib/error.h"

struct interrupt {
	sigset_t held, before;
};

void interrupt_hold(struct interrupt *interrupt);

/* -1, naming the signal, when one has come. */
int interrupt_check(const struct interrupt *interrupt, struct error *err);

/* The same for a signal that was read from a signalfd. */
int interrupt_failed(int signal, struct error *err);

/* Kills all children of ours.  With us as the subreaper those are also what a child that died had started. */
void interrupt_sweep(void);

/* One that came and was not asked for takes effect now. */
void interrupt_release(struct interrupt *interrupt);
