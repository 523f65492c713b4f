/*
 * lxs.clock = owner, in the launch.  A small filter of its own lets the clock
 * calls wait for an answer; who answers is lxs-clock-apply, started here for
 * root's containers, and by root's service lxs-clock, to which the listener is
 * sent, for those of others.  It is claimed before the clone, so that a refusal
 * costs nothing.  Called from the table and by host.c.
 */
#include "launch/clock.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "launch/inside.h"
#include "launch/seccomp.h"
#include "lib/clock_calls.h"
#include "lib/own.h"

enum { PROGRAM_MAX = 128 };

/* ---- the filter ---- */

struct program {
	struct sock_filter *code;
	size_t length;
};

static void add(struct program *program, struct sock_filter instruction)
{
	if (program->length < PROGRAM_MAX)
		program->code[program->length++] = instruction;
}

#define STATEMENT(...) ((struct sock_filter)BPF_STMT(__VA_ARGS__))
#define JUMP(...) ((struct sock_filter)BPF_JUMP(__VA_ARGS__))
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF(argument) offsetof(struct seccomp_data, args[argument])
#else
#define LOW_HALF(argument) (offsetof(struct seccomp_data, args[argument]) + 4)
#endif

/*
 * One call.  Only CLOCK_REALTIME is handed on: all others are the kernel's to
 * refuse, with the asker's own rights.
 */
static void row_add(struct program *program, const struct clock_call_row *row)
{
	bool has_clock = row->call == CALL_CLOCK_ADJTIME || row->call == CALL_CLOCK_SETTIME;

	add(program, STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
	add(program, JUMP(BPF_JMP | BPF_JEQ | BPF_K, row->arch, 0, has_clock ? 6 : 3));
	add(program, STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	add(program, JUMP(BPF_JMP | BPF_JEQ | BPF_K, row->number, 0, has_clock ? 4 : 1));
	if (has_clock) {
		add(program, STATEMENT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(0)));
		add(program, JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME, 1, 0));
		add(program, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	}
	add(program, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
}

static int filter_make(struct launch *launch, struct error *err)
{
	static const struct filter_head no_flags;
	struct program program = { calloc(PROGRAM_MAX, sizeof *program.code), 0 };

	if (!program.code)
		return error_set(err, ENOMEM, "cannot make the filter of the clock");
	launch->clock_filter = program.code;
	for (const struct clock_call_row *row = clock_calls; row->arch; row++)
		row_add(&program, row);
	if (program.length == 0)
		return error_set(err, 0, "lxs.clock is not there for this architecture");
	add(&program, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	launch->clock_filter_length = program.length;
	return seccomp_show(launch, CLOCK_FILTER, &no_flags, program.code, program.length, err);
}

/* ---- the service, for ordinary users ---- */

/* A refusal may have been sent and the connection closed before we spoke: that is told first, the answer then. */
static int answer_take(int service, struct error *err)
{
	struct sync_message message;
	owned_fd none = -1;
	int got = sync_receive(service, &message, &none);

	if (got == 0)
		got = sync_receive(service, &message, &none);
	if (got <= 0 || message.type != CLOCK_ANSWER)
		return error_set(err, got < 0 ? -got : EPROTO, "the clock's service does not answer");
	return message.code == 0 ? 0 : error_set(err, 0, "%s", message.detail);
}

static bool is_roots(int service)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	return getsockopt(service, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == 0;
}

static int service_claim(struct launch *launch, struct error *err)
{
	static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CLOCK_SOCKET };
	struct sync_message message = { .type = CLOCK_CLAIM };
	owned_fd service = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (service < 0 || connect(service, (const struct sockaddr *)&address, sizeof address) < 0) {
		error_set(err, errno, "cannot reach the clock's service at " CLOCK_SOCKET);
		return error_hint(err, "root runs lxs-clock for containers of ordinary users");
	}
	if (!is_roots(service))
		return error_set(err, EPERM, CLOCK_SOCKET " is not root's");
	snprintf(message.detail, sizeof message.detail, "%s", launch->plan->name);
	sync_send(service, &message, -1); /* fails when the answer is there already */
	if (answer_take(service, err) < 0)
		return -1;
	launch->clock_service = steal_fd(&service);
	return 0;
}

static int service_begin(struct launch *launch, struct error *err)
{
	static const struct sync_message listener = { .type = CLOCK_LISTENER }, init = { .type = CLOCK_INIT };

	if (sync_send(launch->clock_service, &listener, launch->seccomp_notify) < 0 ||
	    sync_send(launch->clock_service, &init, launch->pidfd) < 0)
		return error_set(err, EPIPE, "the clock's service has gone");
	return answer_take(launch->clock_service, err);
}

/* ---- the step ---- */

int launch_clock(struct launch *launch, const struct step *step, struct error *err)
{
	(void)step;
	if (filter_make(launch, err) < 0)
		return -1;
	launch->answerer = clock_begin;
	if (geteuid() != 0)
		return service_claim(launch, err);
	return clock_claim(launch->plan->name, 0, &launch->clock, err);
}

int clock_begin(struct launch *launch, struct error *err)
{
	int result;

	if (launch->clock_service >= 0)
		result = service_begin(launch, err);
	else
		result = clock_serve(launch->run, &launch->clock, launch->plan->name, launch->seccomp_notify, launch->pidfd, err);
	own_close_fd(&launch->seccomp_notify);
	own_close_fd(&launch->clock_service);
	clock_claim_done(&launch->clock);
	return result < 0 ? error_add(err, "lxs.clock = owner") : 0;
}

int inside_clock(struct inside *inside, const struct step *step)
{
	const struct launch *launch = inside->launch;
	const struct sock_fprog program = { (unsigned short)launch->clock_filter_length, launch->clock_filter };

	(void)step;
	return seccomp_load_listener(inside, &program, 0);
}
