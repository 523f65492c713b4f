/*
 * The kernel's side of seccomp notifications (seccomp_unotify(2)), for the
 * helper programs of this room: taking a notification, telling whether it
 * still stands, and answering it.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>

enum { LISTENER_ROOM = 1024 }; /* the kernel's structures grow with its releases */

struct listener {
	int fd;
	struct seccomp_notif_sizes sizes;   /* as this kernel has them */
	union {
		struct seccomp_notif notif;
		char room[LISTENER_ROOM];
	} request;
	union {
		struct seccomp_notif_resp notif;
		char room[LISTENER_ROOM];
	} response;
};

/* 0 or -errno. */
int listener_open(struct listener *listener, int fd);

/*
 * Waits until there is something to answer.  1; 0: nobody is left who could
 * ask (init, held by `init`, is gone, or all that have the filter); -errno.
 */
int listener_wait(const struct listener *listener, int init);

/* Takes one notification into `request` and prepares `response`.  1; 0: the asker is gone; -errno. */
int listener_take(struct listener *listener);

/*
 * Whether the asker still waits for the answer.  What was opened by its pid
 * before such a check is its own: a pid cannot have been given to another.
 */
bool listener_stands(const struct listener *listener);

/* Sends `response`; nobody there any more is fine. */
void listener_answer(struct listener *listener);

/* Answers with an errno value. */
void listener_refuse(struct listener *listener, int code);

/* The asker's memory, read and write, known to be the asker's own; or -errno. */
int listener_memory(const struct listener *listener);
