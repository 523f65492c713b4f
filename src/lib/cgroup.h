/*
 * What is done to one cgroup directory, v1 or v2 (cgroups(7)): entering it,
 * writing its files, emptying and removing it.  Directories are held by
 * descriptor.  Failures are negative errno values.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* O_DIRECTORY | O_CLOEXEC, or -errno. */
int cgroup_open(const char *path);

/* v2, told by the files it has. */
bool cgroup_is_v2(int dir);

/* One write(2) to, or one read of, a control file.  The text read is terminated and loses its last newline. */
int cgroup_write(int dir, const char *file, const char *value);
ssize_t cgroup_read(int dir, const char *file, char *text, size_t size);

/*
 * Moves the calling thread (v1) or process (v2).  v1 is entered through
 * `tasks`, which spares a lone thread the wait for an RCU grace period that
 * `cgroup.procs` of either version has (milliseconds).
 */
int cgroup_enter(const char *path);
int cgroup_enter_at(int dir);

/* Moves another process, all its threads.  Slow, see above. */
int cgroup_add(int dir, pid_t pid);

/* v1: a new cpuset is empty and takes no process before it has what its parent has. */
int cgroup_cpuset_fill(int parent, int dir);

/*
 * Removes the cgroup `name` in `parent` with all that was made below it.
 * Processes still in there are thawed and killed, the caller excepted, and
 * waited for until `deadline` (CLOCK_MONOTONIC, milliseconds).  0, also when
 * there is no such cgroup; -EBUSY when it could not be emptied.
 */
int cgroup_destroy(int parent, const char *name, long long deadline);

/* All that is below a cgroup, in the same way; its own processes are left alone. */
int cgroup_clear(int dir, long long deadline);

/*
 * Moves every process of a v2 cgroup into `name` below it, which is made: with
 * processes beside its children it could hand down no controllers.  0 or -errno.
 */
int cgroup_evacuate(int dir, const char *name);

/* Now, on the clock of such deadlines. */
long long cgroup_clock(void);
