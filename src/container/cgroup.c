/*
 * Reads and writes cgroup files of a running container.  Device rules are the
 * same on both versions (container/device_rules.h); devices.list tells on v2
 * what the run directory keeps of them.  Called by lxs-cgroup.
 */
#include "container/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "container/device_rules.h"
#include "container/watch.h"
#include "control/lines.h"
#include "control/rundir.h"
#include "control/state.h"
#include "launch/devices.h"
#include "lib/cgroup.h"
#include "lib/own.h"

static int file_check(const char *file, struct error *err)
{
	if (*file && !strchr(file, '/') && strcmp(file, ".") != 0 && strcmp(file, "..") != 0)
		return 0;
	error_set(err, 0, "'%s' is not the name of a cgroup file", file);
	return error_hint(err, "give a name such as memory.max");
}

static int file_missing(const char *file, struct error *err)
{
	error_set(err, 0, "the container's cgroups have no file %s", file);
	return error_hint(err, "cgroup v1 and v2 name their files differently, and a controller may not be in use here");
}

/* ---- device rules ---- */

static int rule_set(const struct run_state *state, const struct rundir *run, const char *file, const char *value,
		    struct error *err)
{
	bool allow = strcmp(file, "devices.allow") == 0;
	owned_arena arena = arena_new();
	struct device_rule rule;
	const char *why = device_rule_parse(arena, value, allow, &rule);
	int code;

	if (why) {
		error_set(err, 0, "device rule '%s': %s", value, why);
		return error_hint(err, "rules read %s", device_rule_syntax);
	}
	code = device_rule_resolve(&rule);
	if (code < 0)
		return error_set(err, -code, "no device %s", rule.path);
	return running_device_rule(run, state, &rule, err);
}

/* ---- files ---- */

/* v1 has its device rules in the payload itself, see plan/domains.h. */
static const char *directories_of(const struct run_state *state, const char *file)
{
	return strncmp(file, "devices.", strlen("devices.")) == 0 ? state->cgroup_payload : state->cgroup_limit;
}

static int running_open(const struct container *container, struct rundir *run, struct run_state *state,
			struct error *err)
{
	int answer = container_run_state(container, run, state, err);

	return answer < 0 ? -1 : answer == RUNDIR_ABSENT ? CGROUP_NOT_RUNNING : CGROUP_DONE;
}

int container_cgroup_get(const struct container *container, const char *file, char **ret, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	owned_fd cgroup = -1;
	int answer = file_check(file, err) < 0 ? -1 : running_open(container, &run, &state, err);

	if (answer != CGROUP_DONE)
		return answer;
	cgroup = running_cgroup_open(directories_of(&state, file), file);
	if (cgroup < 0 && strcmp(file, "devices.list") == 0)
		*ret = lines_read(run.fd, "devices", NULL);
	else if (cgroup < 0)
		return file_missing(file, err);
	else
		*ret = lines_read(cgroup, file, NULL);
	return *ret ? CGROUP_DONE : error_set(err, errno, "cannot read %s", file);
}

int container_cgroup_set(const struct container *container, const char *file, const char *value, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	owned_fd cgroup = -1;
	int answer = file_check(file, err) < 0 ? -1 : running_open(container, &run, &state, err);
	int code;

	if (answer != CGROUP_DONE)
		return answer;
	if (strcmp(file, "devices.allow") == 0 || strcmp(file, "devices.deny") == 0)
		return rule_set(&state, &run, file, value, err);
	cgroup = running_cgroup_open(directories_of(&state, file), file);
	if (cgroup < 0)
		return file_missing(file, err);
	code = cgroup_write(cgroup, file, value);
	if (code == 0)
		return CGROUP_DONE;
	error_set(err, -code, "cannot write '%s' to %s", value, file);
	return code == -EINVAL || code == -ERANGE ? error_hint(err, "the kernel refuses this value") : -1;
}
