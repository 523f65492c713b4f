/*
 * The addresses and interfaces of a network namespace that the caller may not
 * enter.
 */
#pragma once

#include "container/addresses.h"

/*
 * Appends what the files of /proc/PID/net tell: IPv4 addresses in their own
 * order, interfaces as the kernel has them.  Either may be NULL.  0 or -errno.
 */
int addresses_proc_read(pid_t pid, struct arena *arena, struct address_list *addresses, struct name_list *interfaces);
