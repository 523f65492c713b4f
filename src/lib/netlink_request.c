/*
 * Sending requests to rtnetlink(7), one or many at a time, and reading what is
 * answered.  Apart from netlink.c, which says what is asked.
 */
#include "lib/netlink_request.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/netlink.h"
#include "lib/own.h"

enum { ANSWER_SIZE = 32 * 1024 };

int netlink_open(void)
{
	owned_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int on = 1;

	if (fd < 0)
		return -errno;
	/* Errors as short as can be, and dumps of another namespace (kernel 4.20). */
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
	return steal_fd(&fd);
}

int netlink_open_in(int namespace)
{
	owned_fd home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd = -1;

	if (home < 0 || setns(namespace, CLONE_NEWNET) < 0)
		return -errno;
	fd = netlink_open();
	return setns(home, CLONE_NEWNET) < 0 ? -errno : steal_fd(&fd);
}

void *request_begin(struct request *request, uint16_t type, uint16_t flags, size_t extra)
{
	memset(request, 0, sizeof *request);
	mnl_nlmsg_put_header(&request->header);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(&request->header, extra);
}

/* Where the answers to what was sent are gathered. */
struct answers {
	unsigned wanted;          /* requests that are not answered yet */
	int code;                 /* of the first that was refused, by its number */
	unsigned failed;
	message_handler *handle;
	void *data;
};

static void answer_end(struct answers *answers, unsigned number, int code)
{
	answers->wanted--;
	if (code >= 0 || (answers->code < 0 && answers->failed < number))
		return;
	answers->code = code;
	answers->failed = number;
}

static void message_take(struct answers *answers, const struct nlmsghdr *message)
{
	if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

		answer_end(answers, message->nlmsg_seq, error->error);
		return;
	}
	if (message->nlmsg_type != NLMSG_DONE && answers->handle)
		answers->handle(message, answers->data);
	if (message->nlmsg_type == NLMSG_DONE || !(message->nlmsg_flags & NLM_F_MULTI))
		answer_end(answers, message->nlmsg_seq, 0);
}

/* Reads until every request has its acknowledgement, its answer or the end of its dump. */
static int answers_read(int socket, struct answers *answers)
{
	char answer[ANSWER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));

	while (answers->wanted > 0) {
		ssize_t got = recv(socket, answer, sizeof answer, 0);
		const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -ECONNRESET;
		for (; mnl_nlmsg_ok(message, left) && answers->wanted > 0; message = mnl_nlmsg_next(message, &left))
			message_take(answers, message);
	}
	return answers->code;
}

static int bytes_send(int socket, const void *bytes, size_t size)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(socket, bytes, size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0 ? -errno : 0;
}

int request_run(int socket, const struct request *request, message_handler *handle, void *data)
{
	struct answers answers = { .wanted = 1, .handle = handle, .data = data };
	int code = bytes_send(socket, &request->header, request->header.nlmsg_len);

	return code < 0 ? code : answers_read(socket, &answers);
}

int request_do(int socket, const struct request *request)
{
	return request_run(socket, request, NULL, NULL);
}

/* ---- many at once ---- */

void netlink_batch_begin(struct netlink_batch *batch, int socket)
{
	batch->socket = socket;
	batch->count = batch->waiting = 0;
	batch->code = 0;
	batch->used = 0;
	batch->handle = NULL;
	batch->data = NULL;
}

int netlink_batch_run(struct netlink_batch *batch)
{
	struct answers answers = { .wanted = batch->waiting, .handle = batch->handle, .data = batch->data };
	int code = batch->waiting > 0 ? bytes_send(batch->socket, batch->bytes, batch->used) : 0;

	if (code == 0 && batch->waiting > 0)
		code = answers_read(batch->socket, &answers);
	batch->waiting = 0;
	batch->used = 0;
	if (code < 0 && batch->code == 0) {
		batch->code = code;
		batch->failed = answers.failed;
	}
	return batch->code;
}

void batch_add(struct netlink_batch *batch, const struct request *request)
{
	size_t size = NLMSG_ALIGN(request->header.nlmsg_len);
	struct nlmsghdr *header;

	if (batch->used + size > sizeof batch->bytes)
		netlink_batch_run(batch);
	header = (struct nlmsghdr *)(batch->bytes + batch->used);
	memcpy(header, &request->header, size);
	header->nlmsg_seq = batch->count++;
	batch->used += size;
	batch->waiting++;
}
