/*
 * Appends to the journal of a run directory and undoes it.  A line is one
 * write(2), so a crash leaves at most one line without its end, and such a
 * line stands for something that was not begun.
 *
 * Everything that is journalled is the kernel's and gone with it: lines below
 * a "boot" line of another boot are forgotten, because what has their names
 * now is somebody else's.
 */
#include "control/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "control/lines.h"
#include "lib/own.h"

/* A line has a few paths at most; it is made on the stack because there are many lines in a start. */
enum { ARGUMENTS_MAX = JOURNAL_ARGUMENTS_MAX, LINE_ROOM = 4 * 4096, BOOT_ROOM = 64 };

/* "boot<TAB>ID", of the boot that we run in; "boot<TAB>" where the kernel does not say. */
static void boot_line(char line[static BOOT_ROOM])
{
	static const char word[] = "boot\t";
	size_t used = sizeof word - 1;
	owned_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	memcpy(line, word, sizeof word);
	got = fd >= 0 ? read(fd, line + used, BOOT_ROOM - used - 1) : 0;
	line[used + (got > 0 ? (size_t)got : 0)] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* What begins in memory sees no other boot than this one, whose name is slow to ask for. */
static bool outlives_boots(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) < 0 || status.f_type != TMPFS_MAGIC;
}

/* Cuts off a line that a crash left without its end, so that the next one starts clean, and names the boot. */
static int begin(const struct rundir *run, int fd)
{
	char line[BOOT_ROOM + 1];
	owned_str text = lines_read(run->fd, "journal", NULL);
	char *end = text ? strrchr(text, '\n') : NULL;
	size_t used;

	if (!text)
		return -1;
	end = end ? end + 1 : text;
	if (*end && ftruncate(fd, end - text) < 0)
		return -1;
	*end = '\0';
	if (!*text && !outlives_boots(fd))
		return 0;
	boot_line(line);
	used = strlen(line);
	line[used++] = '\n';
	line[used] = '\0';
	return strstr(text, line) || write(fd, line, used) == (ssize_t)used ? 0 : -1;
}

int journal_open(struct rundir *run, struct error *err)
{
	owned_fd fd = openat(run->fd, "journal", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || begin(run, fd) < 0)
		return error_set(err, errno, "cannot open %s/journal", run->path);
	own_close_fd(&run->journal);
	run->journal = steal_fd(&fd);
	return 0;
}

/* Adds a text, escaped, at `length`; what is returned is LINE_ROOM or more when it does not fit. */
static size_t line_add(char line[static LINE_ROOM], size_t length, const char *text)
{
	return length + lines_escape_into(line + length, LINE_ROOM - length, text);
}

int journal_add(struct rundir *run, const char *kind, const char *const *arguments, struct error *err)
{
	char line[LINE_ROOM];
	size_t length = line_add(line, 0, kind);
	ssize_t done;

	for (; *arguments && length < LINE_ROOM; arguments++) {
		line[length++] = '\t';
		length = line_add(line, length, *arguments);
	}
	if (length >= LINE_ROOM)
		return error_set(err, ENAMETOOLONG, "cannot write %s/journal", run->path);
	line[length++] = '\n';
	done = write(run->journal, line, length);
	if (done != (ssize_t)length)
		return error_set(err, done < 0 ? errno : ENOSPC, "cannot write %s/journal", run->path);
	return 0;
}

/* ---- undoing ---- */

static int undo_line(char *line, const struct journal_kind *kinds, struct error *err)
{
	char *arguments[ARGUMENTS_MAX + 1] = { NULL };
	char *rest = line, *word = strsep(&rest, "\t");
	const char *kind = word;
	size_t count = 0;

	lines_unescape(word);
	while (rest && count < ARGUMENTS_MAX) {
		word = strsep(&rest, "\t");
		lines_unescape(word);
		arguments[count++] = word;
	}
	if (rest)
		return error_set(err, 0, "cannot undo '%s': too many arguments", kind);
	for (; kinds->kind; kinds++) {
		if (strcmp(kinds->kind, kind) == 0)
			return kinds->undo(arguments, count, err);
	}
	return error_set(err, 0, "cannot undo '%s': unknown kind", kind);
}

/* Takes out the boot lines, and what belongs to another boot than ours. */
static void forget_other_boots(char **lines, size_t count)
{
	char ours[BOOT_ROOM];
	bool other = false;

	boot_line(ours);
	for (size_t i = 0; i < count; i++) {
		bool is_boot = strncmp(lines[i], "boot\t", 5) == 0;

		if (is_boot)
			other = strcmp(lines[i], ours) != 0;
		if (is_boot || other)
			lines[i] = NULL;
	}
}

/* The lines that could not be undone are all that stays, in their order and below the boot they are of. */
static int keep_lines(const struct rundir *run, char **lines, size_t count)
{
	char boot[BOOT_ROOM];
	owned_str text = NULL;
	size_t length = 0;
	owned_fd fd = -1;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return -1;
	boot_line(boot);
	fprintf(out, "%s\n", boot);
	for (size_t i = 0; i < count; i++) {
		if (lines[i])
			fprintf(out, "%s\n", lines[i]);
	}
	if (fclose(out) != 0)
		return -1;
	fd = openat(run->fd, "journal", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && write(fd, text, length) == (ssize_t)length ? 0 : -1;
}

/* Undoes lines[count - 1] to lines[0]; those that are done become NULL. */
static int undo_lines(char **lines, size_t count, const struct journal_kind *kinds, struct error *err)
{
	int result = 0;

	while (count-- > 0) {
		owned_error failure = ERROR_INIT;
		owned_str copy = lines[count] ? strdup(lines[count]) : NULL;

		if (!lines[count])
			continue;
		if (!copy)
			return error_set(err, ENOMEM, "cannot undo");
		if (undo_line(copy, kinds, &failure) == 0)
			lines[count] = NULL;
		else if (result == 0)
			result = error_move(err, &failure);
	}
	return result;
}

int journal_undo(const struct rundir *run, const struct journal_kind *kinds, struct error *err)
{
	owned_str text = lines_read(run->fd, "journal", NULL);
	char **lines = NULL;
	char *next = text;
	size_t count = 0, room = 0;
	int result;

	if (!text && errno == ENOENT)
		return 0;
	if (!text)
		return error_set(err, errno, "cannot read %s/journal", run->path);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		room++;
	lines = calloc(room + 1, sizeof *lines);
	if (!lines)
		return error_set(err, ENOMEM, "cannot undo %s/journal", run->path);
	/* What follows the last newline is a torn line: never begun. */
	for (char *line; (line = strsep(&next, "\n")) && next;)
		lines[count++] = line;
	forget_other_boots(lines, count);
	result = undo_lines(lines, count, kinds, err);
	if (keep_lines(run, lines, count) < 0 && result == 0)
		result = error_set(err, errno, "cannot shorten %s/journal", run->path);
	free(lines);
	return result;
}
