/*
 * A program of the host's that is executed where a guest can get hold of
 * /proc/PID/exe: nothing the guest does with that may reach the host's file.
 */
#pragma once

/*
 * A descriptor to execute `path` by (execveat(2), /proc/self/fd): a sealed copy
 * in memory, or where the kernel executes no memory (vm.memfd_noexec) a
 * read-only mount that is attached nowhere.  -errno on failure.
 */
int program_hold(const char *path);
