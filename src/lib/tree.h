/*
 * Walking a whole directory tree, and removing it.  The tree may have been written by a
 * container, so it is walked by descriptor: no symbolic link is followed, no
 * other mount is entered, and depth costs no descriptors.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/* What is done with each thing in a tree. */
struct tree_visitor {
	int (*visit)(void *data, int dir, const char *name, bool directory); /* 0 or -errno */
	void *data;
	const char *verb;         /* for messages: "remove" */
	const char *verb_mounted; /* of what another mount covers: "remove what is mounted on" */
};

/*
 * Visits `name` below the directory `parent` and all in it: what a directory
 * holds before itself.  That it does not exist is fine.  `shown` is its path
 * for messages.  Stops at the first failure.
 */
int tree_walk(int parent, const char *name, const char *shown, const struct tree_visitor *visitor, struct error *err);

/*
 * Removes `name` below the directory `parent`, whatever it is but another
 * mount; that it does not exist is fine.
 */
int tree_remove(int parent, const char *name, const char *shown, struct error *err);

/* Refuses when something is mounted on `dir` or below it in this mount namespace. */
int tree_refuse_mounts(int dir, const char *shown, struct error *err);
