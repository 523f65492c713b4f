/*
 * The book-keeping of clones (provision/rdepends.h).  A dependant writes down
 * first whom it uses, then tells it, so that a kill in between leaves a line
 * that the removal of the dependant takes away.
 */
#include "provision/rdepends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

enum { FILE_MODE = 0640 };

static const char *file_of(bool dependants)
{
	return dependants ? "lxc_snapshots" : "lxc_rdepends";
}

const char *place_directory(struct arena *arena, const struct place *place)
{
	return arena_printf(arena, "%s/%s", place->lxcpath, place->name);
}

static bool is_same(const struct place *one, const struct place *other)
{
	return strcmp(one->lxcpath, other->lxcpath) == 0 && strcmp(one->name, other->name) == 0;
}

/* Pairs of lines; one from before LXC 1.0, a number, is none. */
void rdepends_list(struct arena *arena, const struct place *of, bool dependants, struct places *ret)
{
	const char *path = arena_printf(arena, "%s/%s", place_directory(arena, of), file_of(dependants));
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	char *line, *rest, *lxcpath = NULL;
	size_t length;

	*ret = (struct places){ 0 };
	if (access(path, F_OK) < 0 || file_read(path, &text, &length, &ignored) < 0)
		return;
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (!lxcpath) {
			lxcpath = line[0] == '/' ? line : NULL;
			continue;
		}
		if (*line && !strchr(line, '/')) {
			ret->items = arena_append(arena, ret->items, &ret->count, sizeof *ret->items);
			ret->items[ret->count - 1] = (struct place){ arena_strdup(arena, lxcpath), arena_strdup(arena, line) };
		}
		lxcpath = NULL;
	}
}

static bool list_has(const struct places *list, const struct place *place)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_same(&list->items[i], place))
			return true;
	return false;
}

void rdepends_read(struct arena *arena, const struct place *of, bool dependants, struct places *ret)
{
	struct places all, theirs;

	rdepends_list(arena, of, dependants, &all);
	*ret = (struct places){ 0 };
	for (size_t i = 0; i < all.count; i++) {
		rdepends_list(arena, &all.items[i], !dependants, &theirs);
		/* Of whom we use we know by our own files; a dependant has to agree. */
		if ((dependants && !list_has(&theirs, of)) || list_has(ret, &all.items[i]))
			continue;
		ret->items = arena_append(arena, ret->items, &ret->count, sizeof *ret->items);
		ret->items[ret->count - 1] = all.items[i];
	}
}

/* An empty list is no file, as LXC has it. */
static int list_write(struct arena *arena, const struct place *of, bool dependants, const struct places *list,
		      struct error *err)
{
	const char *path = arena_printf(arena, "%s/%s", place_directory(arena, of), file_of(dependants));
	owned_buffer text = { 0 };

	for (size_t i = 0; i < list->count; i++)
		buffer_printf(&text, "%s\n%s\n", list->items[i].lxcpath, list->items[i].name);
	if (list->count > 0)
		return file_replace(path, buffer_text(&text), text.length, FILE_MODE, err);
	return unlink(path) < 0 && errno != ENOENT ? error_set(err, errno, "cannot remove %s", path) : 0;
}

/* Replaces `old` by `new` in the list of `of`; NULL: there is no such one, or it shall go. */
static int list_change(struct arena *arena, const struct place *of, bool dependants, const struct place *old,
		       const struct place *new, struct error *err)
{
	owned_fd together = open(of->lxcpath, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct places before, after = { 0 };
	bool changed = false;

	if (access(place_directory(arena, of), F_OK) < 0)
		return 0;
	/* Many may be cloned from one at a time; the lock of that one is theirs together. */
	if (together < 0 || flock(together, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock %s", of->lxcpath);
	file_replace_clear(arena_printf(arena, "%s/%s", place_directory(arena, of), file_of(dependants)));
	rdepends_list(arena, of, dependants, &before);
	for (size_t i = 0; i < before.count; i++) {
		if ((old && is_same(&before.items[i], old)) || (new && is_same(&before.items[i], new))) {
			changed = true;
			continue;
		}
		after.items = arena_append(arena, after.items, &after.count, sizeof *after.items);
		after.items[after.count - 1] = before.items[i];
	}
	/* A new name takes the place of an old one: who was not there does not come in by a change of name. */
	if (new && (changed || !old)) {
		after.items = arena_append(arena, after.items, &after.count, sizeof *after.items);
		after.items[after.count - 1] = *new;
		changed = true;
	}
	return changed ? list_write(arena, of, dependants, &after, err) : 0;
}

static bool uses(struct arena *arena, const struct rootfs_source *source, const struct place *place)
{
	const char *directory = arena_printf(arena, "%s/", place_directory(arena, place));

	for (size_t i = 0; source->lowers && source->lowers[i]; i++)
		if (text_starts(source->lowers[i], directory))
			return true;
	return false;
}

/* Both sides: whom it uses, and by whom each is used. */
static int list_tell(struct arena *arena, const struct place *who, const struct places *used, struct error *err)
{
	if (used->count > 0 && list_write(arena, who, false, used, err) < 0)
		return -1;
	for (size_t i = 0; i < used->count; i++)
		if (list_change(arena, &used->items[i], true, NULL, who, err) < 0)
			return -1;
	return 0;
}

int rdepends_register(struct arena *arena, const struct place *who, const struct rootfs_source *source,
		      const struct place *from, struct error *err)
{
	const char *own = arena_printf(arena, "%s/", place_directory(arena, who));
	struct places candidates, used = { 0 };

	rdepends_list(arena, from, false, &candidates);
	if (uses(arena, source, from)) {
		candidates.items = arena_append(arena, candidates.items, &candidates.count, sizeof *candidates.items);
		candidates.items[candidates.count - 1] = *from;
	}
	for (size_t i = 0; i < candidates.count; i++) {
		const struct place *one = &candidates.items[i];

		/* A snapshot lies in the container it is of, and goes with it. */
		if (text_starts(own, arena_printf(arena, "%s/", place_directory(arena, one))) || list_has(&used, one))
			continue;
		used.items = arena_append(arena, used.items, &used.count, sizeof *used.items);
		used.items[used.count - 1] = *one;
	}
	return list_tell(arena, who, &used, err);
}

int rdepends_add(struct arena *arena, const struct place *who, const struct place *used, struct error *err)
{
	struct place one = *used;

	return list_tell(arena, who, &(struct places){ &one, 1 }, err);
}

int rdepends_forget(struct arena *arena, const struct place *who, struct error *err)
{
	struct places used;

	rdepends_list(arena, who, false, &used);
	for (size_t i = 0; i < used.count; i++)
		if (list_change(arena, &used.items[i], true, who, NULL, err) < 0)
			return -1;
	return 0;
}

int rdepends_rename(struct arena *arena, const struct place *old, const struct place *new, struct error *err)
{
	struct places list;

	rdepends_list(arena, new, false, &list);
	for (size_t i = 0; i < list.count; i++)
		if (list_change(arena, &list.items[i], true, old, new, err) < 0)
			return -1;
	rdepends_list(arena, new, true, &list);
	for (size_t i = 0; i < list.count; i++)
		if (list_change(arena, &list.items[i], false, old, new, err) < 0)
			return -1;
	return 0;
}
