/* Containers inside of a container, for lxs-ls --nesting; see nested.c. */
#pragma once

#include "container/list.h"

struct nested {
	const char *lxcpath;       /* the same inside as on the host */
	const struct list_filter *filter;
	struct arena *arena;
	struct list *list;         /* where they are appended */
};

/* Appends what is inside of `parent` and, while `depth` lasts, of those.  What cannot be read is not listed. */
void nested_list(const struct nested *nested, const struct list_item *parent, unsigned depth);
