/*
 * How rtnetlink requests are built and run; for the files that implement
 * lib/netlink.h and lib/netlink_bridge.h; netlink_request.c.  A request is on the stack, aligned as its first
 * member, and large enough for all that these files put into one.
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_SIZE = 1024 };

struct request {
	struct nlmsghdr header;
	char rest[REQUEST_SIZE];
};

/* Starts a message with a zeroed header of `extra` bytes behind its own, which is returned. */
void *request_begin(struct request *request, uint16_t type, uint16_t flags, size_t extra);

typedef void message_handler(const struct nlmsghdr *message, void *data);

/* Sends and reads until the acknowledgement or the end of the dump; `handle` gets what comes before it.  0 or -errno. */
int request_run(int socket, const struct request *request, message_handler *handle, void *data);

/* The same for one that is only acknowledged. */
int request_do(int socket, const struct request *request);

/* To be sent with the others of the batch. */
struct netlink_batch;
void batch_add(struct netlink_batch *batch, const struct request *request);
