/*
 * The supervisor: one epoll loop over init's pidfd, signals, the control
 * socket and the console, for as long as the container lives.  It is built
 * into a program of its own (lxs-supervise, plain libc) that the launcher
 * execs in the background, and called in-process by a foreground start.
 * It links to nothing but libc and a few files of lib/ and control/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/handover.h"

/* What the launcher hands over; descriptors are owned by the supervisor from then on. */
struct supervise {
	const char *name, *lxcpath;
	pid_t init;               /* a child of this process */
	int pidfd;                /* of init */
	int control;              /* listening (control/client.h: control_listen()), made before the launch */
	int run_dir, lock;
	int rootfs;               /* held open as long as the container lives, or -1 */
	int console;              /* master, or -1 */
	const int *ttys;          /* masters */
	size_t tty_count;
	int terminal;             /* host side peer of the console: 0 in the foreground, lxc.console.path, or -1 */
	const char *console_log;  /* or NULL */
	uint64_t console_log_size; /* 0: no limit */
	bool console_rotate;
	uint64_t console_buffer;  /* bytes of the ring buffer; 0: none */
	int namespaces[HANDOVER_NAMESPACES]; /* kept for stop hooks, else -1 */
	const char *pidfile;      /* passed on to `lxs ended`, or NULL */
};

/* All descriptors -1. */
void supervise_init(struct supervise *supervise);

/*
 * Runs until init is gone; returns its wait status (waitpid(2)), or -1 with
 * errno when the loop could not be set up (init has been killed then).  The file `state` says RUNNING
 * when it is called and STOPPING when it returns; init
 * is reaped in both cases.  Console,
 * ttys, terminal, rootfs and pidfd are closed then; run_dir, lock, control and
 * namespaces are still open for the clean-up.
 */
int supervise_run(const struct supervise *supervise);

/*
 * Replaces this process by `program` (lxs-supervise), which execs
 * `ended_program` (lxs) with the words of supervise/handover.h when init is
 * gone.  Returns only on failure: -1 with errno.
 */
int supervise_exec(const struct supervise *supervise, const char *program, const char *ended_program);
