/*
 * The JSON forms of what lxs-info and lxs-ls show.  They need a library, so
 * the front program has another definition of them (src/front/handover.c):
 * the full program does it.  Nothing has been printed when they are called.
 */
#pragma once

#include "commands/command.h"
#include "container/info.h"
#include "container/list.h"

/* All that is known of a container, and the values of `keys`.  0 or -1. */
int info_print_json(struct invocation *call, const struct container_info *info, const struct strings *keys,
		    struct error *err);

int ls_print_json(struct invocation *call, const struct list *list, struct error *err);
