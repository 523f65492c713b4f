/*
 * The marker of unfinished work (container/partial.h).  The lock is an open
 * file description lock: it belongs to the descriptor, so it lives as long as
 * any process of the work, and no close() elsewhere can lose it (fcntl(2)).
 * Called from create.c, destroy.c and start.c.
 */
#include "container/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

static const char partial_name[] = "partial";

/* False: somebody else has it. */
static bool partial_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Whether the descriptor is still the file with that name: its owner may have removed it before we had the lock. */
static bool partial_is_current(int dir, int fd)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && fstatat(dir, partial_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* `whole`, though the text did not come to be. */
enum { MODE_WHOLE = 0700 };

/* The mode of one that is empty; -1: there is something in it. */
static int partial_mode(int fd)
{
	struct stat facts;

	return fstat(fd, &facts) == 0 && facts.st_size == 0 ? (int)(facts.st_mode & 0777) : -1;
}

/* Made by us, and nothing noted yet: nothing has been done.  One that LXC has left is empty too, and has no mode. */
static bool partial_is_blank(int fd)
{
	int mode = partial_mode(fd);

	return mode > 0 && mode != MODE_WHOLE;
}

enum { LINES = 5 };

struct line { const char *word; char **value; };

/* What stands in the file, one a line. */
static void partial_lines(struct partial *partial, struct line lines[static LINES])
{
	lines[0] = (struct line){ "resume ", &partial->resume };
	lines[1] = (struct line){ "rootfs ", &partial->rootfs };
	lines[2] = (struct line){ "tag ", &partial->tag };
	lines[3] = (struct line){ "from ", &partial->from };
	lines[4] = (struct line){ "identity ", &partial->identity };
}

static void partial_text(struct partial *partial, struct buffer *text)
{
	struct line lines[LINES];

	partial_lines(partial, lines);
	/* Of a work that has only begun. */
	buffer_puts(text, partial->whole ? "claimed\nwhole\n" : "claimed\n");
	for (size_t i = 0; i < LINES; i++)
		if (*lines[i].value)
			buffer_printf(text, "%s%s\n", lines[i].word, *lines[i].value);
}

/* What a killed command had noted. */
static void partial_read(struct partial *partial)
{
	struct line lines[LINES];
	char text[9000] = "", *line = text, *end;
	ssize_t got = pread(partial->fd, text, sizeof text - 1, 0);

	partial->whole = partial_mode(partial->fd) == MODE_WHOLE;
	partial_lines(partial, lines);
	for (; got > 0 && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (strcmp(line, "whole") == 0)
			partial->whole = true;
		for (size_t i = 0; i < LINES; i++)
			if (text_starts(line, lines[i].word) && !*lines[i].value)
				*lines[i].value = strdup(line + strlen(lines[i].word));
	}
}

int partial_take(int dir, struct partial *ret, struct error *err)
{
	bool made = false;

	for (;;) {
		owned_fd fd = openat(dir, partial_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		made = fd >= 0;
		if (!made && errno == ENOENT)
			return error_set(err, 0, "it was removed meanwhile");
		if (!made && errno == EEXIST) {
			fd = openat(dir, partial_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
			if (fd < 0 && errno == ENOENT)
				continue;
		}
		if (fd < 0)
			return error_set(err, errno, "cannot make the file 'partial'");
		if (!partial_lock(fd)) {
			if (errno == EAGAIN || errno == EACCES)
				return PARTIAL_LOCKED;
			return error_set(err, errno, "cannot lock the file 'partial'");
		}
		if (!partial_is_current(dir, fd))
			continue;
		*ret = (struct partial){ .fd = steal_fd(&fd), .dir = dir };
		break;
	}
	if (made || partial_is_blank(ret->fd))
		return PARTIAL_FRESH;
	partial_read(ret);
	return PARTIAL_STALE;
}

int partial_look(int dir, struct error *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	owned_fd fd = openat(dir, partial_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? PARTIAL_FRESH : error_set(err, errno, "cannot read the file 'partial'");
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return error_set(err, errno, "cannot read the file 'partial'");
	if (lock.l_type != F_UNLCK)
		return PARTIAL_LOCKED;
	return partial_is_blank(fd) ? PARTIAL_FRESH : PARTIAL_STALE;
}

int partial_note(struct partial *partial, bool within, struct error *err)
{
	owned_buffer text = { 0 };
	bool marked = within && partial->whole;
	ssize_t length;

	partial_text(partial, &text);
	length = (ssize_t)text.length;
	if (marked && fchmod(partial->fd, MODE_WHOLE) < 0)
		return error_set(err, errno, "cannot mark the file 'partial'");
	/* What is there already stays valid until the new text is: an empty file would say that nothing has been done. */
	if (pwrite(partial->fd, text.text, text.length, 0) == length && ftruncate(partial->fd, length) == 0 &&
	    (marked || fsync(partial->fd) == 0))
		return 0;
	error_set(err, errno, "cannot write the file 'partial'");
	/* Whoever destroys may do so because there is no room. */
	if (!marked || !error_is_room(err) || ftruncate(partial->fd, 0) < 0)
		return -1;
	error_done(err);
	return 0;
}

static const char unnamed[] = ".partial";

/* Without a name, where the file system can do that. */
static int unnamed_open(int dir)
{
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : openat(dir, unnamed, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* It gets its name once its text is in it: without one it would say that nothing has been done. */
int partial_begin(int dir, struct partial *partial, struct error *err)
{
	owned_fd fd = unnamed_open(dir);
	owned_buffer text = { 0 };
	char link[32];
	int code = 0;

	partial_text(partial, &text);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (fd < 0 || !partial_lock(fd) || file_write(fd, text.text, text.length) < 0 || fsync(fd) < 0 ||
	    linkat(AT_FDCWD, link, dir, partial_name, AT_SYMLINK_FOLLOW) < 0)
		code = errno;
	unlinkat(dir, unnamed, 0);
	if (code)
		return error_set(err, code, "cannot make the file 'partial'");
	partial->fd = steal_fd(&fd);
	partial->dir = dir;
	return 0;
}

int partial_explain(const char *resume, struct error *err)
{
	const char *what = strchr(resume, ' ');

	what = what ? what + 1 : "";
	if (strncmp(resume, "rename ", 7) == 0) {
		error_set(err, 0, "a change of its name from %s was killed", what);
		return error_hint(err, "end it: lxs-copy -R -n %s -N NAME, with the name it was to have", what);
	}
	error_set(err, 0, "its restoration from %s was killed", what);
	return error_hint(err, "end it with the same command: lxs-snapshot -r %s", what);
}

int partial_end(struct partial *partial, struct error *err)
{
	if (partial->fd >= 0 && unlinkat(partial->dir, partial_name, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the file 'partial'");
	if (partial->fd >= 0)
		unlinkat(partial->dir, unnamed, 0);
	partial_done(partial);
	return 0;
}

void partial_drop(struct partial *partial)
{
	owned_error ignored = ERROR_INIT;

	partial_end(partial, &ignored);
	partial_done(partial);
}

void partial_forget(struct partial *partial)
{
	struct line lines[LINES];

	partial_lines(partial, lines);
	for (size_t i = 0; i < LINES; i++)
		own_free(lines[i].value);
	partial->whole = false;
}

void partial_done(struct partial *partial)
{
	own_close_fd(&partial->fd);
	partial_forget(partial);
}

bool partial_resume(int dir, char **ret)
{
	owned_partial partial = PARTIAL_INIT;

	partial.fd = openat(dir, partial_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (partial.fd >= 0)
		partial_read(&partial);
	*ret = steal_ptr(partial.resume);
	return *ret != NULL;
}

int partial_refuse(const char *directory, struct error *err)
{
	owned_fd dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int answer = dir < 0 ? PARTIAL_FRESH : partial_look(dir, err);
	owned_str resume = NULL;

	if (answer == PARTIAL_LOCKED) {
		error_set(err, EBUSY, "another command is at work on it");
		return error_hint(err, "wait until that has ended");
	}
	if (answer == PARTIAL_STALE && partial_resume(dir, &resume))
		return partial_explain(resume, err);
	if (answer == PARTIAL_STALE) {
		error_set(err, 0, "a create or destroy of it was killed, and what is left is not usable");
		return error_hint(err, "remove it with lxs-destroy, or create it anew");
	}
	return answer < 0 ? -1 : 0;
}
