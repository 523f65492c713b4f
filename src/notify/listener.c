/*
 * Seccomp notifications (listener.h).  Used by the programs lxs-notify and
 * lxs-clock, and apart from them since both ask the kernel in the same way.
 */
#include "notify/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"

/* The first kernels with notifications knew it as a command that reads. */
#define ID_VALID_FORMER SECCOMP_IOR(2, __u64)

int listener_open(struct listener *listener, int fd)
{
	listener->fd = fd;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &listener->sizes) < 0)
		return -errno;
	if (listener->sizes.seccomp_notif > LISTENER_ROOM || listener->sizes.seccomp_notif_resp > LISTENER_ROOM)
		return -E2BIG;
	return 0;
}

int listener_wait(const struct listener *listener, int init)
{
	struct pollfd waiting[2] = {
		{ .fd = listener->fd, .events = POLLIN },
		{ .fd = init, .events = POLLIN },
	};

	while (poll(waiting, 2, -1) < 0)
		if (errno != EINTR)
			return -errno;
	if (waiting[0].revents & POLLIN)
		return 1;
	return 0;
}

int listener_take(struct listener *listener)
{
	memset(&listener->request, 0, sizeof listener->request);
	memset(&listener->response, 0, sizeof listener->response);
	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_RECV, &listener->request) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	listener->response.notif.id = listener->request.notif.id;
	return 1;
}

bool listener_stands(const struct listener *listener)
{
	__u64 id = listener->request.notif.id;

	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0)
		return true;
	return errno == EINVAL && ioctl(listener->fd, ID_VALID_FORMER, &id) == 0;
}

void listener_answer(struct listener *listener)
{
	listener->response.notif.id = listener->request.notif.id;
	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_SEND, &listener->response) < 0)
		return; /* ENOENT: killed meanwhile */
}

void listener_refuse(struct listener *listener, int code)
{
	memset(&listener->response, 0, sizeof listener->response);
	listener->response.notif.error = -code;
	listener_answer(listener);
}

int listener_memory(const struct listener *listener)
{
	owned_fd memory = -1;
	char path[40];

	snprintf(path, sizeof path, "/proc/%u/mem", listener->request.notif.pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	if (memory < 0)
		return -errno;
	return listener_stands(listener) ? steal_fd(&memory) : -ESRCH;
}
