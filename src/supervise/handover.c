/*
 * The words between the supervisor and `lxs ended`.  Both sides are here, so
 * that they cannot differ: supervise/main.c calls the first, container_ended()
 * the second.
 */
#include "supervise/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIXED = 7, NUMBER_SIZE = 16, ARGUMENTS = FIXED + HANDOVER_NAMESPACES };

const char *const handover_namespace_names[HANDOVER_NAMESPACES] = {
	[HANDOVER_USER] = "user", [HANDOVER_MNT] = "mnt", [HANDOVER_PID] = "pid", [HANDOVER_UTS] = "uts",
	[HANDOVER_IPC] = "ipc", [HANDOVER_NET] = "net", [HANDOVER_CGROUP] = "cgroup", [HANDOVER_TIME] = "time",
};

static int keep_open(int fd, bool keep)
{
	return fd < 0 ? 0 : fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

static int keep_all_open(const struct handover *handover, bool keep)
{
	int result = keep_open(handover->run_dir, keep) | keep_open(handover->lock, keep) |
		     keep_open(handover->control, keep);

	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		result |= keep_open(handover->namespaces[i], keep);
	return result;
}

int handover_exec(const struct handover *handover, const char *program)
{
	const int numbers[] = { handover->wait_status, handover->run_dir, handover->lock, handover->control };
	char text[4 + HANDOVER_NAMESPACES][NUMBER_SIZE];
	const char *argv[2 + ARGUMENTS + 1] = { "lxs", "ended", handover->name, handover->lxcpath };
	size_t at = 4;

	for (size_t i = 0; i < 4; i++) {
		snprintf(text[i], NUMBER_SIZE, "%d", numbers[i]);
		argv[at++] = text[i];
	}
	argv[at++] = handover->pidfile ? handover->pidfile : "";
	for (size_t i = 0; i < HANDOVER_NAMESPACES; i++) {
		snprintf(text[4 + i], NUMBER_SIZE, "%d", handover->namespaces[i]);
		argv[at++] = text[4 + i];
	}
	if (keep_all_open(handover, true) < 0)
		return -1;
	execv(program, (char *const *)argv);
	return -1;
}

static int number_parse(const char *text, int *ret)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < INT_MIN || number > INT_MAX)
		return -1;
	*ret = (int)number;
	return 0;
}

int handover_parse(int argc, char *const *argv, struct handover *ret, struct error *err)
{
	struct handover handover = { 0 };
	int *const numbers[] = { &handover.wait_status, &handover.run_dir, &handover.lock, &handover.control };
	int bad = 0;

	if (argc != ARGUMENTS)
		return error_set(err, 0, "'lxs ended' is called by the supervisor only");
	handover.name = argv[0];
	handover.lxcpath = argv[1];
	for (int i = 0; i < 4; i++)
		bad |= number_parse(argv[2 + i], numbers[i]);
	handover.pidfile = *argv[6] ? argv[6] : NULL;
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		bad |= number_parse(argv[FIXED + i], &handover.namespaces[i]);
	if (bad)
		return error_set(err, 0, "'lxs ended' is called by the supervisor only");
	if (keep_all_open(&handover, false) < 0)
		return error_set(err, errno, "a descriptor of the supervisor is missing");
	*ret = handover;
	return 0;
}
