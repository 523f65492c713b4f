/*
 * Fuzz target of the control socket: a hostile client.  The input is a series
 * of packets, each a length, a byte of flags and its bytes; whatever was sent,
 * the supervisor has every place free again when the client has gone.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/client.h"
#include "lib/own.h"
#include "supervise/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CARRIES_A_DESCRIPTOR = 1, EVENTS = 16, ROUNDS = 64 };

/* The parts of a supervisor that the control socket needs; no init, no console. */
static struct supervisor supervisor;
static struct supervise given;
static struct rundir run = RUNDIR_INIT;

static void place_remove(void)
{
	rundir_remove(&run);
}

static void supervisor_make(void)
{
	static char place[] = "/tmp/fuzz-control-XXXXXX";
	owned_error err = ERROR_INIT;
	const struct run_state running = { .state = STATE_RUNNING };

	if (!mkdtemp(place))
		abort();
	run.fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	run.path = strdup(place);
	atexit(place_remove);
	supervise_init(&given);
	given.run_dir = run.fd;
	given.control = control_listen(&run, &err);
	if (given.control < 0 || run_state_write(&run, &running, &err) < 0)
		abort();
	supervisor.given = &given;
	supervisor.run = run;
	supervisor.state = STATE_RUNNING;
	supervisor.epoll = epoll_create1(EPOLL_CLOEXEC);
	supervisor.init.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	supervisor.console.master.fd = supervisor.console.peer.fd = -1;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		supervisor.clients[i] = (struct client){ .source = { .fd = -1 }, .tty = -1 };
	if (clients_open(&supervisor) < 0)
		abort();
}

static void supervisor_turn(void)
{
	struct epoll_event events[EVENTS];
	int count;

	for (int round = 0; round < ROUNDS && (count = epoll_wait(supervisor.epoll, events, EVENTS, 0)) > 0; round++)
		for (int i = 0; i < count; i++) {
			struct source *source = events[i].data.ptr;

			if (source->fd >= 0)
				source->ready(&supervisor, source, events[i].events);
		}
}

static void packet_send(int client, const uint8_t *bytes, size_t length, bool descriptor)
{
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
	union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int))]; } ancillary = { 0 };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor) {
		struct cmsghdr *rights;

		header.msg_control = ancillary.space;
		header.msg_controllen = sizeof ancillary.space;
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &client, sizeof(int));
	}
	sendmsg(client, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_error err = ERROR_INIT;
	int client = -1;

	if (!supervisor.given)
		supervisor_make();
	if (control_connect(&run, &client, &err) != CONTROL_CONNECTED)
		abort();
	while (size >= 2) {
		size_t length = data[0] < size - 2 ? data[0] : size - 2;

		packet_send(client, data + 2, length, data[1] & CARRIES_A_DESCRIPTOR);
		data += 2 + length;
		size -= 2 + length;
		supervisor_turn();
	}
	close(client);
	supervisor_turn();
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (supervisor.clients[i].source.fd >= 0)
			abort();
	return 0;
}
