/*
 * The wire protocol of a running container's control socket
 * (SOCK_SEQPACKET, one message a request, one an answer, descriptors by
 * SCM_RIGHTS).  Peers are checked by SO_PEERCRED: root or the supervisor's
 * uid.  Messages have one fixed size; anything else closes the connection.
 *
 * There is no request to stop: the client signals init itself by what the
 * file `state` says, which works even when the supervisor does not answer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CONTROL_VERSION = 1, CONTROL_FDS = 2 };

enum control_request {
	CONTROL_STATE,        /* answer: value = enum container_state */
	CONTROL_WATCH,        /* value = bits of states; answered with value = state when one is or becomes true, then closed */
	CONTROL_TTY,          /* value = number, 0 console, -1 first free; answer: descriptors [data, window size],
	                         value = number; freed when the connection closes */
	CONTROL_CONSOLE_LOG,  /* value = enum console_log_request; answer: a descriptor of the contents, but for CLEAR */
	CONTROL_FROZEN,       /* value = STATE_FREEZING, STATE_FROZEN or STATE_THAWED: what the client did to the cgroup */
	CONTROL_INIT,         /* answer: value = pid of init, descriptor: its pidfd */
	CONTROL_REQUESTS
};

/* What is done with the ring buffer of the console. */
enum console_log_request { CONSOLE_LOG_READ, CONSOLE_LOG_TAKE /* and clear */, CONSOLE_LOG_CLEAR, CONSOLE_LOG_REQUESTS };

struct control_message {
	uint32_t version;
	uint32_t request;     /* enum control_request */
	int32_t result;       /* answers: 0, or a negative errno value */
	int32_t value;
};

/* Sends one message with up to CONTROL_FDS descriptors.  -1 with errno. */
int control_send(int socket, const struct control_message *message, const int *fds, size_t count);

/*
 * Receives one message.  1; 0 at the end of the connection; -1 with errno,
 * EPROTO for what is no message.  `fds` (of CONTROL_FDS items) and *count get
 * the descriptors, close-on-exec; with NULL a message that carries any is
 * refused.
 */
int control_receive(int socket, struct control_message *ret, int *fds, size_t *count);
