/*
 * Giving cgroups to an ordinary user, as root, where no systemd does.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"

struct delegate_request {
	uid_t uid;
	gid_t gid;
	const pid_t *pids;  /* who is moved in on v2 */
	size_t count;       /* 0: every process of the user that is in no container */
};

/*
 * Makes CGROUP_DELEGATED/UID (host/cgroups.h) in every hierarchy that is not
 * systemd's, gives it to the user, and moves processes in where the kernel
 * would not let them go themselves.  What is there already is kept.
 */
int cgroups_delegate(const struct delegate_request *request, struct error *err);
