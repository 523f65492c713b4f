/*
 * Who owns the clock.  The owner is who holds the lock of one file, and that
 * is the helper as long as it lives, so a crash leaves no owner behind.
 * Called by clock.c for root's containers and by commands/clock.c for those of
 * others; only root can make and lock the file.
 */
#include "launch/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/clockconf.h"
#include "launch/helper.h"
#include "lib/own.h"
#include "lib/proc.h"

enum { PATIENCE = 2 * 1000 };

#define OWNER_FILE RUNSTATEDIR "/lxs/clock"
#define HELPER_PROGRAM PKGLIBEXECDIR "/lxs-clock-apply"

void clock_claim_done(struct clock_claim *claim)
{
	own_close_fd(&claim->lock);
	own_close_fd(&claim->record);
	own_close_fd(&claim->attached);
}

/* "PID NAME", as the helper has written it; what is not there is 0 and "". */
static pid_t owner_read(int lock, char text[static 300], const char **name)
{
	ssize_t got = pread(lock, text, 299, 0);
	char *end;
	long pid;

	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	pid = strtol(text, &end, 10);
	*name = end + (*end == ' ');
	return (pid_t)pid;
}

static int busy_report(const char *owner, const char *name, struct error *err)
{
	error_set(err, 0, "the clock has an owner already%s%s", *owner ? ": " : "", owner);
	return error_hint(err, "it is free again when that container has stopped%s",
			  strcmp(owner, name) == 0 ? "; another container has this name, too" : "");
}

/* A container that reboots may ask before the helper of its former life has noticed the end of that. */
static bool owner_ends(pid_t helper)
{
	owned_fd pidfd = helper > 0 ? proc_open(helper) : -1;
	struct pollfd waiting = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&waiting, 1, PATIENCE) == 1;
}

static int lock_take(const char *name, int *ret, struct error *err)
{
	owned_fd lock = -1;
	const char *owner;
	char text[300];
	pid_t helper;

	mkdir(RUNSTATEDIR "/lxs", 0700);
	lock = open(OWNER_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0)
		return error_set(err, errno, "cannot open " OWNER_FILE);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(err, errno, "cannot lock " OWNER_FILE);
		helper = owner_read(lock, text, &owner);
		if (strcmp(owner, name) != 0 || !owner_ends(helper) || flock(lock, LOCK_EX | LOCK_NB) < 0)
			return busy_report(owner, name, err);
	}
	*ret = steal_fd(&lock);
	return 0;
}

/* Whoever runs the container may send there, and it has its name only once that is so. */
static int attached_make(uid_t user, int *ret, struct error *err)
{
	static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CLOCK_ATTACHED };
	owned_fd attached = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	unlink(address.sun_path);
	if (attached < 0 || fchmod(attached, 0600) < 0 ||
	    bind(attached, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    lchown(address.sun_path, user, (gid_t)-1) < 0)
		return error_set(err, errno, "cannot make " CLOCK_ATTACHED);
	*ret = steal_fd(&attached);
	return 0;
}

int clock_claim(const char *name, uid_t user, struct clock_claim *ret, struct error *err)
{
	owned_arena arena = arena_new();
	struct clock_claim claim = CLOCK_CLAIM_NONE;
	struct clock_grant grant;

	if (clock_grant_check(arena, name, user, &grant, err) < 0)
		return -1;
	claim.max_step = grant.max_step;
	claim.max_slew = grant.max_slew;
	claim.recorded = grant.record != NULL;
	claim.record = open(grant.record ? grant.record : "/dev/null", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
			    0600);
	if (claim.record < 0)
		return error_set(err, errno, "cannot open %s, which lxs.conf names to record the clock", grant.record);
	if (lock_take(name, &claim.lock, err) < 0 || attached_make(user, &claim.attached, err) < 0) {
		clock_claim_done(&claim);
		return -1;
	}
	*ret = claim;
	return 0;
}

int clock_serve(struct rundir *run, const struct clock_claim *claim, const char *name, int listener, int init,
		struct error *err)
{
	static char program[] = HELPER_PROGRAM, apply[] = "apply", record[] = "record";
	char step[24], slew[24];
	char *argv[] = { program, (char *)name, step, slew, claim->recorded ? record : apply, NULL };
	const int descriptors[] = { listener, init, claim->lock, claim->record, claim->attached };

	snprintf(step, sizeof step, "%lld", (long long)claim->max_step);
	snprintf(slew, sizeof slew, "%lld", (long long)claim->max_slew);
	return helper_start(run, argv, descriptors, sizeof descriptors / sizeof *descriptors, err);
}
