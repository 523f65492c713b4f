/*
 * lxs-enter: the small static program that lxs-attach sends into a container.
 * It joins the namespaces, takes on the container's confinement while no
 * process inside can see it yet, and only then forks the process that execs
 * the command.  It links to no shared library, and lxs-attach runs it from a
 * protected copy (lib/program.h), so that whatever a container does with
 * /proc/PID/exe never reaches a file of the host.
 *
 * Called as `lxs-enter KEY=VALUE... -- COMMAND [ARG...]` by container/attach.c
 * alone; without COMMAND it runs the shell of the uid inside.  Descriptor 3 is
 * a SOCK_SEQPACKET socket: one byte on it means go (cgroups and limits are in
 * place); reports come back on it.
 */
#pragma once

#include <stdint.h>

/* Descriptors as lxs-enter finds them; the filters that there are come from ENTER_FILTERS on. */
enum { ENTER_SOCKET = 3, ENTER_PIDFD = 4, ENTER_PROC = 5, ENTER_FILTERS = 6 };
enum { ENTER_DETAIL = 120 };

/* In front of a label of AppArmor, as the kernel takes it; SELinux takes the label alone. */
#define ENTER_APPARMOR "exec "

/* What was being done when it failed; ENTER_STARTED and what follows are none. */
enum enter_stage {
	ENTER_ARGUMENTS,   /* detail: the word */
	ENTER_PROTECT,     /* non-dumpable, a session keyring of its own */
	ENTER_CORE,        /* core scheduling */
	ENTER_JOIN,        /* detail: the namespace, when joined one by one */
	ENTER_PERSONALITY,
	ENTER_TERMINAL,
	ENTER_CAPABILITIES,
	ENTER_LABEL,
	ENTER_NO_NEW_PRIVS,
	ENTER_SECCOMP,
	ENTER_IDENTITY,
	ENTER_FORK,
	ENTER_REMOUNT,     /* detail: the mount point */
	ENTER_STDIO,
	ENTER_EXEC,        /* detail: the program */
	ENTER_STARTED,     /* pid is the command's; its terminal's master comes with it, if it has one */
	ENTER_LISTENER,    /* the filter's listener comes with it; one byte on the socket means that it is taken care of */
	ENTER_STAGES
};

struct enter_report {
	int32_t stage;     /* enum enter_stage */
	int32_t error;     /* errno value */
	int32_t pid;
	char detail[ENTER_DETAIL];
};
