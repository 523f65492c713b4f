/*
 * What the supervisor hands to `lxs ended` when init is gone, as the
 * arguments of that command:
 *
 *   lxs ended NAME LXCPATH STATUS RUN LOCK CONTROL PIDFILE NAMESPACE...
 *
 * Numbers are decimal, descriptors that are not there are -1, an absent
 * PIDFILE is empty.  The descriptors stay open across the exec; the parser
 * marks them close-on-exec again.
 */
#pragma once

#include "lib/error.h"

/* Namespaces of init that were kept for stop hooks and scripts of interfaces, by position. */
enum handover_namespace {
	HANDOVER_USER, HANDOVER_MNT, HANDOVER_PID, HANDOVER_UTS, HANDOVER_IPC, HANDOVER_NET, HANDOVER_CGROUP,
	HANDOVER_TIME, HANDOVER_NAMESPACES
};

extern const char *const handover_namespace_names[HANDOVER_NAMESPACES]; /* as in /proc/PID/ns: "user" ... */

struct handover {
	const char *name, *lxcpath;
	const char *pidfile;       /* to be removed when the container does not reboot; NULL: none */
	int wait_status;           /* of init, as waitpid(2) gives it */
	int run_dir, lock;         /* for rundir_adopt() */
	int control;               /* the listening socket: clients queue on it until the next supervisor, or its close */
	int namespaces[HANDOVER_NAMESPACES];
};

/* Replaces this process by `program` (an absolute path of lxs).  Returns only on failure: -1 with errno. */
int handover_exec(const struct handover *handover, const char *program);

/* Reads the arguments after `ended`. */
int handover_parse(int argc, char *const *argv, struct handover *ret, struct error *err);
