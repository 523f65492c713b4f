/*
 * The seccomp filters of a running container in words.  The kernel gives them
 * to a tracer that is root of the host and not filtered itself; init is
 * stopped for that moment.  Where it cannot be had, the filter that was made
 * at the start is told instead, and why.  Called by inspect.c.
 */
#include "container/inspect_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "policy/filter.h"
#include "policy/filter_words.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

enum { FILTERS_MAX = 64, PATIENCE = 5 };

/* ---- words ---- */

static json_t *group_tell(const struct filter_group *group)
{
	json_t *object = json_object(), *calls = json_array();

	for (size_t i = 0; i < group->count; i++)
		json_array_append_new(calls, json_string(group->calls[i]));
	json_object_set_new(object, "meets", json_string(group->meets));
	json_object_set_new(object, "calls", calls);
	return object;
}

static json_t *program_tell(struct arena *arena, const struct sock_filter *program, size_t length)
{
	struct filter_words *words;
	size_t count = filter_words(arena, program, length, &words);
	json_t *object = json_object(), *array = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *row = json_object(), *groups = json_array();

		for (size_t n = 0; n < words[i].count; n++)
			json_array_append_new(groups, group_tell(&words[i].groups[n]));
		json_object_set_new(row, "architecture", json_string(words[i].architecture));
		json_object_set_new(row, "otherwise", json_string(words[i].otherwise));
		json_object_set_new(row, "groups", groups);
		json_array_append_new(array, row);
	}
	json_object_set_new(object, "instructions", json_integer((json_int_t)length));
	json_object_set_new(object, "architectures", array);
	return object;
}

/* ---- from the kernel ---- */

/* The next change of init's state, for which SIGCHLD is blocked.  0 or -errno. */
static int stop_await(pid_t pid)
{
	const struct timespec limit = { .tv_sec = PATIENCE };
	sigset_t child;
	pid_t got;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((got = waitpid(pid, &status, WNOHANG | __WALL)) == 0)
		if (sigtimedwait(&child, NULL, &limit) < 0 && errno != EINTR)
			return -ETIMEDOUT;
	if (got < 0)
		return -errno;
	return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/* Filters from the newest on; 0 when init has no more, else -errno. */
static int filters_take(struct arena *arena, pid_t pid, json_t *filters)
{
	for (unsigned long i = 0; i < FILTERS_MAX; i++) {
		long length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, i, NULL);
		struct sock_filter *program;

		if (length < 0)
			return errno == ENOENT ? 0 : -errno;
		program = arena_alloc(arena, ((size_t)length + 1) * sizeof *program);
		if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, i, program) < 0)
			return -errno;
		json_array_append_new(filters, program_tell(arena, program, (size_t)length));
	}
	return 0;
}

/*
 * Everything is read before anything is told, so that init stands still no
 * longer than that takes; a tracer that ends lets go of it in any case.
 */
static int kernel_take(const struct inspection *inspection, json_t *filters)
{
	pid_t pid = inspection->state.init;
	sigset_t child, before;
	int code;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return -errno;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	code = ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 ? -errno : stop_await(pid);
	if (code == 0)
		code = filters_take(inspection->arena, pid, filters);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

static const char *cause_words(int code)
{
	switch (code) {
	case EPERM:
		return "init may not be traced by this process: another one traces it, or this one is not root of the host";
	case EACCES:
		return "only root of the host, itself without a filter, is given a filter by the kernel";
	case EIO:
	case EINVAL:
		return "this kernel gives no filters (CONFIG_CHECKPOINT_RESTORE)";
	case ETIMEDOUT:
		return "init does not stop to be looked at";
	default:
		return strerror(code);
	}
}

/* ---- from the run directory ---- */

static void kept_tell(const struct inspection *inspection, json_t *filters)
{
	owned_fd file = openat(inspection->run.fd, "seccomp.bpf", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	owned_error ignored = ERROR_INIT;
	const size_t head = sizeof(struct filter_head);
	owned_str bytes = NULL;
	size_t length;

	if (file < 0 || file_read_fd(file, "seccomp.bpf", &bytes, &length, &ignored) < 0 || length <= head)
		return;
	json_array_append_new(filters, program_tell(inspection->arena, (const void *)(bytes + head),
						    (length - head) / sizeof(struct sock_filter)));
}

json_t *inspect_seccomp(const struct inspection *inspection)
{
	json_t *object = json_object(), *filters = json_array();
	bool frozen = inspection->state.state == STATE_FROZEN || inspection->state.state == STATE_FREEZING;
	/* What is frozen cannot be stopped. */
	int code = frozen ? -EBUSY : kernel_take(inspection, filters);

	json_object_set_new(object, "config_profile", inspect_string(inspection->state.seccomp_profile));
	json_object_set_new(object, "source", json_string(code == 0 ? "kernel" : "start"));
	if (code < 0) {
		json_array_clear(filters);
		kept_tell(inspection, filters);
		json_object_set_new(object, "cause", json_string(frozen ? "the container is frozen" : cause_words(-code)));
	}
	json_object_set_new(object, "filters", filters);
	return object;
}
