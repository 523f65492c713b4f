/*
 * Unfinished containers (provision/newborn.h).  Apart from create.c because
 * there are several ways to make one and one way to take it back.
 */
#include "provision/newborn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "provision/mapped.h"
#include "provision/remains.h"
#include "container/verb_lock.h"
#include "lib/own.h"

/*
 * Nobody but root (and a group the administrator gives it) gets in: what lies
 * below may be set-user-id for the container's users.
 */
enum { DIRECTORY_MODE = 0750 };

enum { DIRECTORY_SHOWN = 200, ROOM_LEAST = 65536 };

void newborn_done(struct newborn *newborn)
{
	partial_done(&newborn->partial);
	own_close_fd(&newborn->dir);
	own_free(&newborn->directory);
	own_free(&newborn->rootfs);
	arena_free(newborn->arena);
	newborn->arena = NULL;
}

/* A config that a killed command has left: newborn_claim() clears it away. */
static bool is_rubble(const struct container *container)
{
	owned_error ignored = ERROR_INIT;
	owned_str directory = NULL;
	owned_fd dir = -1;

	if (asprintf(&directory, "%s/%s", container->lxcpath, container->name) < 0) {
		directory = NULL;
		return false;
	}
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 && partial_look(dir, &ignored) == PARTIAL_STALE;
}

int newborn_refuse_defined(const struct container *container, struct error *err)
{
	if (!container_is_defined(container) || is_rubble(container))
		return 0;
	error_set(err, 0, "Container already exists");
	return error_hint(err, "destroy it with lxs-destroy, or choose another name");
}

