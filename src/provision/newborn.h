/*
 * A container that is being made, by create, copy or import: its directory,
 * locked and marked as unfinished.  What fails is taken back; what is killed
 * leaves the marker, and the next command that makes or destroys a container
 * of that name clears the rubble away.
 */
#pragma once

#include <stdbool.h>

#include "container/container.h"
#include "container/partial.h"
#include "storage/storage.h"

struct newborn {
	struct container *container;       /* the caller's */
	char *directory;                   /* owned; LXCPATH/NAME */
	int dir;                           /* owned; that directory, locked */
	struct partial partial;
	bool made_directory, claimed;
	struct arena *arena;               /* owned; of the texts below */
	char *rootfs;                      /* owned; lxc.rootfs.path; NULL: none */
	struct rootfs_source source;       /* what that means */
	const struct storage_ops *storage; /* that made it, or is about to; NULL: it was there before */
};

#define NEWBORN_INIT ((struct newborn){ .dir = -1, .partial = PARTIAL_INIT })

/*
 * Makes the directory and takes it.  Refuses a container that is there, and
 * one that another command is making.  After a failure, newborn_roll_back().
 */
int newborn_claim(struct container *container, struct newborn *ret, struct error *err);

/* Writes down what `ops` is going to make, which is the newborn's from now on, and gives the request its tag. */
int newborn_storage(struct newborn *newborn, const struct storage_ops *ops, struct storage_request *request, struct error *err);

/* Writes down which storage it is, once it is there: a place that is not the newborn's own can be another's later. */
int newborn_identify(struct newborn *newborn, struct error *err);

/* It is finished: the marker goes. */
int newborn_finish(struct newborn *newborn, struct error *err);

/* Takes back what was made, also after a failure to finish; the error gets a hint when there was no room for it. */
void newborn_roll_back(struct newborn *newborn, struct error *err);

void newborn_done(struct newborn *newborn);

#define owned_newborn __attribute__((cleanup(newborn_done))) struct newborn

/* "Container already exists", when there is a config that no killed command has left. */
int newborn_refuse_defined(const struct container *container, struct error *err);
