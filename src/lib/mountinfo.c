/*
 * What is mounted where (lib/mountinfo.h).  Apart because a bind mount shows a
 * directory under another name, and only this table tells what it is.  Used by
 * lib/tree.c, lib/inside.c and container/inspect_place.c.
 */
#include "lib/mountinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"

/* "\040" and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* Six fields, optional ones, "-", type, source, options of the file system. */
bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	char *fields[6], *rest = line, *tail = strstr(line, " - "), *type, *source;

	if (!tail)
		return false;
	*tail = '\0';
	tail += strlen(" - ");
	for (size_t i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&rest, " ")))
			return false;
	type = strsep(&tail, " \n");
	source = strsep(&tail, " \n");
	if (!source)
		return false;
	unescape(fields[3]);
	unescape(fields[4]);
	unescape(source);
	*ret = (struct mountinfo){ (int)strtol(fields[0], NULL, 10), fields[2], fields[3], fields[4], fields[5], type, source };
	return true;
}

int mounted_id(int fd)
{
	char path[40], line[80];
	owned_file info = NULL;
	int id = -1;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	while (info && id < 0 && fgets(line, sizeof line, info))
		sscanf(line, "mnt_id: %d", &id);
	return id;
}

/* What is below the mount point is so below the root of the mount. */
static bool place_fill(const struct mountinfo *mount, const char *seen, struct mounted_place *ret)
{
	const char *root = strcmp(mount->root, "/") == 0 ? "" : mount->root;
	const char *point = strcmp(mount->point, "/") == 0 ? "" : mount->point;

	if (!text_starts(seen, point))
		return false;
	seen += strlen(point);
	snprintf(ret->device, sizeof ret->device, "%s", mount->device);
	return snprintf(ret->path, sizeof ret->path, "%s%s", root, strcmp(seen, "/") == 0 ? "" : seen) < (int)sizeof ret->path;
}

bool mounted_place(int fd, struct mounted_place *ret)
{
	owned_file table = fopen("/proc/self/mountinfo", "re");
	char link[40], seen[PATH_MAX] = "";
	owned_str line = NULL;
	struct mountinfo mount;
	size_t size = 0;
	int id = mounted_id(fd);

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (!table || id < 0 || readlink(link, seen, sizeof seen - 1) < 0)
		return false;
	while (getline(&line, &size, table) > 0)
		if (mountinfo_parse(line, &mount) && mount.id == id)
			return place_fill(&mount, seen, ret);
	return false;
}
