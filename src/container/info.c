/*
 * Gathers what lxs-info shows of one container.
 */
#include "container/info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/watch.h"
#include "lib/own.h"

/*
 * What an interface of the host has received and sent; NO_FIGURE when there is
 * none of that name.  From /proc/net/dev, which is that of the caller's network
 * namespace, as /sys/class/net is not: that one is fixed when sysfs is mounted.
 */
static void counters_read(const char *link, int64_t *received, int64_t *sent)
{
	owned_file in = fopen("/proc/net/dev", "re");
	char line[512], name[64];
	long long in_bytes, out_bytes;

	*received = *sent = NO_FIGURE;
	while (in && fgets(line, sizeof line, in)) {
		if (sscanf(line, " %63[^:]:%lld %*d %*d %*d %*d %*d %*d %*d %lld", name, &in_bytes, &out_bytes) != 3 ||
		    strcmp(name, link) != 0)
			continue;
		*received = in_bytes;
		*sent = out_bytes;
	}
}

/* `interfaces`: "TYPE NAME" a line.  What the host received on its end the container has sent. */
static void traffic_read(const char *interfaces, struct arena *arena, struct container_info *ret)
{
	char *next = interfaces ? arena_strdup(arena, interfaces) : NULL;
	int64_t host_received, host_sent;

	for (char *line; (line = strsep(&next, "\n"));) {
		char *link = strchr(line, ' ');

		if (!link)
			continue;
		link++;
		counters_read(link, &host_received, &host_sent);
		ret->traffic = arena_append(arena, ret->traffic, &ret->traffic_count, sizeof *ret->traffic);
		ret->traffic[ret->traffic_count - 1] = (struct traffic){
			.link = link, .sent = host_received, .received = host_sent,
		};
	}
}

int container_info_read(const struct container *container, unsigned parts, struct arena *arena,
			struct container_info *ret, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	int answer = container_run_state(container, &run, &state, err);

	*ret = (struct container_info){
		.state = STATE_STOPPED, .usage = { NO_FIGURE, NO_FIGURE, NO_FIGURE, NO_FIGURE, NO_FIGURE },
	};
	if (answer < 0)
		return -1;
	if (answer == RUNDIR_ABSENT)
		return 0;
	ret->state = state.state;
	ret->init = state.init;
	if (state.init <= 0)
		return 0;
	if (parts & INFO_USAGE) {
		usage_read(state.cgroup_payload, &ret->usage);
		traffic_read(state.interfaces, arena, ret);
	}
	return parts & INFO_ADDRESSES ? addresses_read(state.init, arena, &ret->addresses, NULL, err) : 0;
}
