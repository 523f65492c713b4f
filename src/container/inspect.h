/*
 * What the kernel says of a running container, beside what its config says:
 * for lxs-inspect.  A tree of jansson's, since it is told as JSON or as text
 * of the same shape.
 */
#pragma once

#include <jansson.h>

#include "container/container.h"

/* All there is to say.  *ret is the caller's (json_decref). */
int container_inspect(const struct container *container, json_t **ret, struct error *err);

/* The seccomp filters alone, in words. */
int container_inspect_seccomp(const struct container *container, json_t **ret, struct error *err);
