/*
 * The table behind lib/capability.h; used by the config types, the planner's
 * printing and the checks of what the host can give.
 */
#include "lib/capability.h"

#include <stddef.h>
#include <string.h>

const char *const capability_names[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
	"lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
	"wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore", NULL
};

enum { COUNT = sizeof capability_names / sizeof capability_names[0] - 1 };

const char *capability_name(unsigned number)
{
	return number < COUNT ? capability_names[number] : NULL;
}

int capability_number(const char *name)
{
	for (int number = 0; number < COUNT; number++)
		if (strcmp(capability_names[number], name) == 0)
			return number;
	return -1;
}
