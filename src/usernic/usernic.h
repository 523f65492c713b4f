/*
 * lxs-user-nic: the parts of the program that gives interfaces to users.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/usernet.h"

/* ---- caller.c: who calls, and what the program keeps of its privileges ---- */

struct caller {
	uid_t uid;
	const char *user;
	struct usernet_owners owners;
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

/* A line: OWNER TYPE BRIDGE NIC INDEX UID; OWNER is whose allowance it counts against. */
struct entry {
	char owner[100], type[100], bridge[100], nic[IFNAMSIZ];
	int index;              /* 0: not known yet */
	uid_t uid;
};

struct book {
	int fd;                 /* locked */
	struct entry *entries;  /* owned */
	size_t count;
};

/* Opens and locks it, and forgets the interfaces that are gone.  `socket` asks the kernel which are. */
int book_open(int socket, struct book *ret, struct error *err);
void book_close(struct book *book);

unsigned book_count(const struct book *book, const struct entry *like);

/* The entry of this nic, type, bridge and uid, or NULL. */
struct entry *book_find(const struct book *book, const struct entry *like);
struct entry *book_add(struct book *book, const struct entry *entry);
void book_remove(struct book *book, struct entry *entry);

/* Nothing counts before it is written. */
int book_write(const struct book *book, struct error *err);

/* One line into an entry. */
bool entry_read(const char *line, struct entry *ret);

/* ---- pair.c ---- */

struct wish {
	const char *type, *bridge;   /* "veth"; "none" */
	const char *nic;             /* wanted inside; "eth%d" */
	int namespace;
};

int pair_create(int socket, struct book *book, const struct caller *caller, const struct wish *wish, struct error *err);
int pair_delete(int socket, struct book *book, const struct caller *caller, const struct entry *like, struct error *err);
