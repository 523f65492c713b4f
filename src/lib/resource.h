/* Resource limits by the names that prlimit(1) and lxc.prlimit.* use. */
#pragma once

/* The RLIMIT_* number; by number for a limit newer than the table.  -1: neither. */
int resource_number(const char *name);
