/*
 * The editor behind config/edit.h.  It tries the least change first (in place
 * of the old line), reads the outcome as a start would, and if an include or a
 * later line gets in the way tries a stronger one (a reset before it, the end
 * of the file).  So it needs no rules of merging of its own.
 */
#include "config/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "config/lines.h"
#include "config/read.h"
#include "config/store.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* How a change is written; tried from the first to the last. */
enum attempt { IN_PLACE, IN_PLACE_RESET, AT_END, AT_END_RESET, ATTEMPTS };

struct editing {
	const struct edit *edit;
	const struct key *key;
	const char *sub;
	unsigned index;
	bool whole;           /* a family, an interface or a group of keys, not one key */
	unsigned first, last; /* the lines that were written, counted from 1; none: last < first */
};

static bool gives_values(const struct edit *edit)
{
	return edit->kind == EDIT_SET || edit->kind == EDIT_ADD;
}

/* The key of a line, cut out into `key`; false when the line has none. */
static bool line_key(const char *line, size_t length, char *key, size_t size)
{
	const char *equals = memchr(line, '=', length);
	size_t skipped = strspn(line, " \t");

	if (!equals || skipped >= length || line[skipped] == '#')
		return false;
	length = (size_t)(equals - line) - skipped;
	while (length > 0 && strchr(" \t", line[skipped + length - 1]))
		length--;
	if (length == 0 || length >= size)
		return false;
	memcpy(key, line + skipped, length);
	key[length] = '\0';
	return true;
}

static bool is_below(const char *name, const char *whole)
{
	return text_starts(name, whole) && name[strlen(whole)] == '.';
}

static bool matches(const struct editing *editing, const char *line, size_t length)
{
	char name[256];

	if (!line_key(line, length, name, sizeof name))
		return false;
	if (strcmp(name, editing->edit->key) == 0)
		return true;
	if (!editing->whole || !is_below(name, editing->edit->key))
		return false;
	return editing->key->kind != KEY_MAP || key_find(name, NULL, NULL) == editing->key;
}

static void put_line(struct buffer *out, const char *key, const char *value)
{
	owned_arena arena = arena_new();

	buffer_printf(out, "%s =%s%s\n", key, *value ? " " : "", settings_quote(arena, value));
}

/* Writes the new lines and remembers which they are; `line` is the number of the first. */
static void put_change(struct editing *editing, struct buffer *out, unsigned line, bool reset)
{
	const struct edit *edit = editing->edit;

	editing->first = line;
	if (reset) {
		put_line(out, edit->key, "");
		line++;
	}
	for (size_t i = 0; gives_values(edit) && edit->values[i]; i++, line++)
		put_line(out, edit->key, edit->values[i]);
	editing->last = line - 1;
}

/* Where the change goes: the number of the old line it takes the place of, 0 for the end. */
static unsigned find_place(const struct editing *editing, const char *text, enum attempt attempt)
{
	bool later = editing->edit->kind == EDIT_ADD || editing->key->kind == KEY_SCALAR;
	unsigned number = 1, place = 0;

	for (; *text && attempt < AT_END; number++) {
		size_t length = strcspn(text, "\n");

		if (matches(editing, text, length) && (later || place == 0))
			place = number;
		text += length + (text[length] != '\0');
	}
	return place;
}

/* A type resets its interface: a new one stands before the interface's other lines. */
static bool precedes(const struct editing *editing, const char *line, size_t length)
{
	const char *key = editing->edit->key;
	char name[256];

	return strcmp(editing->key->name, "lxc.net.N.type") == 0 && line_key(line, length, name, sizeof name) &&
	       strncmp(name, key, strlen(key) - strlen("type")) == 0;
}

