/*
 * Files of a running container's cgroups, found from run state alone.
 */
#pragma once

#include "container/container.h"

enum cgroup_answer { CGROUP_DONE = 0, CGROUP_NOT_RUNNING = 1 };

/*
 * Reads a file such as memory.max or devices.list; *ret is the caller's.
 * CGROUP_DONE, CGROUP_NOT_RUNNING, or -1.
 */
int container_cgroup_get(const struct container *container, const char *file, char **ret, struct error *err);

/* Writes one; devices.allow and devices.deny work on v2 as well. */
int container_cgroup_set(const struct container *container, const char *file, const char *value, struct error *err);
