/*
 * A container by name, and the verbs on it.  A verb works from run state
 * where it can: a config that no longer loads does not stop stop, info or
 * attach.  No verb prints; commands/ does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/read.h"
#include "config/settings.h"
#include "control/rundir.h"
#include "control/state.h"
#include "lib/arena.h"
#include "lib/error.h"
#include "storage/storage.h"

struct container {
	char *name, *lxcpath;       /* owned; lxcpath without trailing slashes */
	char *config_path;          /* owned; LXCPATH/NAME/config, or the file given by --rcfile */
	struct settings *settings;  /* owned; NULL until container_load() */
	struct findings findings;   /* of the load; warnings included */
};

/*
 * Checks the name (1 to 255 bytes, no '/', not "." or "..", no control
 * characters) and fills *ret; touches nothing on disk.
 */
int container_init(const char *lxcpath, const char *name, struct container *ret, struct error *err);
void container_done(struct container *container);

#define owned_container __attribute__((cleanup(container_done))) struct container

bool container_is_defined(const struct container *container); /* has a readable config file */

/* Loads the config (or `rcfile` instead of it).  -1: err is the first finding of many. */
int container_load(struct container *container, const char *rcfile, struct error *err);

/* STATE_STOPPED for what does not exist; -1 only when the run directory cannot be read. */
int container_state(const struct container *container, enum container_state *ret, struct error *err);

/* ---- starting: container/start.c ---- */

struct start_options {
	bool foreground;            /* -F */
	bool execute;               /* lxs-execute: small init, `command` below it */
	bool close_fds;             /* -C */
	bool preview;               /* only planned: a config without lxc.idmap is root's, whoever asks */
	bool parting;               /* the calling process ends with the start: it may leave its network namespace */
	const char *pidfile;        /* -p: the supervisor's pid */
	char *const *command;       /* NULL: lxc.init.cmd, else /sbin/init */
	void (*warn)(const struct error *warning, void *context); /* what the container will lack; NULL: not asked for */
	void *warn_context;
	void (*refuse)(struct error *refusal, void *context); /* container_check(): told all that stands against a start */
	void *refuse_context;
	int (*remove)(struct container *container, struct error *err); /* what takes an ephemeral container away at its end */
};

/*
 * Starts a loaded container.  In the background: 0 once init was executed.
 * In the foreground: returns after the end, with init's wait status (as
 * waitpid(2) gives it) in *wait_status.
 */
int container_start(struct container *container, const struct start_options *options, int *wait_status,
		    struct error *err);

/* What lxs-start --plan prints; needs no privilege. */
int container_plan(struct container *container, const struct start_options *options, bool json, FILE *out,
		   struct error *err);

/*
 * Tells options->refuse and options->warn, both of which must be there, all
 * that a start would fail for as far as the config and a look at the host can
 * tell.  -1: the rest could not be judged.
 */
int container_check(struct container *container, const struct start_options *options, struct error *err);

/* After the supervisor: undo, post-stop hooks, reboot; `remove` as in start_options.  Called by `lxs ended`, never by users. */
int container_ended(int argc, char **argv, int (*remove)(struct container *container, struct error *err));

/* ---- stopping, waiting, freezing: container/stop.c, wait.c, freeze.c ---- */

enum stop_answer { STOP_DONE = 0, STOP_NOT_RUNNING = 2 };

struct stop_options {
	bool reboot, kill, no_kill;
	int timeout;                /* seconds; -1: for ever; 0: do not wait */
	int halt_signal, reboot_signal; /* in place of what the container was started with; 0: that */
};

int container_stop(const struct container *container, const struct stop_options *options, struct error *err);

/*
 * Waits for one of the states (bit per enum container_state), at most
 * `timeout` seconds (-1: for ever; 0: looks once).  0: reached; 1: timed out; -1.
 */
int container_wait(const struct container *container, unsigned states, int timeout, struct error *err);

int container_freeze(const struct container *container, bool frozen, struct error *err);

/* ---- attaching: container/attach.c ---- */

struct attach_options {
	char *const *command;       /* NULL: the shell of the uid inside */
	unsigned elevate;           /* ATTACH_ELEVATE_* */
	unsigned long long namespaces; /* CLONE_NEW*; 0: all of the container */
	bool remount_sys_proc, clear_env;
	char *const *keep, *const *set; /* NULL at the end */
	long long personality;      /* -1: the container's */
	const char *pty_log, *label;
	long long uid, gid;         /* -1: init's */
};

enum { ATTACH_ELEVATE_CAP = 1, ATTACH_ELEVATE_CGROUP = 2, ATTACH_ELEVATE_LSM = 4, ATTACH_ELEVATE_ALL = 7 };

/* Runs the command and returns LXC's exit code for it (0..255), or -1 when attaching failed. */
int container_attach(const struct container *container, const struct attach_options *options, struct error *err);

/* ---- console: container/console.c ---- */

/* A tty of a running container, held until console_session_done(). */
struct console_session {
	int connection;             /* to the supervisor; closing it frees the tty */
	int data, window;           /* where bytes go, and whose window size is that of the tty */
	int number;                 /* 0: the console */
};

/* Takes tty `number` (0: console; -1: first free one).  0 or -1. */
int container_console_open(const struct container *container, int number, struct console_session *ret,
			   struct error *err);

/*
 * The last output of the console, which lxc.console.buffer.size keeps.  `show`:
 * *ret is a descriptor of it, oldest byte first, else -1; `clear`: it is
 * forgotten.
 */
int container_console_log(const struct container *container, bool show, bool clear, int *ret, struct error *err);

/* Relays the terminal (0 and 1) until `escape` q (0) or the end of the container (0); -1. */
int console_session_relay(const struct console_session *session, char escape, struct error *err);
void console_session_done(struct console_session *session);

/* ---- facts about many: container/list.c, container/info.c (see there) ---- */
