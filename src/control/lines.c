/*
 * How the files of a run directory are written and read: escapes, whole-file
 * reads, atomic replacement.  Used by control/state.c and control/journal.c,
 * also inside the supervisor, so it needs nothing but libc.
 */
#include "control/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"

enum { FILE_LIMIT = 1024 * 1024, FIRST_READ = 3 * 1024, BESIDE_MAX = 64 };

static const char escapes[][2] = { { '\t', 't' }, { '\n', 'n' }, { '\\', '\\' } };

/* The letter that stands for a character; 0: it stands for itself. */
static char escape_code(char character)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (character == escapes[i][0])
			return escapes[i][1];
	}
	return 0;
}

void lines_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		char code = escape_code(*text);

		if (code)
			fputc('\\', out);
		fputc(code ? code : *text, out);
	}
}

size_t lines_escape_into(char *room, size_t size, const char *text)
{
	size_t length = 0;

	for (; *text && length < size; text++) {
		char code = escape_code(*text);

		if (code)
			room[length++] = '\\';
		if (length < size)
			room[length++] = code ? code : *text;
	}
	return length;
}

static char escape_meaning(char code)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (code == escapes[i][1])
			return escapes[i][0];
	}
	return 0;
}

void lines_unescape(char *text)
{
	char *to = text;
	char meaning;

	while (*text) {
		meaning = *text == '\\' ? escape_meaning(text[1]) : 0;
		*to++ = meaning ? meaning : *text;
		text += meaning ? 2 : 1;
	}
	*to = '\0';
}

char *lines_read(int directory, const char *file, size_t *length)
{
	owned_fd fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	owned_str text = NULL;
	size_t size = 0, have = 0;
	ssize_t got = 1;

	if (fd < 0)
		return NULL;
	while (got > 0) {
		if (have + 1 >= size) {
			char *larger = realloc(text, size = size ? size * 2 : FIRST_READ);

			if (!larger)
				return NULL;
			text = larger;
		}
		got = read(fd, text + have, size - have - 1);
		if (got < 0)
			return NULL;
		have += (size_t)got;
		if (have > FILE_LIMIT) {
			errno = EFBIG;
			return NULL;
		}
	}
	text[have] = '\0';
	if (length)
		*length = have;
	return steal_ptr(text);
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, text, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		text += done;
		length -= (size_t)done;
	}
	return 0;
}

/*
 * Swaps, and then removes the old one: when a file replaces another by a plain
 * rename, ext4 first writes it to the disk, milliseconds for a text that a
 * crash may well lose.
 */
static int put_in_place(int directory, const char *beside, const char *file)
{
	if (syscall(SYS_renameat2, directory, beside, directory, file, RENAME_EXCHANGE) == 0)
		return unlinkat(directory, beside, 0);
	return renameat(directory, beside, directory, file);
}

static void name_beside(const char *file, char beside[static BESIDE_MAX])
{
	snprintf(beside, BESIDE_MAX, ".%s.%d", file, (int)getpid());
}

int lines_prepare(int directory, const char *file, const char *text, size_t length)
{
	char beside[BESIDE_MAX];
	owned_fd fd = -1;

	name_beside(file, beside);
	fd = openat(directory, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	if (write_all(fd, text, length) == 0)
		return 0;
	unlinkat(directory, beside, 0);
	return -1;
}

int lines_commit(int directory, const char *file)
{
	char beside[BESIDE_MAX];

	name_beside(file, beside);
	if (put_in_place(directory, beside, file) == 0)
		return 0;
	unlinkat(directory, beside, 0);
	return -1;
}

int lines_replace(int directory, const char *file, const char *text, size_t length)
{
	return lines_prepare(directory, file, text, length) < 0 ? -1 : lines_commit(directory, file);
}
