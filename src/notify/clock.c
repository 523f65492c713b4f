/*
 * lxs-clock-apply: sets the host's clock for the one container that owns it
 * (lxs.clock = owner), within the bounds of lxs.conf.  Root of a user namespace
 * can never do that itself, so its calls come here as seccomp notifications.
 * Started by the launcher or by lxs-clock as
 *
 *   lxs-clock-apply NAME MAX-STEP MAX-SLEW apply|record
 *
 * (nanoseconds, parts per billion) with descriptors 3, the listener; 4, a pidfd
 * of init; 5, the locked file of the clock's owner; 6, where to record to; 7,
 * the socket on which lxs-attach sends the listeners of its commands.
 * `record` writes down what would be done, and gives up the capability to do it.
 *
 * The asker's structures are read once, into memory of ours; what is judged is
 * what is done, and the kernel never looks at the asker's memory again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock_calls.h"
#include "lib/own.h"
#include "lib/unotify.h"
#include "notify/asker.h"
#include "notify/judge.h"
#include "notify/listener.h"

enum { FD_LISTENER = 3, FD_INIT = 4, FD_OWNER = 5, FD_RECORD = 6, FD_ATTACHED = 7 };

/* What is waited for; behind the first two, listeners. */
enum { WATCH_INIT, WATCH_ATTACHED, WATCH_LISTENERS, WATCH_MAX = 256 };

enum { PATIENCE = 1 }; /* seconds */

#define SECOND INT64_C(1000000000)

struct clock {
	struct listener listener;
	const char *name;
	struct clock_bounds bounds;
	struct clock_ledger ledger;
	struct stat namespace;     /* user namespace of init */
	bool record;
	struct clock_timex pretended; /* with `record`: what the kernel would have by now */
};

/* ---- the log ---- */

__attribute__((format(printf, 3, 4)))
static void note(const struct clock *clock, int level, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	syslog(level, "%s: %s", clock->name, text);
	if (clock->record)
		dprintf(FD_RECORD, "%s: %s\n", clock->name, text);
}

/* How it ended, for the line of a call. */
static const char *outcome(const struct clock *clock, int code)
{
	if (code < 0)
		return strerror(-code);
	return clock->record ? "recorded" : "applied";
}

static void note_timex(const struct clock *clock, const struct clock_timex *wanted, const struct clock_timex *now, int code)
{
	int64_t step = clock_timex_step(wanted, now);

	if (step)
		note(clock, LOG_NOTICE, "step of %.9f s: %s", (double)step / (double)SECOND, outcome(clock, code));
	else
		note(clock, LOG_INFO, "adjustment, modes %#x freq %lld tick %lld offset %lld status %#x: %s", wanted->modes,
		     (long long)wanted->freq, (long long)wanted->tick, (long long)wanted->offset, (unsigned)wanted->status,
		     outcome(clock, code));
}

/* ---- the clock ---- */

