/*
 * For the verbs of container/.
 */
#pragma once

#include "container/container.h"

/* 0 also when there was nothing to clean or somebody owns the container. */
int container_clean(const struct container *container, struct error *err);