/* Of a user who has had no container yet, ~/.local may be missing too. */
static int make_lxcpath(const char *path, struct error *err)
{
	owned_str copy = strdup(path);

	for (char *slash = copy; copy && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return error_set(err, errno, "cannot make %s", copy);
		*slash = '/';
	}
	if (!copy || (mkdir(path, 0700) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot make %s", path);
	return 0;
}

/* Makes or opens LXCPATH/NAME. */
static int open_directory(struct newborn *newborn, struct error *err)
{
	if (make_lxcpath(newborn->container->lxcpath, err) < 0)
		return -1;
	if (mkdir(newborn->directory, DIRECTORY_MODE) == 0)
		newborn->made_directory = true;
	else if (errno != EEXIST)
		return error_set(err, errno, "cannot make %s", newborn->directory);
	newborn->dir = open(newborn->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (newborn->dir < 0)
		return error_set(err, errno, "cannot open %s", newborn->directory);
	return verb_lock(newborn->dir, false, err);
}

/* Nothing is in the directory but the marker: who made it was killed before it could say so. */
static bool is_bare(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_dir list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list)
		own_close_fd(&copy);
	while (list && (entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, "partial") != 0)
			return false;
	return list != NULL;
}

/* Takes the marker; rubble of a killed command is removed. */
static int take_marker(struct newborn *newborn, struct error *err)
{
	int answer = partial_take(newborn->dir, &newborn->partial, err);

	if (answer < 0)
		return -1;
	if (answer == PARTIAL_LOCKED)
		return error_set(err, EBUSY, "another command is at work on it");
	if (newborn->partial.resume)
		return partial_explain(newborn->partial.resume, err);
	newborn->claimed = true;
	if (answer == PARTIAL_STALE) {
		newborn->made_directory = newborn->partial.whole;
		if (remains_clear(&newborn->partial, newborn->container, err) < 0) {
			partial_done(&newborn->partial);
			return error_add(err, "cannot clear away what a killed command has left");
		}
		partial_forget(&newborn->partial);
	}
	newborn->made_directory = newborn->made_directory || is_bare(newborn->dir);
	newborn->partial.whole = newborn->made_directory;
	return partial_note(&newborn->partial, true, err);
}

int newborn_claim(struct container *container, struct newborn *ret, struct error *err)
{
	ret->container = container;
	ret->arena = arena_new();
	if (asprintf(&ret->directory, "%s/%s", container->lxcpath, container->name) < 0) {
		ret->directory = NULL;
		return error_set(err, ENOMEM, "cannot name the container's directory");
	}
	if (open_directory(ret, err) < 0 || take_marker(ret, err) < 0)
		return -1;
	if (newborn_refuse_defined(container, err) == 0)
		return 0;
	/* It was finished between the look of the caller and ours. */
	partial_drop(&ret->partial);
	ret->claimed = false;
	return -1;
}

/* Unique, and for whoever finds it says who made it: of characters that every backend takes, no longer than any allows. */
static char *tag_make(const char *directory)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-/=!:&";
	size_t length = strlen(directory);
	uint64_t number[2];
	char *tag;

	if (length > DIRECTORY_SHOWN)
		directory += length - DIRECTORY_SHOWN;
	if (getrandom(number, sizeof number, 0) != sizeof number ||
	    asprintf(&tag, "lxs:%s#%016" PRIx64 "%016" PRIx64, directory, number[0], number[1]) < 0)
		return NULL;
	for (char *at = tag; (at += strspn(at, allowed)) < strrchr(tag, '#'); )
		*at = '_';
	return tag;
}

int newborn_storage(struct newborn *newborn, const struct storage_ops *ops, struct storage_request *request, struct error *err)
{
	struct partial *partial = &newborn->partial;

	if (!ops->name_new) {
		error_set(err, 0, "new storage of type %s cannot be made, only used", ops->name);
		return error_hint(err, "-B chooses another type, such as dir");
	}
	if (ops->mounted && mapping_is_needed()) {
		error_set(err, 0, "only root can mount storage of type %s", ops->name);
		return error_hint(err, "use dir, btrfs or overlay");
	}
	partial->tag = tag_make(newborn->directory);
	partial->from = request->from ? strdup(request->from->path) : NULL;
	if (!partial->tag || (request->from && !partial->from))
		return error_set(err, ENOMEM, "cannot name the root file system");
	request->tag = partial->tag;
	if (ops->name_new(request, &newborn->rootfs, err) < 0 ||
	    !storage_of(newborn->arena, newborn->rootfs, &newborn->source, err))
		return -1;
	partial->rootfs = strdup(newborn->rootfs);
	if (!partial->rootfs)
		return error_set(err, ENOMEM, "cannot name the root file system");
	if (partial_note(partial, !ops->elsewhere && !request->wanted, err) < 0)
		return -1;
	newborn->storage = ops;
	return 0;
}

int newborn_identify(struct newborn *newborn, struct error *err)
{
	if (storage_identify(newborn->storage, &newborn->source, &newborn->partial.identity, err) < 0)
		return -1;
	return partial_note(&newborn->partial, false, err);
}

int newborn_finish(struct newborn *newborn, struct error *err)
{
	return partial_end(&newborn->partial, err);
}

/* The file system that the container comes to. */
static bool is_full(const char *path)
{
	struct statvfs space;

	return statvfs(path, &space) == 0 &&
	       (space.f_bavail * space.f_frsize < ROOM_LEAST || (space.f_files > 0 && space.f_favail == 0));
}

/* As long as it is still there: what it filled is empty afterwards. */
static void explain_room(const struct newborn *newborn, struct error *err)
{
	bool within = newborn->storage && !newborn->storage->elsewhere;
	const char *place = within ? newborn->source.path : newborn->directory;

	if (is_full(place) || (within && is_full(place = newborn->directory)))
		error_hint(err, "the file system that holds %s is full", place);
	else if (error_is_room(err) && newborn->storage && newborn->storage->mounted)
		error_hint(err, "the new file system is too small: --fssize makes a larger one");
}

void newborn_roll_back(struct newborn *newborn, struct error *err)
{
	owned_error ignored = ERROR_INIT;

	explain_room(newborn, err);
	if (newborn->claimed && newborn->partial.fd >= 0) {
		if (!newborn->storage)
			own_free(&newborn->partial.rootfs);
		/* What cannot be removed now stays marked, for the next command to try. */
		if (remains_clear(&newborn->partial, newborn->container, &ignored) < 0)
			return;
		partial_drop(&newborn->partial);
	}
	if (newborn->made_directory)
		rmdir(newborn->directory);
}
