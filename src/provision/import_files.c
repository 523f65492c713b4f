/*
 * Taking files over from an archive (provision/import_files.h).  Apart because
 * it is a border: what passes here is the container's by name, and nobody
 * looks at it again.
 */
#include "provision/import_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/archive.h"
#include "lib/own.h"
#include "lib/tree.h"

/* A file with rights of its own has no business there; what else it may be is gone already. */
static int file_judge(void *data, int dir, const char *name, bool directory)
{
	const struct import_files *files = data;
	struct stat facts;

	if (fstatat(dir, name, &facts, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (directory || S_ISREG(facts.st_mode))
		return fchmodat(dir, name, facts.st_mode & 0777, 0) < 0 ? -errno : 0;
	if (S_ISLNK(facts.st_mode) && files->trust)
		return 0;
	/* A name of several lines would say what we do not. */
	buffer_printf(files->said, "not taken from the archive: %.*s, which is neither a file nor a directory\n",
		      (int)strcspn(name, "\n"), name);
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

static int files_move(const struct import_files *files, int place, struct error *err)
{
	int copy = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_fd to = open(files->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list || to < 0)
		return error_set(err, errno, "cannot open %s", files->directory);
	while ((entry = readdir(list))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (archive_is_reserved(name)) {
			buffer_printf(files->said, "not taken from the archive: files/%s\n", name);
			if (tree_remove(place, name, name, err) < 0)
				return -1;
		} else if (renameat2(place, name, to, name, RENAME_NOREPLACE) < 0) {
			return error_set(err, errno, "cannot put %s into %s", name, files->directory);
		}
	}
	return 0;
}

int import_files_take(struct import_stream *stream, const struct import_files *files, struct error *err)
{
	const struct tree_visitor judge = { file_judge, (void *)files, "look at", "look at what is mounted on" };
	owned_buffer prefix = { 0 };
	owned_fd place = -1;
	struct unpack unpack = { .shown = stream->reader.shown, .files_only = true };

	buffer_printf(&prefix, "%sfiles", files->prefix);
	if (mkdirat(files->work, IMPORT_PLACE, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make a directory for the files");
	place = openat(files->work, IMPORT_PLACE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return error_set(err, errno, "cannot open the directory for the files");
	unpack.tree = place;
	if (import_stream_unpack(stream, &unpack, prefix.text, err) < 0 ||
	    tree_walk(files->work, IMPORT_PLACE, IMPORT_PLACE, &judge, err) < 0)
		return -1;
	return files_move(files, place, err);
}

int import_files_end(int work, struct error *err)
{
	return unlinkat(work, IMPORT_PLACE, AT_REMOVEDIR) < 0 ? error_set(err, errno, "cannot remove " IMPORT_PLACE) : 0;
}
