/*
 * Where a path leads (lib/inside.h).  Apart because the kernel has no flag for
 * "anywhere but there": the way is gone part by part, as the kernel would.
 */
#include "lib/inside.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/mountinfo.h"
#include "lib/own.h"

enum { LINKS_MAX = 40 };

struct way {
	int at;         /* owned; the directory that has been come to */
	char *rest;     /* owned; what is still to go */
	unsigned links;
};

static void way_done(struct way *way)
{
	own_close_fd(&way->at);
	own_free(&way->rest);
}

static int top_open(void)
{
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Takes the first part off the rest; false: there is none. */
static bool part_take(struct way *way, char part[static NAME_MAX + 1])
{
	const char *start = way->rest + strspn(way->rest, "/");
	size_t length = strcspn(start, "/");

	if (length == 0 || length > NAME_MAX)
		return false;
	memcpy(part, start, length);
	part[length] = '\0';
	memmove(way->rest, start + length, strlen(start + length) + 1);
	return true;
}

/* What a link says comes before the rest.  False: it leads nowhere. */
static bool link_follow(struct way *way, int link)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof target - 1);
	char *rest;

	if (length <= 0 || ++way->links > LINKS_MAX)
		return false;
	target[length] = '\0';
	if (asprintf(&rest, "%s/%s", target, way->rest) < 0)
		return false;
	free(way->rest);
	way->rest = rest;
	if (*target != '/')
		return true;
	own_close_fd(&way->at);
	way->at = top_open();
	return way->at >= 0;
}

/* Also what lies on a device that is such a place. */
static bool is_one_of(const struct stat *facts, const char *const *places)
{
	struct stat place;

	for (; *places; places++)
		if (stat(*places, &place) == 0 && ((place.st_dev == facts->st_dev && place.st_ino == facts->st_ino) ||
						   (S_ISBLK(place.st_mode) && place.st_rdev == facts->st_dev)))
			return true;
	return false;
}

/* A mount that shows something below a place leads into it, though not through it. */
static bool is_below_one_of(int root, const char *const *places)
{
	struct mounted_place here, place;

	for (bool known = mounted_place(root, &here); known && *places; places++) {
		owned_fd fd = open(*places, O_PATH | O_CLOEXEC);
		size_t length;

		if (fd < 0 || !mounted_place(fd, &place) || strcmp(here.device, place.device) != 0)
			continue;
		length = strlen(place.path);
		if (strncmp(here.path, place.path, length) == 0 && (here.path[length] == '/' || here.path[length] == '\0'))
			return true;
	}
	return false;
}

bool path_leads_into(const char *path, const char *const *places)
{
	__attribute__((cleanup(way_done))) struct way way = { .at = top_open(), .rest = path_absolute(path) };
	char part[NAME_MAX + 1];

	while (way.at >= 0 && way.rest && part_take(&way, part)) {
		owned_fd next = openat(way.at, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat facts;

		if (next < 0 || fstat(next, &facts) < 0)
			return false;
		if (S_ISLNK(facts.st_mode)) {
			if (!link_follow(&way, next))
				return false;
			continue;
		}
		/* The top itself is everybody's: a container may have it as its root file system. */
		if (strcmp(part, "..") != 0 &&
		    (is_one_of(&facts, places) || (mounted_id(next) != mounted_id(way.at) && is_below_one_of(next, places))))
			return true;
		own_close_fd(&way.at);
		way.at = steal_fd(&next);
	}
	return false;
}
