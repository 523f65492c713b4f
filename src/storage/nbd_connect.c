/*
 * Connecting images (storage/nbd_connect.h).  qemu-nbd could bind a device by
 * itself, but it would stay bound until somebody unbinds it, whatever becomes
 * of us: over netlink the kernel can be told to let go with the last user, and
 * finds a free device itself.  Here is the process in which both are done.
 */
#include "storage/nbd_connect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "storage/nbd_device.h"
#include "storage/nbd_server.h"

enum { LINES_SHOWN = 3 };

/* Server and device; both go with the descriptor, or with a failure. */
static int device_make(const char *image, unsigned partition, int asker, struct error *err)
{
	struct nbd_server server = NBD_SERVER_INIT;
	struct proc_tail tail;
	struct nbd_export export;
	int code, number, device = -1;

	if (nbd_server_start(image, &server, err) == 0) {
		code = nbd_server_greet(server.client, asker, &export);
		if (code < 0)
			error_set(err, -code, "qemu-nbd does not answer");
		number = code < 0 ? -1 : nbd_device_bind(server.client, &export, err);
		device = number < 0 ? -1 : nbd_device_open(number, partition, err);
		/* One that is bound ends the server with its last user: killed before, it would leave him waiting. */
		if (number < 0) {
			nbd_server_end(&server, &tail);
			if (code < 0 && tail.length > 0)
				error_set(err, 0, "%s%s", text_starts(tail.bytes, "qemu-nbd: ") ? "" : "qemu-nbd: ",
					  proc_tail_lines(&tail, LINES_SHOWN));
		}
	}
	own_close_fd(&server.client);
	own_close_fd(&server.said);
	return device;
}

struct answer { int code; char message[1500], hint[256]; };

union fd_room { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; };

static void answer_send(int asker, int device, const struct error *err)
{
	struct answer answer = { .code = device < 0 ? -1 : 0 };
	struct iovec part = { &answer, sizeof answer };
	union fd_room room = { 0 };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *item;

	snprintf(answer.message, sizeof answer.message, "%s", err->message ? err->message : "");
	snprintf(answer.hint, sizeof answer.hint, "%s", err->hint ? err->hint : "");
	if (device >= 0) {
		header.msg_control = room.bytes;
		header.msg_controllen = sizeof room.bytes;
		item = CMSG_FIRSTHDR(&header);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(sizeof device);
		memcpy(CMSG_DATA(item), &device, sizeof device);
	}
	(void)!sendmsg(asker, &header, MSG_NOSIGNAL);
}

static int answer_receive(int worker, struct error *err)
{
	struct answer answer;
	struct iovec part = { &answer, sizeof answer };
	union fd_room room = { 0 };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes,
	};
	struct cmsghdr *item;
	int device = -1;
	ssize_t got;

	do
		got = recvmsg(worker, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got != sizeof answer)
		return error_set(err, 0, "the process that connects it died");
	item = CMSG_FIRSTHDR(&header);
	if (answer.code == 0 && item)
		memcpy(&device, CMSG_DATA(item), sizeof device);
	if (device >= 0)
		return device;
	error_set(err, 0, "%s", answer.message);
	return *answer.hint ? error_hint(err, "%s", answer.hint) : -1;
}

/*
 * The work is done by a process of its own, out of reach of the signals of our
 * terminal.  We may be killed at any time: it sees that while it waits for the
 * server, which it then ends, and once the device is open, that goes with its
 * last descriptor, though it be in a message nobody reads.
 */
static _Noreturn void worker_run(const char *image, unsigned partition, int asker)
{
	owned_error err = ERROR_INIT;
	int high = fcntl(asker, F_DUPFD_CLOEXEC, NBD_LISTENING + 1), device;

	setsid();
	/* Locks and ends of pipes are not to outlive us in here. */
	syscall(SYS_close_range, NBD_LISTENING, (unsigned)high - 1, 0);
	syscall(SYS_close_range, (unsigned)high + 1, ~0U, 0);
	device = device_make(image, partition, high, &err);
	answer_send(high, device, &err);
	_exit(0);
}

int nbd_connect(const char *image, unsigned partition, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	int ends[2], device;
	pid_t pid;

	if (access(image, R_OK) < 0)
		return error_set(err, errno, "cannot use the disk image %s", image);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket");
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid == 0)
		worker_run(image, partition, theirs);
	own_close_fd(&theirs);
	device = answer_receive(ours, err);
	proc_wait(pid);
	return device < 0 ? error_add(err, "cannot use the disk image %s", image) : device;
}
