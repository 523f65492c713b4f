/*
 * A command in new namespaces, without a container around it: for
 * lxs-unshare and lxs-usernsexec.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/userns.h"
#include "lib/error.h"

struct unshare_request {
	uint64_t namespaces;           /* CLONE_NEW* */
	bool mapped;                   /* `uid` is the caller's id in the new user namespace */
	uid_t uid;
	const char *hostname;          /* NULL: as it is */
	const char *const *interfaces; /* moved to the new network namespace, NULL at the end; NULL: none */
	size_t interface_count;
	bool remount;                  /* /proc, /dev/shm and /dev/mqueue anew */
	char *const *argv;
};

/*
 * Starts argv; its pid once it is executed, or -1.  Interfaces that cannot be
 * moved are in *problem, and no failure.
 */
pid_t unshare_start(const struct unshare_request *request, struct error *problem, struct error *err);

/* Runs argv as `uid` and `gid` of a new user namespace; its wait status, or -1. */
int unshare_users(const struct id_maps *maps, uid_t uid, gid_t gid, char *const *argv, struct error *err);

/* Waits as a shell does, for whom ^C is the command's business.  The wait status, or -1. */
int unshare_wait(pid_t pid, struct error *err);
