/*
 * The conversation of the two sides of a launch: a SOCK_SEQPACKET pair, one
 * struct a packet.  Init reports the points it comes to, hands over
 * descriptors and tells which step failed; the host side lets it go on.  The
 * socket is close-on-exec, so its end is the news that init was executed.
 * Nothing here allocates.
 */
#pragma once

#include <stdint.h>

#include "launch/launch.h"

enum sync_type {
	SYNC_REACHED,     /* init: number = enum sync_point */
	SYNC_DESCRIPTOR,  /* init: number = enum sync_descriptor, with a descriptor; SYNC_TTY: with all of them */
	SYNC_FAILED,      /* init: number = index of the step, code = errno value, detail */
	SYNC_GO,          /* host: number = enum sync_point, init may go on */
	SYNC_MAP,         /* init: number = index of a STEP_BIND, with its mount, whose ids the host side is to map */
	SYNC_DONE,        /* host: code = errno value of that */
};

enum sync_descriptor { SYNC_CONSOLE, SYNC_TTY, SYNC_NOTIFY };

struct sync_message {
	uint32_t type, number;
	int32_t code;
	char detail[LAUNCH_DETAIL];
};

/* `descriptor` -1: none.  0 or -errno. */
int sync_send(int socket, const struct sync_message *message, int descriptor);

/* 1: received, with *descriptor -1 or ours; 0: the other side is gone; -errno. */
int sync_receive(int socket, struct sync_message *message, int *descriptor);

/* The same with up to LAUNCH_TTYS_MAX descriptors in one packet, which wakes the other side once. */
int sync_send_many(int socket, const struct sync_message *message, const int *descriptors, size_t count);
int sync_receive_many(int socket, struct sync_message *message, int descriptors[static LAUNCH_TTYS_MAX], size_t *count);

/* For steps inside: hands a descriptor over.  0 or -errno. */
int sync_give(struct inside *inside, enum sync_descriptor what, int descriptor);