static void attempt_edit(struct editing *editing, const char *text, enum attempt attempt, struct buffer *out)
{
	bool adding = editing->edit->kind == EDIT_ADD, reset = attempt == IN_PLACE_RESET || attempt == AT_END_RESET;
	unsigned place = find_place(editing, text, attempt), written = 0;
	bool done = false;

	editing->first = 1;
	editing->last = 0;
	for (unsigned number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");

		if (!done && place == 0 && attempt < AT_END && precedes(editing, text, length)) {
			put_change(editing, out, written + 1, reset);
			written += editing->last + 1 - editing->first;
			done = true;
		}
		if (adding || !matches(editing, text, length)) {
			buffer_add(out, text, length);
			buffer_puts(out, "\n");
			written++;
		}
		if (number == place) {
			put_change(editing, out, written + 1, reset);
			written += editing->last + 1 - editing->first;
			done = true;
		}
		text += length + (text[length] != '\0');
	}
	if (!done)
		put_change(editing, out, written + 1, reset);
}

static bool is_written(const struct editing *editing, const struct value *value)
{
	const struct origin *origin = value->origin;

	return !origin->included_by && origin->line >= editing->first && origin->line <= editing->last;
}

static bool is_wanted(const struct editing *editing, const struct value *value)
{
	return !editing->sub || editing->key->kind != KEY_MAP || strcmp(value->sub, editing->sub) == 0;
}

/* EDIT_SET: no other lines have a say; EDIT_ADD: the new lines have one. */
static bool values_effective(const struct editing *editing, const struct values *values)
{
	size_t written = 0, others = 0;

	for (size_t i = 0; i < values->count; i++) {
		if (!is_wanted(editing, &values->items[i]))
			continue;
		if (is_written(editing, &values->items[i]))
			written++;
		else
			others++;
	}
	if (editing->edit->kind == EDIT_RESET)
		return written + others == 0;
	return written > 0 && (others == 0 || editing->edit->kind == EDIT_ADD);
}

static bool group_unset(const struct editing *editing, const struct settings *settings)
{
	if (editing->sub)
		return !store_net(settings, editing->index);
	if (strcmp(editing->key->name, "lxc.net") == 0)
		return settings_net_count(settings) == 0;
	for (size_t i = 0; i < key_count; i++)
		if (keys[i].kind == KEY_LIST && is_below(keys[i].name, editing->key->name) && settings->rows[i].count > 0)
			return false;
	return true;
}

static bool effective(const struct editing *editing, const struct settings *settings)
{
	const struct net *net;

	if (editing->edit->kind == EDIT_REMOVE)
		return true;
	switch (editing->key->kind) {
	case KEY_ACTION:
		return true;
	case KEY_GROUP:
		return group_unset(editing, settings);
	case KEY_NET:
		net = store_net(settings, editing->index);
		return net ? values_effective(editing, store_net_row(net, editing->key)) :
			     editing->edit->kind == EDIT_RESET;
	default:
		/* `none` leaves no value behind, yet it holds. */
		if (strcmp(editing->key->name, "lxc.cap.keep") == 0 && settings->keep &&
		    store_row(settings, editing->key)->count == 0)
			return editing->edit->kind != EDIT_RESET;
		return values_effective(editing, store_row(settings, editing->key));
	}
}

int edit_check(const char *path, const char *text, struct error *err)
{
	owned_settings settings = settings_new();

	return settings_read_text(settings, path, text, NULL, err);
}

/* 1: the outcome is as wanted; 0: it loads but is not. */
static int try_edit(struct editing *editing, const char *path, const char *text, enum attempt attempt,
		    struct buffer *out, struct error *err)
{
	owned_settings settings = settings_new();

	attempt_edit(editing, text, attempt, out);
	if (settings_read_text(settings, path, buffer_text(out), NULL, err) < 0)
		return -1;
	return effective(editing, settings);
}

static int check_edit(const struct editing *editing, struct error *err)
{
	const struct edit *edit = editing->edit;

	for (size_t i = 0; gives_values(edit) && edit->values[i]; i++)
		if (strpbrk(edit->values[i], "\r\n"))
			return error_set(err, 0, "a value is one line: '%s'", edit->values[i]);
	if (gives_values(edit) && !edit->values[0])
		return error_set(err, 0, "no value for %s", edit->key);
	return 0;
}