static int64_t now_of(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* What the kernel would answer to one who may. */
static int pretend(struct clock *clock, struct clock_timex *timex)
{
	struct clock_timex *kept = &clock->pretended;
	int64_t now = now_of(CLOCK_REALTIME);

	kept->time.seconds = now / SECOND;
	kept->time.fraction = now % SECOND / (kept->status & STA_NANO ? 1 : 1000);
	if (timex->modes & ADJ_FREQUENCY)
		kept->freq = timex->freq;
	if (timex->modes & ADJ_TICK)
		kept->tick = timex->tick;
	if (timex->modes & ADJ_STATUS)
		kept->status = (kept->status & STA_RONLY) | (timex->status & ~STA_RONLY);
	if (timex->modes & ADJ_MAXERROR)
		kept->maxerror = timex->maxerror;
	if (timex->modes & ADJ_ESTERROR)
		kept->esterror = timex->esterror;
	if (timex->modes & ADJ_TIMECONST)
		kept->constant = timex->constant;
	if (timex->modes & ADJ_TAI)
		kept->tai = (int32_t)timex->constant;
	/* A step makes the kernel forget how well it was synchronized. */
	if (timex->modes & ADJ_SETOFFSET && !(timex->modes & 0x8000)) {
		kept->status |= STA_UNSYNC;
		kept->maxerror = kept->esterror = 16000000;
	}
	if (timex->modes & ADJ_NANO)
		kept->status |= STA_NANO;
	if (timex->modes & ADJ_MICRO)
		kept->status &= ~STA_NANO;
	kept->modes = timex->modes;
	*timex = *kept;
	return timex->status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
}

/* The state of the clock, or -errno. */
static int timex_apply(struct clock *clock, struct clock_timex *timex)
{
	int state;

	if (clock->record)
		return pretend(clock, timex);
	state = (int)syscall(SYS_clock_adjtime, CLOCK_REALTIME, timex);
	return state < 0 ? -errno : state;
}

static int timex_read(struct clock *clock, struct clock_timex *ret)
{
	*ret = (struct clock_timex){ 0 };
	return timex_apply(clock, ret);
}

static int timex_change(struct clock *clock, struct clock_timex *timex)
{
	struct clock_timex now, wanted = *timex;
	char why[CLOCK_WHY];
	int code = timex_read(clock, &now);

	if (code < 0)
		return code;
	code = clock_judge_timex(&clock->bounds, &clock->ledger, &wanted, &now, now_of(CLOCK_MONOTONIC), why);
	if (code < 0) {
		note(clock, LOG_WARNING, "refused: %s", why);
		return code;
	}
	code = timex_apply(clock, timex);
	note_timex(clock, &wanted, &now, code);
	return code;
}

static int time_set(struct clock *clock, int64_t seconds, int64_t nanoseconds)
{
	struct timespec wanted = { .tv_sec = seconds, .tv_nsec = nanoseconds };
	char why[CLOCK_WHY];
	int64_t step;
	int code;

	if (nanoseconds < 0 || nanoseconds >= SECOND || seconds < 0 || seconds > INT64_MAX / SECOND - 1)
		return -EINVAL;
	step = seconds * SECOND + nanoseconds - now_of(CLOCK_REALTIME);
	code = clock_judge_step(&clock->bounds, &clock->ledger, step, now_of(CLOCK_MONOTONIC), why);
	if (code < 0) {
		note(clock, LOG_WARNING, "refused: %s", why);
		return code;
	}
	code = clock->record || clock_settime(CLOCK_REALTIME, &wanted) == 0 ? 0 : -errno;
	note(clock, LOG_NOTICE, "step of %.9f s: %s", (double)step / (double)SECOND, outcome(clock, code));
	return code;
}

/* ---- the calls ---- */

/* Reading the state is anybody's right; 1: such a call. */
static int is_question(const struct clock_timex *timex)
{
	return timex->modes == 0 || timex->modes == ADJ_OFFSET_SS_READ;
}

/* What is written back is the call's result, so it goes only to one that still waits for it. */
static int timex_serve(struct clock *clock, int memory, uint64_t address, bool may)
{
	struct clock_timex timex;
	int state;

	if (pread(memory, &timex, sizeof timex, (off_t)address) != sizeof timex)
		return -EFAULT;
	if (!is_question(&timex) && !may)
		return -EPERM;
	if (!listener_stands(&clock->listener))
		return -ESRCH;
	state = is_question(&timex) ? timex_apply(clock, &timex) : timex_change(clock, &timex);
	if (state < 0)
		return state;
	if (!listener_stands(&clock->listener))
		return -ESRCH;
	return pwrite(memory, &timex, sizeof timex, (off_t)address) == sizeof timex ? state : -EFAULT;
}

/* `unit`: nanoseconds of the second number, that of timeval or of timespec. */
static int time_serve(struct clock *clock, int memory, uint64_t address, int64_t unit, bool may)
{
	int64_t time[2];

	if (pread(memory, time, sizeof time, (off_t)address) != sizeof time)
		return -EFAULT;
	if (!may)
		return -EPERM;
	if (time[1] < 0 || time[1] >= SECOND / unit)
		return -EINVAL;
	return listener_stands(&clock->listener) ? time_set(clock, time[0], time[1] * unit) : -ESRCH;
}

static const struct clock_call_row *row_of(const struct seccomp_data *call)
{
	const struct clock_call_row *row = clock_calls;

	while (row->arch && !(row->arch == call->arch && row->number == (uint32_t)call->nr))
		row++;
	return row;
}

/* The result of the call, or -errno. */
static int call_serve(struct clock *clock, const struct seccomp_data *call, int memory, bool may)
{
	const struct clock_call_row *row = row_of(call);
	bool has_clock = row->call == CALL_CLOCK_ADJTIME || row->call == CALL_CLOCK_SETTIME;

	if (has_clock && (int32_t)call->args[0] != CLOCK_REALTIME)
		return -EINVAL;
	switch (row->call) {
	case CALL_ADJTIMEX:
		return timex_serve(clock, memory, call->args[0], may);
	case CALL_CLOCK_ADJTIME:
		return timex_serve(clock, memory, call->args[1], may);
	case CALL_SETTIMEOFDAY:
		/* The time zone is the host's own. */
		return call->args[1] || !call->args[0] ? -EPERM : time_serve(clock, memory, call->args[0], 1000, may);
	case CALL_CLOCK_SETTIME:
		return time_serve(clock, memory, call->args[1], 1, may);
	case CALL_FORMER:
		break;
	}
	return -ENOSYS;
}

static void serve(struct clock *clock)
{
	const struct seccomp_notif *request = &clock->listener.request.notif;
	bool may = asker_may((pid_t)request->pid, &clock->namespace);
	owned_fd memory = listener_memory(&clock->listener);
	int result = memory < 0 ? memory : call_serve(clock, &request->data, memory, may);

	if (result < 0) {
		listener_refuse(&clock->listener, -result);
		return;
	}
	clock->listener.response.notif.val = result;
	listener_answer(&clock->listener);
}

/* ---- the program ---- */

/*
 * What is left: the clock, and other processes' memory (DAC_OVERRIDE, since
 * their files in /proc are theirs).
 */
static int privileges_drop(bool record)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	sets[0].permitted = 1U << CAP_SYS_PTRACE | 1U << CAP_DAC_OVERRIDE | (record ? 0 : 1U << CAP_SYS_TIME);
	sets[0].effective = sets[0].permitted;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, sets) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static void wake(int number)
{
	(void)number;
}

