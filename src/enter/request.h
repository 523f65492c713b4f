/* What lxs-enter is asked to do: its command line, parsed.  Private to enter/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "enter/enter.h"

struct request {
	long pid;               /* of init, for core scheduling; 0: no sharing */
	long pidfd;             /* of init */
	long proc;              /* /proc/INIT, for kernels whose setns takes no pidfd */
	long namespaces;        /* CLONE_NEW* */
	long bounding;          /* capabilities to keep; -1: all (elevated) */
	long seccomp;           /* descriptor of a compiled filter; -1: none */
	long clock;             /* of the one that hands clock calls on; -1: none */
	long no_new_privs;
	long personality;       /* -1: unchanged */
	long uid, gid;
	long terminal;          /* bits of 0, 1, 2 that become the new terminal; 0: none is made */
	long remount;           /* /proc and /sys anew in a mount namespace of its own */
	const char *label;      /* what is written to attr/exec; NULL: nothing */
	const char *directory;  /* tried as working directory; else / */
	char **command;         /* NULL: a shell */

	bool shell;             /* command is the shell that find_shell() found: shell_command */
	char *shell_command[2];
	char fallback[sizeof "/bin/sh"];
	char line[1024];        /* of the passwd file; holds the name of the shell */
	int master, slave, attr; /* -1: none */
};

/* Sends a failure to lxs-attach; returns -1. */
int report(enum enter_stage stage, int error, const char *detail);

/* Tells a pid, and hands a descriptor over (-1: none).  0 or -1. */
int report_descriptor(enum enter_stage stage, pid_t pid, int descriptor);

/* Waits until lxs-attach says to go on.  0; -1: it is gone. */
int await_go(struct request *request);

int request_parse(struct request *request, char **argv);

/* The steps, in the order in which they are run; 0, or -1 after report(). */
int protect_self(struct request *request);
int share_core(struct request *request);
int open_label(struct request *request);
int join_namespaces(struct request *request);
int change_personality(struct request *request);
int open_terminal(struct request *request);
int change_directory(struct request *request);
int find_shell(struct request *request);
int drop_capabilities(struct request *request);
int write_label(struct request *request);
int set_no_new_privs(struct request *request);
int load_filters(struct request *request);
int take_identity(struct request *request);
