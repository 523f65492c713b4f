/*
 * Packets between init and the launcher while a container is set up.  Apart
 * from host.c and inside.c because both sides use it and because it must not
 * allocate.
 */
#include "launch/sync.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union descriptor_room {
	char bytes[CMSG_SPACE(LAUNCH_TTYS_MAX * sizeof(int))];
	struct cmsghdr align;
};

int sync_send_many(int socket, const struct sync_message *message, const int *descriptors, size_t count)
{
	struct iovec data = { (void *)message, sizeof *message };
	union descriptor_room room = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t sent;

	if (count > LAUNCH_TTYS_MAX)
		return -E2BIG;
	if (count > 0) {
		struct cmsghdr *control;

		header.msg_control = &room;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control = CMSG_FIRSTHDR(&header);
		control->cmsg_level = SOL_SOCKET;
		control->cmsg_type = SCM_RIGHTS;
		control->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(control), descriptors, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int sync_send(int socket, const struct sync_message *message, int descriptor)
{
	return sync_send_many(socket, message, &descriptor, descriptor >= 0);
}

int sync_receive_many(int socket, struct sync_message *message, int descriptors[static LAUNCH_TTYS_MAX], size_t *count)
{
	struct iovec data = { message, sizeof *message };
	union descriptor_room room = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1,
				 .msg_control = &room, .msg_controllen = sizeof room };
	struct cmsghdr *control;
	ssize_t received;

	*count = 0;
	do
		received = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (received == 0)
		return 0;
	control = CMSG_FIRSTHDR(&header);
	if (control && control->cmsg_type == SCM_RIGHTS) {
		*count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(descriptors, CMSG_DATA(control), *count * sizeof(int));
	}
	if (received != sizeof *message)
		return -EPROTO;
	message->detail[sizeof message->detail - 1] = '\0';
	return 1;
}

int sync_receive(int socket, struct sync_message *message, int *descriptor)
{
	int descriptors[LAUNCH_TTYS_MAX];
	size_t count;
	int got = sync_receive_many(socket, message, descriptors, &count);

	*descriptor = count > 0 ? descriptors[0] : -1;
	for (size_t i = 1; i < count; i++)
		close(descriptors[i]);
	return got;
}

int sync_give(struct inside *inside, enum sync_descriptor what, int descriptor)
{
	struct sync_message message = { .type = SYNC_DESCRIPTOR, .number = what };

	return sync_send(inside->sync, &message, descriptor);
}