/*
 * A user who kept the listener that he sent can take a call before we do, and
 * the kernel would have us wait for the next one: then the clock would stay
 * his when his container has ended.
 */
static int patience_set(void)
{
	const struct sigaction action = { .sa_handler = wake };

	return sigaction(SIGALRM, &action, NULL) < 0 ? -errno : 0;
}

/* Who has the clock, for the message to the next one who wants it. */
static void owner_write(const struct clock *clock)
{
	if (ftruncate(FD_OWNER, 0) == 0)
		dprintf(FD_OWNER, "%d %s\n", (int)getpid(), clock->name);
}

static int begin(struct clock *clock)
{
	int code = listener_open(&clock->listener, FD_LISTENER);

	if (code == 0)
		code = asker_namespace(FD_INIT, &clock->namespace);
	if (code == 0)
		code = patience_set();
	if (code == 0)
		code = privileges_drop(clock->record);
	if (code < 0)
		return code;
	owner_write(clock);
	if (clock->record && syscall(SYS_clock_adjtime, CLOCK_REALTIME, &clock->pretended) < 0)
		return -errno;
	return 0;
}

/* A listener that came from lxs-attach; -1: nothing that would be believed. */
static int attached_receive(void)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room = { 0 };
	char ignored;
	struct iovec data = { &ignored, sizeof ignored };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room,
				 .msg_controllen = CMSG_LEN(sizeof(int)) };
	struct cmsghdr *part = recvmsg(FD_ATTACHED, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0 ? NULL : CMSG_FIRSTHDR(&header);
	owned_fd listener = -1;

	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
		memcpy(&listener, CMSG_DATA(part), sizeof listener);
	return listener >= 0 && unotify_is_listener(listener) ? steal_fd(&listener) : -1;
}

/* Whoever sends it, its calls are judged as those of init are. */
static void attached_take(const struct clock *clock, struct pollfd watched[static WATCH_MAX], nfds_t *count)
{
	int listener = attached_receive();

	if (listener >= 0 && *count < WATCH_MAX) {
		watched[(*count)++] = (struct pollfd){ .fd = listener, .events = POLLIN };
		return;
	}
	note(clock, LOG_WARNING, "an attached command is not served: %s",
	     listener < 0 ? "what came is no listener" : "there are too many");
	own_close_fd(&listener);
}

/* Answers one call, if there is any.  -EPIPE: there will be no more; or another -errno. */
static int listener_serve(struct clock *clock, const struct pollfd *watched)
{
	int taken;

	if (!(watched->revents & POLLIN))
		return watched->revents ? -EPIPE : 0;
	clock->listener.fd = watched->fd;
	alarm(PATIENCE);
	taken = listener_take(&clock->listener);
	alarm(0);
	if (taken > 0)
		serve(clock);
	return taken;
}

static int run(struct clock *clock)
{
	struct pollfd watched[WATCH_MAX] = {
		[WATCH_INIT] = { .fd = FD_INIT, .events = POLLIN },
		[WATCH_ATTACHED] = { .fd = FD_ATTACHED, .events = POLLIN },
		[WATCH_LISTENERS] = { .fd = FD_LISTENER, .events = POLLIN },
	};
	nfds_t count = WATCH_LISTENERS + 1;

	for (;;) {
		while (poll(watched, count, -1) < 0)
			if (errno != EINTR)
				return -errno;
		if (watched[WATCH_INIT].revents)
			return 0;
		for (nfds_t i = count; i-- > WATCH_LISTENERS;) {
			int code = listener_serve(clock, &watched[i]);

			if (code >= 0)
				continue;
			if (watched[i].fd == FD_LISTENER)
				return code == -EPIPE ? 0 : code;
			close(watched[i].fd);
			watched[i] = watched[--count];
		}
		if (watched[WATCH_ATTACHED].revents)
			attached_take(clock, watched, &count);
	}
}

int main(int argc, char **argv)
{
	static struct clock clock;
	int code;

	if (argc != 5) {
		fputs("lxs-clock-apply: started by lxs-start or lxs-clock, not by hand\n", stderr);
		return 1;
	}
	openlog("lxs-clock", LOG_PID, LOG_DAEMON);
	clock.name = argv[1];
	clock.bounds.max_step = strtoll(argv[2], NULL, 10);
	clock.bounds.max_slew = strtoll(argv[3], NULL, 10);
	clock.record = strcmp(argv[4], "apply") != 0;
	code = begin(&clock);
	if (code == 0) {
		note(&clock, LOG_NOTICE, "owns the clock");
		code = run(&clock);
	}
	if (code < 0)
		note(&clock, LOG_ERR, "the clock is no longer served: %s", strerror(-code));
	return code < 0;
}
