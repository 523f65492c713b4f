/*
 * flood SOCKET: a hostile client of a control socket.  Makes many connections
 * and sends requests on each whose answers it never reads, on every fourth one
 * with as many descriptors as a message can carry; prints how many messages
 * were taken without and with descriptors.  What a request is: control/protocol.h.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { CLIENTS = 40, ROUNDS = 200, MOST = 253 };

struct message { uint32_t version, request; int32_t result, value; };

static int message_send(int client, uint32_t request, size_t count)
{
	struct message message = { 1, request, 0, 0 };
	struct iovec part = { &message, sizeof message };
	union { char bytes[CMSG_SPACE(MOST * sizeof(int))]; struct cmsghdr align; } room = { 0 };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > 0) {
		/* Zeros: standard input, again and again. */
		header.msg_control = &room;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		*CMSG_FIRSTHDR(&header) = (struct cmsghdr){ CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	}
	return sendmsg(client, &header, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

static int connection(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	return connect(client, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : client;
}

int main(int argc, char **argv)
{
	static const uint32_t requests[] = { 0, 1, 3, 5, 77 };
	int clients[CLIENTS], plain = 0, laden = 0;

	for (int i = 0; argc == 2 && i < CLIENTS; i++)
		clients[i] = connection(argv[1]);
	for (int round = 0; argc == 2 && round < ROUNDS; round++) {
		for (int i = 0; i < CLIENTS; i++) {
			if (clients[i] < 0)
				continue;
			for (size_t j = 0; j < sizeof requests / sizeof *requests; j++)
				*(i % 4 ? &plain : &laden) += message_send(clients[i], requests[j], i % 4 ? 0 : MOST);
		}
	}
	printf("%d %d\n", plain, laden);
	return argc == 2 ? 0 : 2;
}
