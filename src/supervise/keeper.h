/*
 * The two halves of a supervisor in the background.  The keeper is init's
 * parent and has the pid that others know: it passes signals on, reaps, and
 * becomes the clean-up.  The server is its child: it talks to clients and
 * handles what the container prints, and may open nothing but terminals
 * (supervise/landlock.c).  What it needs done it asks the keeper for.
 */
#pragma once

#include "control/state.h"
#include "supervise/supervise.h"

/* As supervise_run(), in two processes. */
int keeper_run(const struct supervise *supervise);

/* ---- for the server: `keeper` is its end of the channel ---- */

/* Stores the state. */
void keeper_store(int keeper, enum container_state state);

/* Renames the console log and begins a new one: its descriptor, or -1. */
int keeper_renew_log(int keeper);
