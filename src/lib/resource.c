/* The names of resource limits.  Apart because a start plans with them and lxs-attach applies them. */
#include "lib/resource.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
	const char *name;
	int number;
} resources[] = {
	{ "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS }, { "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE }, { "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC }, { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO }, { "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
};

int resource_number(const char *name)
{
	char *end;
	long number;

	for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++)
		if (strcmp(resources[i].name, name) == 0)
			return resources[i].number;
	number = strtol(name, &end, 10);
	return end > name && *end == '\0' && number >= 0 && number < 1024 ? (int)number : -1;
}
