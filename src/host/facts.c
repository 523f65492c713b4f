/*
 * Takes the snapshot of this machine that planners work from.  A handful of
 * small reads, no library, no child process: it is on the path of every
 * start.  Called by container_start() and container_plan().
 */
#include "host/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "host/kernel_text.h"
#include "host/userns.h"

static uint64_t hex_field(const char *status, const char *name)
{
	const char *value = kernel_text_field(status, name);

	return value ? strtoull(value, NULL, 16) : 0;
}

int host_read(struct arena *arena, struct host *ret, struct error *err)
{
	const char *status = kernel_text(arena, "/proc/self/status");
	const char *last = kernel_text(arena, "/proc/sys/kernel/cap_last_cap");
	const char *filter;
	struct host host = { .uid = geteuid(), .gid = getegid() };

	if (!status || !last)
		return error_set(err, errno, "cannot read %s",
				 status ? "/proc/sys/kernel/cap_last_cap" : "/proc/self/status");
	filter = kernel_text_field(status, "Seccomp");
	host.last_capability = (unsigned)strtoul(last, NULL, 10);
	host.bounding = hex_field(status, "CapBnd");
	host.permitted = hex_field(status, "CapPrm");
	host.filtered = filter && *filter == '2';
	host.libraries = getauxval(AT_BASE) != 0;
	host.cgroup_namespaces = access("/proc/self/ns/cgroup", F_OK) == 0;
	host.time_namespaces = access("/proc/self/ns/time", F_OK) == 0;
	host_lsm_read(arena, &host.lsm);
	if (host.uid != 0) {
		subids_read(arena, host.uid, &host.subids);
		host.no_mapping = userns_tools_refusal();
	}
	if (cgroups_read(arena, &host.cgroups, err) < 0)
		return -1;
	*ret = host;
	return 0;
}
