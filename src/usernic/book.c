/*
 * The book of what was given, RUNSTATEDIR/lxs/nics.  It is locked as long as
 * it is open, so that two callers do not both get the last one.  A line is
 * written before its interface is made: whoever is killed in between has had
 * his share until the next caller finds no interface of that name.
 */
#include "usernic/usernic.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/netlink.h"
#include "lib/own.h"
#include "lib/text.h"

#define DIRECTORY RUNSTATEDIR "/lxs"
#define BOOK DIRECTORY "/nics"

enum { PATIENCE = 15 }; /* seconds */

bool entry_read(const char *line, struct entry *ret)
{
	struct entry entry;
	unsigned uid;

	if (sscanf(line, "%99s %99s %99s %15s %d %u", entry.owner, entry.type, entry.bridge, entry.nic, &entry.index,
		   &uid) != 6)
		return false;
	entry.uid = uid;
	*ret = entry;
	return true;
}

/* Of this name, and the same that was given: an index is never used twice. */
static bool is_there(int socket, const struct entry *entry)
{
	int index = netlink_index(socket, entry->nic);

	return index > 0 ? entry->index == 0 || entry->index == index : index != -ENODEV;
}

static int entries_read(int socket, struct book *book, struct error *err)
{
	owned_str text = NULL;
	size_t length;

	if (file_read_fd(book->fd, BOOK, &text, &length, err) < 0)
		return -1;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		struct entry entry;

		if (entry_read(line, &entry) && is_there(socket, &entry) && !book_add(book, &entry))
			return error_set(err, ENOMEM, "cannot read " BOOK);
	}
	return 0;
}

/* Nobody but root may write where the book is, or it says nothing. */
static int file_open(struct error *err)
{
	owned_fd directory = -1, fd = -1;
	struct stat status;

	if (mkdir(DIRECTORY, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make " DIRECTORY);
	directory = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0 || fstat(directory, &status) < 0)
		return error_set(err, errno, "cannot open " DIRECTORY);
	if (status.st_uid != 0 || status.st_mode & 022)
		return error_set(err, EPERM, "others than root can write to " DIRECTORY);
	fd = openat(directory, "nics", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, errno, "cannot open " BOOK);
	return steal_fd(&fd);
}

static void alarm_ring(int number)
{
	(void)number;
}

/*
 * Nobody can stop or kill who holds the lock, but whoever has cgroups of his
 * own can freeze him: so nobody waits for ever.  The timer goes on ringing,
 * since it may do so just before the wait begins.
 */
static int lock_take(int fd)
{
	static const struct itimerval ringing = { .it_interval = { .tv_sec = 1 }, .it_value = { .tv_sec = 1 } }, silent;
	const struct sigaction action = { .sa_handler = alarm_ring };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct timespec now, until;
	sigset_t alarms;
	int code;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &ringing, NULL) < 0)
		return -errno;
	sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	do {
		code = fcntl(fd, F_OFD_SETLKW, &lock) < 0 ? -errno : 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (code == -EINTR && now.tv_sec < until.tv_sec);
	sigprocmask(SIG_BLOCK, &alarms, NULL);
	setitimer(ITIMER_REAL, &silent, NULL);
	return code == -EINTR ? -ETIMEDOUT : code;
}

int book_open(int socket, struct book *ret, struct error *err)
{
	struct book book = { .fd = file_open(err) };
	int code;

	if (book.fd < 0)
		return -1;
	code = lock_take(book.fd);
	if (code < 0)
		error_set(err, -code, "cannot lock " BOOK);
	if (code == -ETIMEDOUT)
		error_hint(err, "somebody else's lxs-user-nic holds it and does not go on: root finds it by lslocks(8)");
	if (code < 0 || entries_read(socket, &book, err) < 0) {
		book_close(&book);
		return -1;
	}
	*ret = book;
	return 0;
}

void book_close(struct book *book)
{
	own_close_fd(&book->fd);
	free(book->entries);
	book->entries = NULL;
}

unsigned book_count(const struct book *book, const struct entry *like)
{
	unsigned count = 0;

	for (size_t i = 0; i < book->count; i++)
		count += strcmp(book->entries[i].owner, like->owner) == 0 &&
			 strcmp(book->entries[i].type, like->type) == 0 &&
			 strcmp(book->entries[i].bridge, like->bridge) == 0;
	return count;
}

struct entry *book_find(const struct book *book, const struct entry *like)
{
	for (size_t i = 0; i < book->count; i++)
		if (book->entries[i].uid == like->uid && strcmp(book->entries[i].type, like->type) == 0 &&
		    strcmp(book->entries[i].bridge, like->bridge) == 0 && strcmp(book->entries[i].nic, like->nic) == 0)
			return &book->entries[i];
	return NULL;
}

struct entry *book_add(struct book *book, const struct entry *entry)
{
	struct entry *grown = reallocarray(book->entries, book->count + 1, sizeof *grown);

	if (!grown)
		return NULL;
	book->entries = grown;
	grown[book->count] = *entry;
	return &grown[book->count++];
}

void book_remove(struct book *book, struct entry *entry)
{
	*entry = book->entries[--book->count];
}

int book_write(const struct book *book, struct error *err)
{
	owned_buffer text = { 0 };

	for (size_t i = 0; i < book->count; i++) {
		const struct entry *entry = &book->entries[i];

		buffer_printf(&text, "%s %s %s %s %d %u\n", entry->owner, entry->type, entry->bridge, entry->nic,
			      entry->index, (unsigned)entry->uid);
	}
	/* First the room, then one write in place: what fails or is killed leaves the old lines or the new ones. */
	if ((text.length > 0 && fallocate(book->fd, 0, 0, (off_t)text.length) < 0) ||
	    pwrite(book->fd, buffer_text(&text), text.length, 0) != (ssize_t)text.length ||
	    ftruncate(book->fd, (off_t)text.length) < 0)
		return error_set(err, errno, "cannot write " BOOK);
	return 0;
}
