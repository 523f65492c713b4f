/* Option arguments that are lists with '|' between, for lxs-attach and lxs-unshare. */
#pragma once

#include "lib/error.h"

/* Calls `each` for every element, until one fails. */
int list_each(const char *list, void *data, int (*each)(void *data, const char *word, struct error *err),
	      struct error *err);

/* Words of namespaces in LXC's two spellings, "MOUNT" or "mnt", as CLONE_NEW*. */
int list_namespaces(const char *list, unsigned long long *ret, struct error *err);
