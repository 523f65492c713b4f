/*
 * Who answers the seccomp notifications of a container: see notify.c.
 */
#pragma once

#include "launch/launch.h"

/* Whether the program has the action notify somewhere. */
bool notify_is_wanted(const struct sock_filter *filter, size_t length);

/* Connects to the proxy of the step, before init is born: without it no call could be answered. */
int notify_expect(struct launch *launch, const struct step *step, struct error *err);

/* A connection to the proxy: a path, or "@" and an abstract name; -1. */
int notify_connect(const char *proxy, struct error *err);

/* Whose notifications they are, as the proxy is told. */
struct notify_parties {
	const char *proxy, *cookie;  /* cookie NULL: none */
	pid_t init, monitor;
};

/* Starts lxs-notify for this listener; it ends with init (`pidfd`), or with the last who can ask.  `run`: helper_start(). */
int notify_serve(struct rundir *run, const struct notify_parties *parties, int listener, int pidfd, int connection,
		 struct error *err);

/* For launch.answerer: called when init has sent its listener, from here on calls are answered. */
int notify_begin(struct launch *launch, struct error *err);
