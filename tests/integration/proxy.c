/*
 * Answers seccomp notifications in LXC's protocol, for tests: every call gets
 * the errno value ERRNO, and is written down with what came along.
 *
 *   proxy SOCKET ERRNO [deaf|wrong]
 *
 * prints "ready", then for each question "NR ARG0 COOKIE init=PID TEXT", TEXT
 * being what ARG1 points to in the asker's memory.  `deaf` hangs up on the
 * first question, `wrong` answers with another id.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct head {
	uint64_t reserved;
	int32_t monitor, init;
	uint16_t request_size, response_size, data_size;
	uint64_t cookie_length;
};

struct question {
	struct head head;
	struct seccomp_notif request;
	struct seccomp_notif_resp response;
	char cookie[256];
};

static int answer(int client, int number, const char *manner)
{
	struct question question;
	struct iovec data = { &question, sizeof question - 1 };
	union { char bytes[CMSG_SPACE(3 * sizeof(int))]; struct cmsghdr align; } room;
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room };
	char text[16] = "";
	int fds[3] = { -1, -1, -1 };
	struct cmsghdr *control;
	ssize_t got;

	memset(&question, 0, sizeof question);
	got = recvmsg(client, &message, 0);
	if (got < (ssize_t)offsetof(struct question, cookie))
		return -1;
	control = CMSG_FIRSTHDR(&message);
	if (control && control->cmsg_len == CMSG_LEN(sizeof fds))
		memcpy(fds, CMSG_DATA(control), sizeof fds);
	if (pread(fds[1], text, sizeof text - 1, (off_t)question.request.data.args[1]) < 0)
		snprintf(text, sizeof text, "unreadable");
	printf("%d %llu %s init=%d %s\n", question.request.data.nr, (unsigned long long)question.request.data.args[0],
	       question.cookie, question.head.init, text);
	fflush(stdout);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	if (strcmp(manner, "deaf") == 0)
		return -1;
	question.response = (struct seccomp_notif_resp){ .id = question.request.id, .error = -number };
	if (strcmp(manner, "wrong") == 0)
		question.response.id++;
	return send(client, &question, offsetof(struct question, cookie), 0) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), client;

	if (argc < 3)
		return 2;
	strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	signal(SIGCHLD, SIG_IGN);
	while ((client = accept(listener, NULL, NULL)) >= 0) {
		/* One for each client, as init and attached commands ask at the same time. */
		if (fork() == 0) {
			while (answer(client, atoi(argv[2]), argc > 3 ? argv[3] : "") == 0)
				;
			return 0;
		}
		close(client);
	}
	return 1;
}
