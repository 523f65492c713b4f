/*
 * What can be told of one container without its help: from its run
 * directory, its cgroups and its network namespace.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "container/addresses.h"
#include "container/container.h"

/* Figures of a cgroup; NO_FIGURE where the kernel does not count it. */
enum { NO_FIGURE = -1 };

struct usage {
	int64_t cpu_ns, block_bytes, memory_bytes, kernel_bytes, swap_bytes;
};

/* `directories`: the payload's, one a line. */
void usage_read(const char *directories, struct usage *ret);

/* Traffic of one interface, counted from the container's point of view. */
struct traffic {
	const char *link;           /* its name on the host */
	int64_t sent, received;
};

struct container_info {
	enum container_state state;
	pid_t init;                 /* 0: not running */
	struct usage usage;
	struct address_list addresses;
	struct traffic *traffic;
	size_t traffic_count;
};

enum info_parts { INFO_ADDRESSES = 1 << 0, INFO_USAGE = 1 << 1 };

/* State and pid always; what else is in `parts`.  Texts live in the arena. */
int container_info_read(const struct container *container, unsigned parts, struct arena *arena,
			struct container_info *ret, struct error *err);
