/*
 * The inside of the supervisor, shared by its files: supervise.c (the loop),
 * clients.c (the control socket) and console.c.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "control/rundir.h"
#include "control/state.h"
#include "supervise/console_log.h"
#include "supervise/exec.h"
#include "supervise/ring.h"
#include "supervise/supervise.h"

enum { CLIENTS_MAX = 64, QUEUE_SIZE = 64 * 1024 };

struct supervisor;

/* Something epoll watches; `ready` is called with the events that came. */
struct source {
	int fd;            /* -1: not watched */
	uint32_t events;
	void (*ready)(struct supervisor *supervisor, struct source *source, uint32_t events);
};

struct client {
	struct source source;  /* must be first: a source of a client is the client */
	unsigned watched;      /* states it waits for */
	int tty;               /* the tty it holds, 0 the console, or -1 */
};

/* Bytes on their way from one side to the other. */
struct queue {
	unsigned char bytes[QUEUE_SIZE];
	size_t start, length;
};

struct console {
	struct source master;
	struct source peer;      /* the terminal, or our end of a client's pty */
	int slave;               /* held so that the master never hangs up */
	bool terminal;           /* the peer is the terminal of a foreground start: it may slow us down */
	bool raw;                /* `saved` is to be put back */
	struct termios saved;
	struct client *client;   /* who holds the peer, unless it is the terminal */
	struct queue out, in;    /* to the peer, to the container */
	struct ring ring;
	struct console_log log;
};

struct supervisor {
	const struct supervise *given;
	int keeper;              /* who does what this process may not (supervise/keeper.h); -1: nobody, we may all */
	struct rundir run;       /* borrowed descriptors */
	enum container_state state;
	bool init_gone;
	int epoll;
	struct source init, signals, listener;
	struct client clients[CLIENTS_MAX];
	int tty_slaves[SUPERVISE_TTYS_MAX]; /* held so that a tty without a getty does not hang up on clients */
	struct console console;
};

/* Starts watching source->fd, or changes for what; -1 with errno. */
int source_watch(struct supervisor *supervisor, struct source *source, uint32_t events);
/* Stops watching and closes. */
void source_close(struct supervisor *supervisor, struct source *source);

/* Blocks them all; a signalfd of those that mean something here, or -1. */
int supervise_watch_signals(sigset_t *previous);

/* What init gets when the supervisor got this; 0: nothing. */
int supervise_signal_for_init(int number);

/* The wait status of a child. */
int supervise_reap(pid_t pid);

/* Serves in a child of the keeper, confined; -1 when it could not begin. */
int supervise_serve(const struct supervise *supervise, int keeper);

/* Stores the new state and tells the clients that wait for it. */
void supervisor_announce(struct supervisor *supervisor, enum container_state state);

/* ---- clients.c ---- */

int clients_open(struct supervisor *supervisor);
void clients_announce(struct supervisor *supervisor, enum container_state state);
void clients_close(struct supervisor *supervisor);

/* ---- console.c ---- */

int console_open(struct supervisor *supervisor);

/* Gives a client the console; fds get what it shall receive.  0 or a negative errno value. */
int console_attach(struct supervisor *supervisor, struct client *client, int fds[2]);
void console_detach(struct supervisor *supervisor);

/* After SIGWINCH: the console becomes as large as the terminal. */
void console_resize(struct supervisor *supervisor);

/* What is still on its way is delivered, the terminal is put back. */
void console_close(struct supervisor *supervisor);
