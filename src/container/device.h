/*
 * Interfaces and device nodes of the host in a running container.
 */
#pragma once

#include "container/container.h"

struct device_request {
	bool add;             /* else: back to the host */
	const char *device;   /* the name where it is: an interface, or the path of a device node */
	const char *other;    /* the name where it goes; NULL: the same */
};

int container_device(const struct container *container, const struct device_request *request, struct error *err);
