/*
 * Removing shared trees (image/trees.h).  Apart because it decides by what
 * configs say: a tree that a config below LXCPATH mentions, be it a
 * container's or a snapshot's, stays.
 */
#include "image/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/tree.h"

static DIR *list_of(int parent, const char *name)
{
	int copy = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list)
		own_close_fd(&copy);
	return list;
}

static bool is_self(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* 1: the config in `dir` mentions it; 0; -1: it cannot be read, so nobody knows. */
static int config_mentions(int dir, const char *tree, struct error *err)
{
	owned_fd config = openat(dir, "config", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	owned_str text = NULL;
	size_t length;

	if (config < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot read a container's config");
	if (file_read_fd(config, "a container's config", &text, &length, err) < 0)
		return -1;
	return strstr(text, tree) ? 1 : 0;
}

/* The same for the containers in `dir`, and for the snapshots that each has below `deeper` (NULL: look at none). */
static int is_mentioned(int dir, const char *tree, const char *deeper, struct error *err)
{
	owned_dir list = list_of(dir, ".");
	struct dirent *entry;
	int answer = 0;

	while (answer == 0 && list && (entry = readdir(list))) {
		owned_fd container = -1, snapshots = -1;

		if (is_self(entry->d_name))
			continue;
		container = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (container < 0)
			continue;
		answer = config_mentions(container, tree, err);
		snapshots = deeper ? openat(container, deeper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		if (answer == 0 && snapshots >= 0)
			answer = is_mentioned(snapshots, tree, NULL, err);
	}
	return answer;
}

bool trees_exist(const char *lxcpath)
{
	owned_str path = NULL;

	return asprintf(&path, "%s/.trees", lxcpath) >= 0 && access(path, F_OK) == 0;
}

int trees_prune(const char *lxcpath, struct trees_pruned *ret, struct error *err)
{
	owned_fd parent = open(lxcpath, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_fd trees = parent < 0 ? -1 : openat(parent, ".trees", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	owned_dir list = trees < 0 ? NULL : list_of(trees, ".");
	struct dirent *entry;

	*ret = (struct trees_pruned){ 0 };
	while (list && (entry = readdir(list))) {
		owned_str name = NULL;
		owned_str shown = NULL;
		int answer;

		if (is_self(entry->d_name))
			continue;
		if (asprintf(&name, ".trees/%s/", entry->d_name) < 0 ||
		    asprintf(&shown, "%s/.trees/%s", lxcpath, entry->d_name) < 0)
			return error_set(err, ENOMEM, "cannot look for users of a tree");
		answer = is_mentioned(parent, name, "snaps", err);
		if (answer < 0 || (answer == 0 && tree_remove(trees, entry->d_name, shown, err) < 0))
			return -1;
		ret->trees += answer == 0;
	}
	return 0;
}
