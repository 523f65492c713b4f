/*
 * The books of what was given, RUNSTATEDIR/lxs/nics/BRIDGE:COOKIE:OWNER: a
 * line, the slot, for each interface of that allowance, and on each line a lock
 * of its own.  Who takes a slot locks it until his interface is made.  Nobody
 * waits for a lock: a slot that is locked is in use.  So who is frozen there
 * takes from the others no more than the one interface he was about to have.
 *
 * A line is written before its interface is made: whoever is killed in between
 * has had his share until there is no interface of that name.
 */
#include "usernic/usernic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/netlink.h"
#include "lib/own.h"
#include "lib/text.h"
#include "lib/usernet.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define DIRECTORY RUNSTATEDIR "/lxs"
#define BOOKS DIRECTORY "/nics"

enum { NAME_START = IFNAMSIZ + 24 };

/* NIC INDEX UID.  No line crosses a page: there is room for the whole of it or for nothing. */
enum { LINE = 64 };

/* Nobody but root may write where the books are, or they say nothing. */
int books_open(struct error *err)
{
	struct stat status;
	owned_fd run = -1, books = -1;

	if (mkdir(DIRECTORY, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make " DIRECTORY);
	run = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (run < 0 || fstat(run, &status) < 0)
		return error_set(err, errno, "cannot open " DIRECTORY);
	if (status.st_uid != 0 || status.st_mode & 022)
		return error_set(err, EPERM, "others than root can write to " DIRECTORY);
	if (mkdirat(run, "nics", 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make " BOOKS);
	books = openat(run, "nics", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return books < 0 ? error_set(err, errno, "cannot open " BOOKS) : steal_fd(&books);
}

/*
 * "BRIDGE:COOKIE:", where no colon can be in either: what bridges and indexes
 * there are is a matter of the network namespace, known by the number that the
 * kernel gives to no other.
 */
static void name_start(int socket, const char *bridge, char start[static NAME_START])
{
	uint64_t cookie = 0;
	socklen_t size = sizeof cookie;

	getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
	snprintf(start, NAME_START, "%s:%" PRIu64 ":", bridge, cookie);
}

static int file_open(int books, const char *name, int flags)
{
	return openat(books, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
}

int book_open(int socket, int books, const char *owner, const char *bridge)
{
	char start[NAME_START], name[NAME_START + USERNET_WORD];

	name_start(socket, bridge, start);
	snprintf(name, sizeof name, "%s%s", start, owner);
	return file_open(books, name, O_CREAT);
}

/* ---- one slot ---- */

static struct flock line_lock(unsigned number, short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)number * LINE, .l_len = LINE };
}

static bool slot_lock(int book, unsigned number)
{
	struct flock lock = line_lock(number, F_WRLCK);

	return fcntl(book, F_SETLK, &lock) == 0;
}

static bool slot_read(int book, unsigned number, struct entry *ret)
{
	char line[LINE + 1] = "";

	return pread(book, line, LINE, (off_t)number * LINE) == LINE &&
	       sscanf(line, "%15s %d %u", ret->nic, &ret->index, &ret->uid) == 3;
}

int slot_write(const struct slot *slot, const struct entry *entry, struct error *err)
{
	char line[LINE + 1];

	snprintf(line, sizeof line, "%-15s %-15d %-31u\n", entry->nic, entry->index, (unsigned)entry->uid);
	if (pwrite(slot->book, line, LINE, (off_t)slot->number * LINE) != LINE)
		return error_set(err, errno, "cannot write to " BOOKS);
	return 0;
}

/* By its index when that is known: a name can be changed. */
static bool slot_lives(int socket, int book, unsigned number)
{
	struct entry entry;

	if (!slot_read(book, number, &entry))
		return false;
	return (entry.index > 0 ? netlink_mtu(socket, entry.index) : netlink_index(socket, entry.nic)) != -ENODEV;
}

/* The lock is looked at first: who unlocks has written. */
static bool slot_in_use(int socket, int book, unsigned number, pid_t *holder)
{
	struct flock lock = line_lock(number, F_WRLCK);

	if (fcntl(book, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK)
		return slot_lives(socket, book, number);
	*holder = lock.l_pid;
	return true;
}

/* Somebody may have been quicker, and even be done with it. */
static bool slot_try(int socket, int book, unsigned number)
{
	struct flock unlock = line_lock(number, F_UNLCK);

	if (slot_lock(book, number) && !slot_lives(socket, book, number))
		return true;
	fcntl(book, F_SETLK, &unlock);
	return false;
}

/* ---- all of them ---- */

static unsigned slots_written(int book)
{
	struct stat status;

	return fstat(book, &status) < 0 ? 0 : (unsigned)(status.st_size / LINE);
}

/*
 * Slots above `allowed` are from when it was more: so all are counted, after
 * one is locked.  Two callers do not miss each other: one of them came second
 * to the lower of their slots.
 */
bool slot_take(int socket, unsigned allowed, struct slot *slot, pid_t *holder)
{
	unsigned written = slots_written(slot->book), used = 0;
	bool found = false;

	for (unsigned number = 0; number < written || (!found && number < allowed); number++) {
		if (slot_in_use(socket, slot->book, number, holder)) {
			used++;
		} else if (!found && number < allowed) {
			found = slot_try(socket, slot->book, number);
			used += !found;
			slot->number = number;
		}
	}
	return found && used < allowed;
}

/*
 * Without a lock, which somebody else may keep: of a line that is just being
 * written the index is 0, or not what the kernel says.  That it says the same
 * is asked since indexes come again, after two thousand million of them.
 */
static int book_find(int socket, int book, const struct entry *like)
{
	unsigned written = slots_written(book);
	struct entry entry;

	for (unsigned number = 0; number < written; number++)
		if (slot_read(book, number, &entry) && entry.index > 0 && entry.uid == like->uid &&
		    strcmp(entry.nic, like->nic) == 0 && netlink_index(socket, entry.nic) == entry.index)
			return entry.index;
	return 0;
}

/* All books of the bridge are looked through: who has left a group still has what he got from it. */
int books_find(int socket, int books, const char *bridge, const struct entry *like)
{
	owned_fd again = openat(books, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir directory = again < 0 ? NULL : fdopendir(again);
	char start[NAME_START];
	int index = 0;

	if (!directory)
		return 0;
	steal_fd(&again);
	name_start(socket, bridge, start);
	for (struct dirent *file; index == 0 && (file = readdir(directory));) {
		owned_fd book = text_starts(file->d_name, start) ? file_open(books, file->d_name, 0) : -1;

		if (book >= 0)
			index = book_find(socket, book, like);
	}
	return index;
}
