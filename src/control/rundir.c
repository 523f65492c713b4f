/*
 * Finds, makes, locks and removes run directories.  Apart from what is kept
 * in them, because the rules here are about trust: every directory on the way
 * below the system's run directory must be ours and writable by nobody else.
 */
#include "control/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/text.h"

enum { ENCODED_LIMIT = 220, CLAIM_TRIES = 1000 };

/* ---- where ---- */

/* Root's run directories live in the system's place, those of users in their session's. */
static char *base_path(struct error *err)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	const char *suffix = "";
	char *path = NULL;

	if (geteuid() == 0) {
		directory = RUNSTATEDIR;
	} else if (!directory || *directory != '/') {
		directory = getenv("HOME");
		suffix = "/.cache/lxs";
	}
	if (!directory || *directory != '/') {
		error_set(err, 0, "no place for run-time files: neither XDG_RUNTIME_DIR nor HOME is set");
		return NULL;
	}
	if (asprintf(&path, "%s%s", directory, suffix) < 0) {
		error_set(err, ENOMEM, "cannot name the run directory");
		return NULL;
	}
	return path;
}

/* '/' becomes '+', '+' and '%' are written so that no two paths meet. */
static char *encode_path(const char *path)
{
	owned_str text = malloc(strlen(path) * 3 + 1);
	char *to = text;
	char *shortened = NULL;
	size_t length;

	if (!text)
		return NULL;
	while (*path == '/' && path[1] == '/')
		path++;
	for (; *path; path++) {
		if (*path == '+' || *path == '%')
			to = stpcpy(to, *path == '+' ? "%2B" : "%25");
		else
			*to++ = *path == '/' ? '+' : *path;
	}
	*to = '\0';
	length = (size_t)(to - text);
	if (length <= ENCODED_LIMIT)
		return steal_ptr(text);
	if (asprintf(&shortened, "%%%016llx%s", (unsigned long long)text_hash(text), to - (ENCODED_LIMIT - 17)) < 0)
		return NULL;
	return shortened;
}

/* The full path, for messages; its last part is the name. */
static char *path_of(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path);
	return length < 0 ? NULL : strndup(path, (size_t)length);
}

