/*
 * One message of the control socket, out and in.  Both ends use this: the
 * supervisor (supervise/clients.c) and the clients (control/client.c).
 */
#include "control/protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union ancillary {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int) * CONTROL_FDS)];
};

int control_send(int socket, const struct control_message *message, const int *fds, size_t count)
{
	struct iovec part = { .iov_base = (void *)message, .iov_len = sizeof *message };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union ancillary ancillary = { 0 };
	struct cmsghdr *rights;

	if (count > 0) {
		header.msg_control = ancillary.space;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(rights), fds, sizeof(int) * count);
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL) == sizeof *message ? 0 : -1;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static size_t take_fds(struct msghdr *header, int *fds)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(header);
	size_t count;

	if (!part || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(part), sizeof(int) * count);
	return count;
}

int control_receive(int socket, struct control_message *ret, int *fds, size_t *count)
{
	struct control_message message;
	struct iovec part = { .iov_base = &message, .iov_len = sizeof message };
	union ancillary ancillary;
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	int taken[CONTROL_FDS];
	size_t have;
	ssize_t got;

	if (fds) {
		header.msg_control = ancillary.space;
		header.msg_controllen = sizeof ancillary.space;
	}
	got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return -1;
	have = fds ? take_fds(&header, taken) : 0;
	if (got == 0 && !(header.msg_flags & MSG_TRUNC) && have == 0)
		return 0;
	if (got != sizeof message || header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || message.version != CONTROL_VERSION) {
		close_all(taken, have);
		errno = EPROTO;
		return -1;
	}
	*ret = message;
	if (fds) {
		memcpy(fds, taken, sizeof(int) * have);
		*count = have;
	}
	return 1;
}
