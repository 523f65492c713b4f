/*
 * The packets between a container's supervisor and whoever answers its seccomp
 * notifications (lxc.seccomp.notify.proxy), as LXC defines them.  A question is
 * this head, the kernel's request, its response to be filled in, and the
 * cookie, with three descriptors: the asker's directory in /proc, its memory,
 * and the listener.  The answer is head, request and response.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdint.h>

struct proxy_head {
	uint64_t reserved;         /* 0 both ways */
	int32_t monitor, init;     /* pids, as the sender sees them */
	struct seccomp_notif_sizes sizes;
	uint64_t cookie_length;
};
