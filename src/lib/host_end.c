/* The host's end of a pair (lib/host_end.h).  Apart because launch/ and the setuid usernic/ both make pairs. */
#include "lib/host_end.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/own.h"

int host_end_distrust(const char *name)
{
	char path[PATH_MAX], value = '\0';
	owned_fd fd = -1, writing = -1;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_ra", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* no IPv6, or none on this interface */
	/* Where settings cannot be written it may be so already. */
	if (read(fd, &value, 1) == 1 && value == '0')
		return 0;
	writing = open(path, O_WRONLY | O_CLOEXEC);
	return writing < 0 || write(writing, "0", 1) != 1 ? -errno : 0;
}
