/*
 * How a process reports to the one that waits for its work, such as the
 * launcher of a start: it writes either "all is well" or a whole error into a
 * pipe.
 */
#pragma once

#include "lib/error.h"

/* The worker: says how it went, err NULL for success, and closes the pipe. */
void handback_send(int pipe, const struct error *err);

/* Who waits: 0, or -1 with the worker's error.  EOF without a word: it died, which `died` tells the user. */
int handback_receive(int pipe, const char *died, struct error *err);

/* The same of a process that executes a program, by which a close-on-exec pipe ends: then EOF is the good news. */
int handback_executed(int pipe, struct error *err);
