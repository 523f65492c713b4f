/* A directory of a test's own, gone with it and all that is in it. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/tree.h"

struct place {
	char path[32];
	int fd;
};

static inline int place_open(struct place *place)
{
	snprintf(place->path, sizeof place->path, "/tmp/lxs-test.XXXXXX");
	place->fd = mkdtemp(place->path) ? open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return place->fd < 0 ? -1 : 0;
}

static inline int place_close(struct place *place)
{
	owned_error err = ERROR_INIT;

	own_close_fd(&place->fd);
	return tree_remove(AT_FDCWD, place->path, place->path, &err);
}

/* Both for a test that has nothing else: its state is the place. */
static inline int place_make(void **state)
{
	static struct place place;

	*state = &place;
	return place_open(&place);
}

static inline int place_remove(void **state)
{
	return place_close(*state);
}
