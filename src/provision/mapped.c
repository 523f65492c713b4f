/*
 * The user namespaces that create and destroy work in for an ordinary user
 * (provision/mapped.h).  Apart because both do it, on different maps.
 */
#include "provision/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "container/handback.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "plan/idmap.h"

bool mapping_is_needed(void)
{
	return geteuid() != 0;
}

static void mapping_fill(struct arena *arena, const char *uids, const char *gids, struct mapping *ret)
{
	unsigned long uid, gid;

	ret->maps.uids = userns_map_with(arena, uids, geteuid(), &uid);
	ret->maps.gids = userns_map_with(arena, gids, getegid(), &gid);
	ret->uid = (uid_t)uid;
	ret->gid = (gid_t)gid;
	ret->words[0] = arena_printf(arena, "%lu", uid);
	ret->words[1] = arena_printf(arena, "%lu", gid);
}

void mapping_of_settings(struct arena *arena, const struct settings *settings, struct mapping *ret)
{
	mapping_fill(arena, idmap_text(arena, settings, 'u'), idmap_text(arena, settings, 'g'), ret);
}

/* A user may stand in the files by name and by number, with the same range. */
static bool is_had_before(const struct subid_list *list, size_t at)
{
	const struct subid_range *range = &list->ranges[at];

	for (size_t i = 0; i < at; i++)
		if (range->first < list->ranges[i].first + list->ranges[i].count &&
		    list->ranges[i].first < range->first + range->count)
			return true;
	return false;
}

static const char *all_of(struct arena *arena, const struct subid_list *list)
{
	const char *text = "";
	unsigned long inside = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (is_had_before(list, i))
			continue;
		text = arena_printf(arena, "%s%lu %lu %lu\n", text, inside, list->ranges[i].first, list->ranges[i].count);
		inside += list->ranges[i].count;
	}
	return text;
}

void mapping_of_user(struct arena *arena, const struct subids *ids, struct mapping *ret)
{
	mapping_fill(arena, all_of(arena, &ids->uids), all_of(arena, &ids->gids), ret);
}

/* As fork(2), the child with mounts of its own.  It dies with its parent. */
static pid_t mounts_fork(struct error *err)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		_exit(EXIT_FAILURE);
	return 0;
}

/* Waits for the answer, or for a signal to us: its number then, else 0. */
static int answer_await(int answer, const struct interrupt *interrupt)
{
	owned_fd signals = interrupt ? signalfd(-1, &interrupt->held, SFD_CLOEXEC) : -1;
	struct pollfd polled[] = { { answer, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	if (signals < 0)
		return 0;
	while (poll(polled, 2, -1) < 0 && errno == EINTR)
		;
	if (polled[0].revents || read(signals, &info, sizeof info) != sizeof info)
		return 0;
	return (int)info.ssi_signo;
}

static _Noreturn void child_work(int (*work)(void *data, struct error *err), void *data, int pipe,
				 const struct interrupt *interrupt)
{
	owned_error failure = ERROR_INIT;
	int answer;

	/* What the work starts is to be ended as usual. */
	if (interrupt)
		sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	answer = work(data, &failure);
	handback_send(pipe, answer < 0 ? &failure : NULL);
	_exit(answer < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

int mapping_call_held(const struct mapping *mapping, int (*work)(void *data, struct error *err), void *data,
		      const struct interrupt *interrupt, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	int ends[2], answer, signal;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	ours = ends[0];
	theirs = ends[1];
	if (interrupt)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = mapping ? userns_fork(&mapping->maps, 0, 0, err) : mounts_fork(err);
	if (pid < 0)
		return -1;
	if (pid == 0)
		child_work(work, data, steal_fd(&theirs), interrupt);
	own_close_fd(&theirs);
	signal = answer_await(ours, interrupt);
	if (signal) {
		interrupt_sweep();
		answer = interrupt_failed(signal, err);
	} else {
		answer = handback_receive(ours, "the process that works on the container's files died", err);
		proc_wait(pid);
	}
	if (interrupt)
		prctl(PR_SET_CHILD_SUBREAPER, 0);
	return answer;
}

int mapping_call(const struct mapping *mapping, int (*work)(void *data, struct error *err), void *data,
		 struct error *err)
{
	return mapping_call_held(mapping, work, data, NULL, err);
}

static int give(void *data, struct error *err)
{
	const char *path = data;

	return lchown(path, 0, 0) < 0 ? error_set(err, errno, "cannot give %s to the container's root", path) : 0;
}

int mapping_give(const struct mapping *mapping, const char *path, struct error *err)
{
	return mapping_call(mapping, give, (void *)path, err);
}
