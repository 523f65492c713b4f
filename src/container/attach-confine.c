/*
 * What lxs-attach does to lxs-enter from outside while it waits: cgroups and
 * limits.  From outside, because inside the paths would be the guest's.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/scope.h"
#include "lib/own.h"
#include "lib/resource.h"

/* A leaf beside what the container made itself: a v2 group that hands on controllers takes no processes. */
static const char leaf[] = "lxs.attach";

static int write_pid(int directory, const char *file, pid_t pid)
{
	owned_fd fd = openat(directory, file, O_WRONLY | O_CLOEXEC);
	char text[16];
	int length = snprintf(text, sizeof text, "%d", pid);

	return fd < 0 || write(fd, text, (size_t)length) != length ? -1 : 0;
}

/* An ordinary user on v2: the kernel wants the cgroup above both, where the process is and where it goes, to be his. */
static int write_pid_or_join(const struct attachment *attachment, int directory, pid_t pid, struct error *why)
{
	if (write_pid(directory, "cgroup.procs", pid) == 0)
		return 0;
	if (errno != EACCES || geteuid() == 0)
		return -1;
	if (scope_join(attachment->state.cgroup_payload, pid, why) == 0)
		return write_pid(directory, "cgroup.procs", pid);
	return -1;
}

static int enter_cgroup(struct attachment *attachment, const char *path, pid_t pid, struct error *err)
{
	owned_fd directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	owned_error why = ERROR_INIT;
	owned_fd below = -1;

	if (directory < 0)
		return error_set(err, errno, "cannot open the cgroup %s", path);
	if (write_pid_or_join(attachment, directory, pid, &why) == 0) {
		attachment->placed = arena_printf(attachment->arena, "%s%s\n", attachment->placed, path);
		return 0;
	}
	if (why.message) {
		error_move(err, &why);
		return error_add(err, "cannot enter the cgroup %s", path);
	}
	if (errno != EBUSY && errno != EOPNOTSUPP)
		return error_set(err, errno, "cannot enter the cgroup %s", path);
	if (mkdirat(directory, leaf, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make %s/%s", path, leaf);
	below = openat(directory, leaf, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (below < 0 || write_pid(below, "cgroup.procs", pid) < 0)
		return error_set(err, errno, "cannot enter the cgroup %s/%s", path, leaf);
	attachment->placed = arena_printf(attachment->arena, "%s%s/%s\n", attachment->placed, path, leaf);
	return 0;
}

static int enter_cgroups(struct attachment *attachment, pid_t pid, struct error *err)
{
	const char *end;

	for (const char *line = attachment->state.cgroup_payload; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (enter_cgroup(attachment, arena_strndup(attachment->arena, line, (size_t)(end - line)), pid, err) < 0)
			return -1;
	}
	return 0;
}

static int set_limits(const struct attachment *attachment, pid_t pid, struct error *err)
{
	const struct values *values = settings_values(attachment->settings, "lxc.prlimit");

	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		const struct rlimit limit = { .rlim_cur = value->limit.soft, .rlim_max = value->limit.hard };

		if (prlimit(pid, resource_number(value->sub), &limit, NULL) < 0) {
			error_set(err, errno, "cannot limit %s", value->sub);
			return error_asked_by(err, value->origin);
		}
	}
	return 0;
}

int attachment_place(struct attachment *attachment, pid_t pid, struct error *err)
{
	if (set_limits(attachment, pid, err) < 0)
		return -1;
	if (attachment->options->elevate & ATTACH_ELEVATE_CGROUP)
		return 0;
	return enter_cgroups(attachment, pid, err);
}