static int prepare(struct editing *editing, const struct edit *edit, struct error *err)
{
	editing->edit = edit;
	editing->key = key_find(edit->key, &editing->sub, &editing->index);
	if (!editing->key)
		return key_unknown(edit->key, err);
	editing->whole = editing->key->kind == KEY_GROUP || (editing->key->kind == KEY_MAP && !editing->sub);
	return check_edit(editing, err);
}

/* An empty line does not unset these: only their default, spelled out, does. */
static int spell_out(const char *path, const char *text, const struct key *key, char **ret, struct error *err)
{
	const char *values[] = { key->initial, NULL };

	return edit_text(path, text, &(struct edit){ EDIT_SET, key->name, values }, ret, err);
}

/* A second line replaces: adding is setting. */
static bool is_single(const struct key *key)
{
	return key->kind == KEY_SCALAR || (key->kind == KEY_NET && !key->many) || (key->kind == KEY_MAP && key->replace);
}

int edit_text(const char *path, const char *text, const struct edit *edit, char **ret, struct error *err)
{
	struct edit changed = *edit;
	struct editing editing;
	owned_error last = ERROR_INIT;

	if (prepare(&editing, &changed, err) < 0)
		return -1;
	if (changed.kind == EDIT_ADD && is_single(editing.key))
		changed.kind = EDIT_SET;
	for (enum attempt attempt = IN_PLACE; attempt < ATTEMPTS; attempt++) {
		if (changed.kind == EDIT_REMOVE && attempt != IN_PLACE)
			break;    /* nothing is written instead */
		if (changed.kind == EDIT_ADD && (attempt == IN_PLACE_RESET || attempt == AT_END_RESET))
			continue; /* what is there stays */
		owned_buffer out = { 0 };
		owned_error failure = ERROR_INIT;
		int answer = try_edit(&editing, path, text, attempt, &out, &failure);

		if (answer > 0) {
			*ret = strdup(buffer_text(&out));
			return *ret ? 0 : error_set(err, ENOMEM, "%s", path);
		}
		if (answer < 0 && !last.message)
			error_move(&last, &failure);
	}
	if (changed.kind == EDIT_RESET && editing.key->empty)
		return spell_out(path, text, editing.key, ret, err);
	if (last.message) {
		error_move(err, &last);
		return error_add(err, "%s would not load", path);
	}
	return error_set(err, 0, "%s: %s cannot be changed here: another line has the last word", path, edit->key);
}

/* Two editors at once take turns; the lock is on the directory, since the file itself is replaced. */
static int lock_directory(const char *path, struct error *err)
{
	owned_str target = canonicalize_file_name(path);
	owned_fd fd = -1;

	if (target)
		fd = open(dirname(target), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "cannot edit %s", path);
	return steal_fd(&fd);
}

int edit_file(const char *path, const struct edit *edit, struct error *err)
{
	owned_fd lock = lock_directory(path, err);
	owned_str text = NULL;
	owned_str changed = NULL;
	size_t length;

	if (lock < 0 || file_read(path, &text, &length, err) < 0 || edit_text(path, text, edit, &changed, err) < 0)
		return -1;
	if (strcmp(text, changed) == 0)
		return 0;
	return file_replace(path, changed, strlen(changed), 0644, err);
}

int edit_replace(const char *path, const char *before, const char *after, struct error *err)
{
	owned_fd lock = lock_directory(path, err);
	owned_str now = NULL;
	size_t length;

	if (lock < 0 || file_read(path, &now, &length, err) < 0)
		return -1;
	if (strcmp(now, before) != 0)
		return error_set(err, 0, "%s was changed meanwhile", path);
	return file_replace(path, after, strlen(after), 0644, err);
}
