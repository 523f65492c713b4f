/* A program that serves one disk image to one client, and ends with it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/proc.h"

/* Where it looks for the socket that it is to serve (sd_listen_fds(3)): nothing of the caller's may be there. */
enum { NBD_LISTENING = 3 };

struct nbd_server {
	pid_t pid;  /* -1: none */
	int client; /* owned; our end of its only connection */
	int said;   /* owned; a file in memory with what it says */
};

#define NBD_SERVER_INIT { -1, -1, -1 }

struct nbd_export { uint64_t size; uint16_t flags; };

int nbd_server_start(const char *image, struct nbd_server *ret, struct error *err);

/* What it serves, asked for over its connection; or -errno, at once when something comes from `asker` or that is closed. */
int nbd_server_greet(int client, int asker, struct nbd_export *ret);

/* After a failure: what it said of it is in `tail`. */
void nbd_server_end(struct nbd_server *server, struct proc_tail *tail);