static int check_owner(int fd, struct error *err)
{
	owned_str path = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot look at the run directory");
	if (st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	path = path_of(fd);
	if (st.st_uid != geteuid())
		return error_set(err, 0, "%s belongs to user %u, not to you: refused", path ? path : "the run directory",
				 (unsigned)st.st_uid);
	return error_set(err, 0, "%s can be written by others: refused", path ? path : "the run directory");
}

/* ---- the place of all run directories ---- */

/* What is in the way: the first part of the path that is there and cannot be gone through. */
static int hint_obstacle(const char *path, struct error *err)
{
	owned_str copy = strdup(path);
	char target[PATH_MAX];
	struct stat st;

	for (char *slash = copy; slash;) {
		ssize_t length;

		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		length = readlink(copy, target, sizeof target - 1);
		if (length > 0 && stat(copy, &st) < 0) {
			target[length] = '\0';
			return error_hint(err, "%s is a link to %s, which cannot be reached: make that directory, "
					  "or remove the link", copy, target);
		}
		if (stat(copy, &st) == 0 && !S_ISDIR(st.st_mode))
			return error_hint(err, "%s is not a directory: move it away", copy);
		if (slash)
			*slash = '/';
	}
	if (geteuid() != 0)
		return error_hint(err, "XDG_RUNTIME_DIR, else HOME, says where: set it to a directory of yours");
	return error_hint(err, "files of running containers go there: make %s a directory that root can write", path);
}

/* Makes every missing directory of an absolute path; those that exist are taken as they are. */
static int make_base(const char *path, struct error *err)
{
	mode_t mode = geteuid() == 0 ? 0755 : 0700;
	owned_str copy = NULL;
	char *slash;

	/* It is there, nearly always. */
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	slash = copy = strdup(path);
	while (copy && (slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return error_set(err, errno, "cannot make %s", copy);
		*slash = '/';
	}
	if (!copy || (mkdir(copy, mode) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot make %s", path);
	return 0;
}

/* RUNDIR_OPENED, RUNDIR_ABSENT (never with `make`) or -1. */
static int open_base(const char *path, bool make, int *ret, struct error *err)
{
	owned_fd fd = -1;

	if (make && make_base(path, err) < 0)
		return hint_obstacle(path, err);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* In a home that is not the caller's (HOME of before su) nothing of the caller's runs. */
	if (fd < 0 && !make && (errno == ENOENT || (errno == EACCES && geteuid() != 0)))
		return RUNDIR_ABSENT;
	if (fd < 0) {
		error_set(err, errno, "cannot open %s", path);
		return hint_obstacle(path, err);
	}
	*ret = steal_fd(&fd);
	return RUNDIR_OPENED;
}

static int fail_child(int parent, const char *name, const char *what, struct error *err)
{
	int code = errno;
	owned_str directory = path_of(parent);
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode))
		return error_set(err, code, "cannot %s the run directory %s/%s", what, directory ? directory : "", name);
	error_set(err, 0, "the run directory %s/%s is a link: refused", directory ? directory : "", name);
	return error_hint(err, "remove the link; a directory is made in its place");
}

/* RUNDIR_OPENED, RUNDIR_ABSENT or -1; the directory is checked to be ours. */
static int open_child(int parent, const char *name, bool make, int *ret, struct error *err)
{
	owned_fd fd = -1;

	if (make && mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return fail_child(parent, name, "make", err);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return RUNDIR_ABSENT;
	if (fd < 0)
		return fail_child(parent, name, "open", err);
	if (check_owner(fd, err) < 0)
		return -1;
	*ret = steal_fd(&fd);
	return RUNDIR_OPENED;
}

int rundir_open_parent(const char *lxcpath, bool make, int *ret, struct error *err)
{
	owned_str base = base_path(err);
	owned_str encoded = encode_path(lxcpath);
	owned_fd outer = -1;
	owned_fd lxs = -1;
	int answer;

	if (!base)
		return -1;
	if (!encoded)
		return error_set(err, ENOMEM, "cannot name the run directory");
	answer = open_base(base, make, &outer, err);
	if (answer != RUNDIR_OPENED)
		return answer;
	answer = open_child(outer, "lxs", make, &lxs, err);
	if (answer == RUNDIR_OPENED)
		answer = open_child(lxs, encoded, make, ret, err);
	/* Whoever made it can only lose it to somebody who removes it at this moment. */
	return make && answer == RUNDIR_ABSENT ? error_set(err, ENOENT, "cannot open the run directory below %s", base) : answer;
}

char *rundir_parent_path(struct arena *arena, const char *base, const char *lxcpath)
{
	owned_str encoded = encode_path(lxcpath);

	return encoded ? arena_printf(arena, "%s/lxs/%s", base, encoded) : NULL;
}

/* ---- the lock ---- */

static struct flock whole_file(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

bool rundir_is_stale(const struct rundir *run)
{
	owned_fd fd = -1;
	struct flock lock = whole_file(F_WRLCK);

	if (run->lock >= 0)
		return false;
	/* Asking takes nothing: a claimer must not find the lock taken by somebody who only looks. */
	fd = openat(run->fd, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return true;
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

static bool same_file(int directory, const char *name, int fd)
{
	struct stat by_name, opened;

	return fstatat(directory, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &opened) == 0 &&
	       by_name.st_ino == opened.st_ino && by_name.st_dev == opened.st_dev;
}

/*
 * Takes the lock of an opened directory.  RUNDIR_ABSENT: it was removed while
 * we did, so try again.
 */
static int take_lock(int parent, const char *name, bool make, struct rundir *run, struct error *err)
{
	struct flock lock = whole_file(F_WRLCK);
	owned_fd fd = openat(run->fd, "lock", O_RDWR | (make ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT)
		return RUNDIR_ABSENT;
	if (fd < 0)
		return error_set(err, errno, "cannot open %s/lock", run->path);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? RUNDIR_BUSY :
		       error_set(err, errno, "cannot lock %s/lock", run->path);
	if (!same_file(run->fd, "lock", fd) || !same_file(parent, name, run->fd))
		return RUNDIR_ABSENT;
	run->lock = steal_fd(&fd);
	run->leftover = faccessat(run->fd, "journal", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
			faccessat(run->fd, "state", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return RUNDIR_OPENED;
}

/* ---- opening ---- */

static int open_named(int parent, const char *name, bool make, struct rundir *ret, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	int answer = open_child(parent, name, make, &run.fd, err);

	if (answer != RUNDIR_OPENED)
		return answer;
	run.path = path_of(run.fd);
	if (!run.path)
		return error_set(err, errno, "cannot open the run directory of %s", name);
	*ret = run;
	run = RUNDIR_INIT;
	return RUNDIR_OPENED;
}

int rundir_open_in(int parent, const char *name, struct rundir *ret, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	int answer = open_named(parent, name, false, &run, err);

	if (answer != RUNDIR_OPENED)
		return answer;
	if (rundir_is_stale(&run))
		return RUNDIR_ABSENT;
	*ret = run;
	run = RUNDIR_INIT;
	return RUNDIR_OPENED;
}

int rundir_open(const char *lxcpath, const char *name, struct rundir *ret, struct error *err)
{
	owned_fd parent = -1;
	int answer = rundir_open_parent(lxcpath, false, &parent, err);

	return answer == RUNDIR_OPENED ? rundir_open_in(parent, name, ret, err) : answer;
}

static int claim(const char *lxcpath, const char *name, bool make, struct rundir *ret, struct error *err)
{
	owned_fd parent = -1;
	int answer = rundir_open_parent(lxcpath, make, &parent, err);

	for (int tries = 0; answer == RUNDIR_OPENED && tries < CLAIM_TRIES; tries++) {
		owned_rundir run = RUNDIR_INIT;

		answer = open_named(parent, name, make, &run, err);
		if (answer == RUNDIR_OPENED)
			answer = take_lock(parent, name, make, &run, err);
		if (answer == RUNDIR_OPENED) {
			*ret = run;
			run = RUNDIR_INIT;
			return RUNDIR_OPENED;
		}
		/* Somebody removed it under our hands: it can be made again at once. */
		if (answer == RUNDIR_ABSENT && make)
			answer = RUNDIR_OPENED;
	}
	return answer == RUNDIR_OPENED ? error_set(err, EAGAIN, "cannot claim the run directory of %s", name) : answer;
}

int rundir_claim(const char *lxcpath, const char *name, struct rundir *ret, struct error *err)
{
	return claim(lxcpath, name, true, ret, err);
}

int rundir_claim_leftover(const char *lxcpath, const char *name, struct rundir *ret, struct error *err)
{
	return claim(lxcpath, name, false, ret, err);
}

int rundir_adopt(int fd, int lock, struct rundir *ret, struct error *err)
{
	struct rundir run = { .fd = fd, .lock = lock, .journal = -1, .path = path_of(fd) };

	if (!run.path)
		return error_set(err, errno, "cannot adopt the run directory");
	*ret = run;
	return 0;
}

/* ---- the end ---- */

void rundir_remove(struct rundir *run)
{
	owned_fd parent = openat(run->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	owned_fd list = openat(run->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir dir = list >= 0 ? fdopendir(list) : NULL;
	const char *name = run->path ? strrchr(run->path, '/') : NULL;

	if (dir) {
		steal_fd(&list);
		for (struct dirent *entry; (entry = readdir(dir));) {
			if (strcmp(entry->d_name, "lock") != 0)
				unlinkat(run->fd, entry->d_name, 0); /* "." and ".." are refused by the kernel */
		}
	}
	/* The lock goes last: as long as it is there and held, nobody claims the rest. */
	unlinkat(run->fd, "lock", 0);
	if (parent >= 0 && name)
		unlinkat(parent, name + 1, AT_REMOVEDIR);
	rundir_done(run);
}

void rundir_done(struct rundir *run)
{
	own_close_fd(&run->journal);
	own_close_fd(&run->fd);
	own_close_fd(&run->lock);
	own_free(&run->path);
	*run = RUNDIR_INIT;
}
