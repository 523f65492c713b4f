/*
 * lxs-notify: forwards the seccomp notifications of one container to the
 * socket that lxc.seccomp.notify.proxy names, and its answers back to the
 * kernel.  A program of its own so that the supervisor knows nothing of it.
 * Started by the launcher (launch/notify.c) as
 *
 *   lxs-notify INIT MONITOR ADDRESS COOKIE
 *
 * with descriptors 3, the listener; 4, a pidfd of init; 5, the connection.
 * Whatever goes wrong is answered ENOSYS: a call that nobody judged is not made.
 */
#include "notify/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/own.h"
#include "notify/listener.h"

enum { FD_LISTENER = 3, FD_INIT = 4, FD_CONNECTION = 5, PATIENCE = 30 };

struct proxy {
	struct listener listener;
	struct proxy_head head;
	struct sockaddr_un address;
	socklen_t address_length;
	const char *cookie;
	int connection;            /* -1: lost */
};

/* Neither side waits for ever for the other. */
static void patience_set(int connection)
{
	const struct timeval limit = { .tv_sec = PATIENCE };

	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int reconnect(struct proxy *proxy)
{
	own_close_fd(&proxy->connection);
	proxy->connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (proxy->connection < 0)
		return -errno;
	patience_set(proxy->connection);
	if (connect(proxy->connection, (const struct sockaddr *)&proxy->address, proxy->address_length) < 0) {
		own_close_fd(&proxy->connection);
		return -errno;
	}
	return 0;
}

static ssize_t question_send(struct proxy *proxy, const int descriptors[3])
{
	struct listener *listener = &proxy->listener;
	struct iovec parts[4] = {
		{ &proxy->head, sizeof proxy->head },
		{ &listener->request, listener->sizes.seccomp_notif },
		{ &listener->response, listener->sizes.seccomp_notif_resp },
		{ (char *)proxy->cookie, proxy->head.cookie_length },
	};
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} room = { 0 };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = proxy->head.cookie_length ? 4 : 3,
				  .msg_control = &room, .msg_controllen = sizeof room };
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(3 * sizeof(int));
	memcpy(CMSG_DATA(control), descriptors, 3 * sizeof(int));
	return sendmsg(proxy->connection, &message, MSG_NOSIGNAL);
}

/* The answer goes into the listener's response.  0 or -errno. */
static int answer_receive(struct proxy *proxy)
{
	struct listener *listener = &proxy->listener;
	char request[LISTENER_ROOM];
	struct proxy_head head;
	struct iovec parts[3] = {
		{ &head, sizeof head },
		{ request, listener->sizes.seccomp_notif },
		{ &listener->response, listener->sizes.seccomp_notif_resp },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
	size_t whole = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len;
	ssize_t got = recvmsg(proxy->connection, &message, MSG_TRUNC | MSG_CMSG_CLOEXEC);

	if (got < 0)
		return -errno;
	if (got == 0)
		return -EPIPE;
	if ((size_t)got != whole || head.reserved != 0 || listener->response.notif.id != listener->request.notif.id)
		return -EPROTO;
	return 0;
}

/* What a late answer would leave in the connection must not be taken for that of the next question. */
static int exchange(struct proxy *proxy, const int descriptors[3])
{
	int code = -EPIPE;

	for (int attempt = 0; attempt < 2; attempt++) {
		if (proxy->connection < 0 && reconnect(proxy) < 0)
			return -ENOTCONN;
		if (question_send(proxy, descriptors) >= 0) {
			code = answer_receive(proxy);
			if (code < 0)
				own_close_fd(&proxy->connection);
			return code;
		}
		code = -errno;
		own_close_fd(&proxy->connection);
	}
	return code;
}

static void serve(struct proxy *proxy)
{
	struct listener *listener = &proxy->listener;
	owned_fd directory = -1, memory = -1;
	char path[40];
	int code;

	snprintf(path, sizeof path, "/proc/%u", listener->request.notif.pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memory = directory < 0 ? -errno : listener_memory(listener);
	code = memory < 0 ? memory : exchange(proxy, (const int[]){ directory, memory, listener->fd });
	if (code == 0) {
		listener_answer(listener);
		return;
	}
	if (code != -ESRCH)
		syslog(LOG_WARNING, "call %d of process %u is not judged: %s", listener->request.notif.data.nr,
		       listener->request.notif.pid, strerror(-code));
	listener_refuse(listener, ENOSYS);
}

/* "/PATH" or "@NAME". */
static int address_set(struct proxy *proxy, const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= sizeof proxy->address.sun_path)
		return -1;
	proxy->address.sun_family = AF_UNIX;
	memcpy(proxy->address.sun_path, text, length);
	if (*text == '@')
		proxy->address.sun_path[0] = '\0';
	proxy->address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*text != '@'));
	return 0;
}

static int run(struct proxy *proxy)
{
	int answer;

	while ((answer = listener_wait(&proxy->listener, FD_INIT)) > 0) {
		int taken = listener_take(&proxy->listener);

		if (taken < 0)
			return taken;
		if (taken > 0)
			serve(proxy);
	}
	return answer;
}

int main(int argc, char **argv)
{
	static struct proxy proxy = { .connection = FD_CONNECTION };
	int code;

	if (argc != 5 || address_set(&proxy, argv[3]) < 0) {
		fputs("lxs-notify: started by lxs-start, not by hand\n", stderr);
		return 1;
	}
	openlog("lxs-notify", LOG_PID, LOG_DAEMON);
	patience_set(proxy.connection);
	proxy.cookie = argv[4];
	proxy.head.init = (int32_t)strtol(argv[1], NULL, 10);
	proxy.head.monitor = (int32_t)strtol(argv[2], NULL, 10);
	proxy.head.cookie_length = strlen(proxy.cookie);
	code = listener_open(&proxy.listener, FD_LISTENER);
	proxy.head.sizes = proxy.listener.sizes;
	if (code == 0)
		code = run(&proxy);
	if (code < 0)
		syslog(LOG_ERR, "notifications of container init %s can no longer be answered: %s", argv[1], strerror(-code));
	return code < 0;
}
