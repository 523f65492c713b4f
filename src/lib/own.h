/*
 * Ownership by attribute: a variable declared with one of these words owns
 * what it holds and gives it back when it leaves its scope.  Handing a thing
 * over is a visible word: steal_fd() or steal_ptr().  Every cleanup accepts
 * the empty value (-1, NULL) and leaves errno alone.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void own_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void own_free(void *where)
{
	void **pointer = where;
	int saved = errno;

	free(*pointer);
	*pointer = NULL;
	errno = saved;
}

static inline void own_close_file(FILE **file)
{
	int saved = errno;

	if (*file)
		fclose(*file);
	*file = NULL;
	errno = saved;
}

static inline void own_close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	*dir = NULL;
	errno = saved;
}

#define owned_fd   __attribute__((cleanup(own_close_fd))) int
#define owned_str  __attribute__((cleanup(own_free))) char *
#define owned_file __attribute__((cleanup(own_close_file))) FILE *
#define owned_dir  __attribute__((cleanup(own_close_dir))) DIR *

/* Returns the descriptor and leaves -1 behind: the caller of the caller owns it now. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void *steal_ptr_from(void *where)
{
	void **pointer = where;
	void *taken = *pointer;

	*pointer = NULL;
	return taken;
}

/* As steal_fd() for pointers; keeps the type of the variable. */
#define steal_ptr(variable) ((typeof(variable))steal_ptr_from(&(variable)))
