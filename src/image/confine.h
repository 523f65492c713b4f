/*
 * Confining a program that unpacks what a stranger made: to it the whole
 * machine is read-only but one directory.  The kernel sees to that, so it does
 * not matter what the program can be talked into.
 */
#pragma once

#include <stdbool.h>

struct confinement {
	int tree;           /* the directory; becomes the working directory; -1: none, all is read-only */
	long long largest;  /* bytes a file may have; 0: any */
	bool as_caller;     /* what it makes is whose files we make now (image/identity.h) */
};

/* For proc_start_in(): `data` is a struct confinement. */
int confine(void *data);
