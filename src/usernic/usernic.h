/*
 * lxs-user-nic: the parts of the program that gives interfaces to users.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"

/* ---- caller.c: who calls, and what the program keeps of its privileges ---- */

struct caller {
	uid_t uid;
	const char *user;
};

/* The program acts as its caller from here on; before anything else. */
int caller_become(struct error *err);

/* The network namespace that a word names: a pid, or "fd:N"; opened with the caller's rights.  Reveals nothing: -1. */
int namespace_open(const char *word);

/* Root's again, but for nothing except interfaces. */
int privilege_take(struct error *err);

/* Whether it is a network namespace, not the one we are in, whose user namespace was made by `uid`. */
bool namespace_belongs(int namespace, uid_t uid);

/* ---- book.c: what was given to whom ---- */

struct entry {
	char nic[IFNAMSIZ];
	int index;              /* 0: not known yet */
	uid_t uid;
};

/* A line of a book.  Locked until the book is closed. */
struct slot {
	int book;
	unsigned number;
};

/* The directory of the books. */
int books_open(struct error *err);

/*
 * What was given of one owner's allowance on one bridge, made when there is
 * none, or -1 with errno.  `socket`: of the network namespace that it is about.
 */
int book_open(int socket, int books, const char *owner, const char *bridge);

/*
 * Locks a free slot of slot->book, when less than `allowed` are in use.
 * `socket` asks the kernel which interfaces are gone; *holder becomes a process that has a slot locked.
 */
bool slot_take(int socket, unsigned allowed, struct slot *slot, pid_t *holder);

/* Nothing counts before it is written. */
int slot_write(const struct slot *slot, const struct entry *entry, struct error *err);

/* The index of what was given to this uid, on this bridge, as this nic; 0: nothing. */
int books_find(int socket, int books, const char *bridge, const struct entry *like);

/* ---- pair.c ---- */

struct wish {
	const char *type, *bridge;   /* "veth"; "none" */
	const char *nic;             /* wanted inside; "eth%d"; of one to be deleted: outside */
	int namespace;
};

int pair_create(int socket, int books, const struct caller *caller, const struct wish *wish, struct error *err);
int pair_delete(int socket, int books, const struct caller *caller, const struct wish *wish, struct error *err);
