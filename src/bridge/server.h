/*
 * The server for DHCP and DNS on the bridge: dnsmasq.
 */
#pragma once

#include "bridge/conf.h"
#include "control/rundir.h"

/* The words that start it, NULL at the end; `directory` is where its files are, `user` whom it becomes. */
char *const *server_words(struct arena *arena, const struct bridge_conf *conf, const char *directory, const char *user);

/* Starts it, noted in the journal. */
int server_start(struct rundir *run, const struct bridge_conf *conf, struct error *err);

/* Its pid; 0: it does not run. */
pid_t server_pid(const char *directory);

/* A kind of line of the journal. */
int server_undo(char *const *arguments, size_t count, struct error *err);

struct lease { const char *address, *hardware, *name; long long expires; }; /* name NULL: it gave none */

/* What it has given out. */
struct lease *server_leases(struct arena *arena, const char *directory, size_t *count);
