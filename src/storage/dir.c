/*
 * The plain backend: the root file system is a directory.  Apart as every
 * backend is; others take its directories.
 */
#include "storage/storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/tree.h"

static bool is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		own_close_fd(&copy);
		return false;
	}
	while ((entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

/*
 * A failed create removes what it made.  So the directory must be new or
 * empty: files that were there before would be mixed with the template's and
 * vanish with them.
 */
int storage_refuse_filled(const char *path, struct error *err)
{
	owned_fd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot use %s for the root file system", path);
	return is_empty(fd) ? 0 : error_set(err, ENOTEMPTY, "cannot use %s for the root file system", path);
}

int storage_make_directory(const char *path, struct error *err)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make %s", path);
	return 0;
}

int storage_refuse_mounts(const char *path, struct error *err)
{
	owned_fd dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot remove %s", path);
	return tree_refuse_mounts(dir, path, err) < 0 ? error_add(err, "cannot remove %s", path) : 0;
}

int storage_remove_directory(const char *path, struct error *err)
{
	owned_str parent_path = strdup(path);
	owned_fd parent = -1, dir = -1;
	char *slash;

	if (!parent_path)
		return error_set(err, ENOMEM, "cannot remove %s", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir < 0)
		return error_set(err, errno, "cannot remove %s", path);
	if (tree_refuse_mounts(dir, path, err) < 0)
		return error_add(err, "cannot remove %s", path);
	while ((slash = strrchr(parent_path, '/')) && slash[1] == '\0' && slash != parent_path)
		*slash = '\0';
	/* What has another name cannot go by this one, and with ".." it is not what it seems. */
	if (!slash || slash[1] == '\0' || strcmp(slash + 1, ".") == 0 || strcmp(slash + 1, "..") == 0)
		return error_set(err, EINVAL, "cannot remove %s", path);
	*slash = '\0';
	parent = open(*parent_path ? parent_path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return error_set(err, errno, "cannot remove %s", path);
	return tree_remove(parent, slash + 1, path, err);
}

int storage_name_directory(const char *type, const struct storage_request *request, char **path, struct error *err)
{
	owned_str text = NULL;

	if (asprintf(&text, "%s:%s%s", type, request->wanted ? request->wanted : request->directory,
		     request->wanted ? "" : "/rootfs") < 0) {
		text = NULL;
		return error_set(err, ENOMEM, "cannot name the root file system");
	}
	if (storage_refuse_filled(text + strlen(type) + 1, err) < 0)
		return -1;
	*path = steal_ptr(text);
	return 0;
}

static int dir_name(const struct storage_request *request, char **path, struct error *err)
{
	return storage_name_directory("dir", request, path, err);
}

static int dir_create(const struct storage_request *request, const struct rootfs_source *made, struct error *err)
{
	(void)request;
	return storage_make_directory(made->path, err);
}

static int dir_destroy(const struct rootfs_source *source, struct error *err)
{
	return storage_remove_directory(source->path, err);
}

static bool dir_available(const struct storage_request *request)
{
	(void)request;
	return true;
}

const struct storage_ops storage_dir = {
	.name = "dir", .available = dir_available, .name_new = dir_name, .create = dir_create,
	.identify = storage_identify_file, .destroy = dir_destroy,
};
