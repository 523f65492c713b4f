/*
 * Changes the name of a copied system (provision/hostname.h).  The tree is a
 * container's, so each file is opened beneath its root and written only when
 * it is a plain file; a link stays as it is.
 */
#include "provision/hostname.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attributes.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "lib/text.h"

/* Nobody's list of hosts is longer; what a guest makes of it is not for us to hold in memory. */
enum { FILE_MAX_SIZE = 1 << 20 };

/* A plain file; or -errno, with -ENOENT also for anything else. */
static int plain_open(int root, const char *path)
{
	owned_fd found = rootfs_open(root, path, O_PATH | O_NOFOLLOW);
	struct stat facts;

	if (found < 0 || fstat(found, &facts) < 0 || !S_ISREG(facts.st_mode))
		return -ENOENT;
	return rootfs_open(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/* Beside the file until it is whole; what a killed command left under that name goes first. */
static const char unfinished[] = ".lxs-unfinished";

static int unfinished_fill(int parent, const char *text, size_t length, int old, const struct stat *facts)
{
	owned_fd file = -1;
	int code;

	unlinkat(parent, unfinished, 0);
	file = openat(parent, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0 || file_write(file, text, length) < 0)
		return -errno;
	code = attributes_inherit(old, file, facts);
	return code < 0 ? code : fsync(file) < 0 ? -errno : 0;
}

/* Not written in place: it may have other names, which the guest chose, and they are to keep what they had. */
int plain_write(int root, const char *path, const char *text, size_t length, struct error *err)
{
	const char *name;
	owned_fd parent = rootfs_parent(root, path, &name);
	owned_fd old = parent < 0 ? -1 : openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat facts;
	int code;

	if (old < 0 || fstat(old, &facts) < 0 || !S_ISREG(facts.st_mode))
		return 0;
	code = unfinished_fill(parent, text, length, old, &facts);
	if (code == 0 && renameat(parent, unfinished, parent, name) < 0)
		code = -errno;
	if (code == 0)
		return 0;
	unlinkat(parent, unfinished, 0);
	return error_set(err, -code, "cannot write /%s of the copy", path);
}

/* All of it, to be freed; NULL: there is no such file, or it is no list of names. */
static char *plain_read(int root, const char *path, size_t *length)
{
	owned_fd file = plain_open(root, path);
	owned_str text = NULL;
	struct stat facts;

	if (file < 0 || fstat(file, &facts) < 0 || facts.st_size > FILE_MAX_SIZE)
		return NULL;
	text = malloc((size_t)facts.st_size + 1);
	if (!text || pread(file, text, (size_t)facts.st_size, 0) != facts.st_size)
		return NULL;
	text[facts.st_size] = '\0';
	*length = (size_t)facts.st_size;
	return strlen(text) == *length ? steal_ptr(text) : NULL;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Whole words only: a container called "a" must not change every a.  Whether there was one. */
static bool words_replace(const char *text, const char *old, const char *new, struct buffer *out)
{
	size_t length = strlen(old);
	const char *from = text, *found;
	bool any = false;

	for (const char *at = text; (found = strstr(at, old)); at = found + length) {
		if ((found > text && is_word(found[-1])) || is_word(found[length]))
			continue;
		buffer_add(out, from, (size_t)(found - from));
		buffer_puts(out, new);
		from = found + length;
		any = true;
	}
	buffer_puts(out, from);
	return any;
}

static int file_rename(int root, const char *path, const char *old, const char *new, struct error *err)
{
	owned_buffer changed = { 0 };
	size_t length;
	owned_str text = plain_read(root, path, &length);

	if (!text || !words_replace(text, old, new, &changed))
		return 0;
	return plain_write(root, path, buffer_text(&changed), changed.length, err);
}

/*
 * Those of Fedora's and its like: one file an interface.  All names come
 * before the first change: a file that is replaced may come again in the list.
 */
static int interfaces_rename(int root, const char *old, const char *new, struct error *err)
{
	static const char place[] = "etc/sysconfig/network-scripts";
	int directory = rootfs_open(root, place, O_RDONLY | O_DIRECTORY);
	owned_dir list = directory < 0 ? NULL : fdopendir(directory);
	owned_buffer paths = { 0 };
	const struct dirent *entry;
	int answer = 0;

	while (list && (entry = readdir(list)))
		if (text_starts(entry->d_name, "ifcfg-")) {
			buffer_printf(&paths, "%s/%s", place, entry->d_name);
			buffer_add(&paths, "", 1);
		}
	for (size_t at = 0; at < paths.length && answer == 0; at += strlen(paths.text + at) + 1)
		answer = file_rename(root, paths.text + at, old, new, err);
	return answer;
}

int hostname_renew(int root, const char *old, const char *new, struct error *err)
{
	owned_buffer line = { 0 };

	buffer_printf(&line, "%s\n", new);
	if (plain_write(root, "etc/hostname", buffer_text(&line), line.length, err) < 0)
		return -1;
	if (!old || *old == '\0' || strcmp(old, new) == 0)
		return 0;
	if (file_rename(root, "etc/hosts", old, new, err) < 0 || file_rename(root, "etc/sysconfig/network", old, new, err) < 0)
		return -1;
	return interfaces_rename(root, old, new, err);
}
