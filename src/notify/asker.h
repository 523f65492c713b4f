/*
 * Whether a process may set its container's clock: as the kernel asks for
 * CAP_SYS_TIME on the host, the helper asks for it in the container.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The user namespace of the process that a pidfd holds.  0 or -errno. */
int asker_namespace(int pidfd, struct stat *ret);

/*
 * Whether the process has CAP_SYS_TIME in force in this very namespace: one
 * that made a namespace of its own has every capability, over that.
 */
bool asker_may(pid_t pid, const struct stat *namespace);
