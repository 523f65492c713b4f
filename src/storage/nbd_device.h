/* A network block device of the kernel, bound to a connection with a server. */
#pragma once

#include "lib/error.h"
#include "storage/nbd_server.h"

/* The number of a device that is from now on the client of the connection; it goes with its last user.  -1. */
int nbd_device_bind(int client, const struct nbd_export *export, struct error *err);

/* It, or one of its partitions (1 ...; 0: the whole), for reading; where that fails nothing is left of it.  -1. */
int nbd_device_open(int number, unsigned partition, struct error *err);
