/* The parts of lxs-attach: what is asked of lxs-enter, and the relay of a terminal.  Private to container/. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "container/container.h"
#include "control/state.h"
#include "lib/arena.h"
#include "lib/error.h"

struct attachment {
	const struct container *container;
	const struct attach_options *options;
	const struct settings *settings;  /* in force */
	struct arena *arena;
	struct run_state state;
	int run;                  /* the run directory */
	int pidfd, proc;          /* init's pidfd and /proc/INIT */
	int seccomp;              /* the compiled filter; -1: none */
	int clock_filter, clock;  /* that of lxs.clock = owner, and the way to who answers; -1: none */
	int socket;               /* to lxs-enter */
	unsigned long long namespaces;
	const char *placed;       /* the cgroups that lxs-enter was put into, one a line */
	unsigned terminal;        /* bits of 0, 1, 2 that are terminals */
	int command;              /* pidfd of the command */
	int master;               /* of its terminal; -1: none */
	int signals;              /* signalfd: what is passed on to the command */
};

/* ---- attach-request.c ---- */

/* Looks up what decides the request: namespaces, filter, terminals. */
int attachment_prepare(struct attachment *attachment, struct error *err);

/* argv and environment of lxs-enter; they live in the arena. */
char **attachment_words(struct attachment *attachment, struct error *err);
char **attachment_environment(const struct attachment *attachment);

/* ---- attach-confine.c ---- */

/* Moves lxs-enter into the container's cgroups, and gives it the container's limits. */
int attachment_place(struct attachment *attachment, pid_t pid, struct error *err);

/* ---- attach-notify.c ---- */

/*
 * Looks for who answers the clock calls of the container's own processes, to
 * have the command's answered, too.  Without an answerer it is as elsewhere:
 * the command cannot set the clock.
 */
void attachment_find_clock(struct attachment *attachment);

/*
 * Sees to it that somebody answers for what the command asks by the action
 * notify, `listener` being its filter's.  Where nobody can, a call that is
 * asked about is not made: the kernel says so as soon as the listener is closed.
 */
void attachment_answer(const struct attachment *attachment, int listener);

/* ---- attach-await.c ---- */

/*
 * Until lxs-enter has forked the command, whose pidfd and terminal are kept.
 * Neither a cgroup that the container froze nor anything else it can do to
 * lxs-enter holds the caller up for ever: that is an error.
 */
int attachment_await(struct attachment *attachment, struct error *err);

/* lxs-enter, a child of ours, has done its work or is not to do it. */
void attachment_dismiss(const struct attachment *attachment, pid_t pid);

/* After the command's end: its exit code, or why it was not executed. */
int attachment_collect(struct attachment *attachment, struct error *err);

/* ---- attach-relay.c ---- */

/*
 * Until the command ends: carries bytes between the caller's terminal and the
 * command's, and passes signals on.  Returns 0 when the command has ended.
 */
int attachment_relay(struct attachment *attachment, struct error *err);
