/*
 * Reads container configs (config/read.h): takes the lines of config/grammar.h,
 * follows includes, and collects what is to be said about them instead of
 * stopping at the first slip.
 */
#include "config/read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/grammar.h"
#include "config/include.h"
#include "config/store.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* One file being read, and through it the chain of those that include it. */
struct reading {
	struct settings *settings;
	struct findings *findings;
	const struct reading *outer;
	const struct origin *included_by;
	const char *file;
	unsigned depth;
	dev_t device;
	ino_t inode;
};

enum { DEEPEST = 32 };

static int read_path(const struct reading *outer, const char *path, const struct origin *included_by,
		     struct error *err);

static void find(const struct reading *reading, enum severity severity, const struct origin *origin,
		 const struct error *err)
{
	struct findings *findings = reading->findings;
	struct arena *arena = reading->settings->arena;
	struct finding *finding;

	findings->items = arena_append(arena, findings->items, &findings->count, sizeof *findings->items);
	finding = &findings->items[findings->count - 1];
	finding->severity = severity;
	finding->origin = origin;
	finding->message = arena_strdup(arena, err->message ? err->message : "");
	finding->hint = err->hint ? arena_strdup(arena, err->hint) : NULL;
	findings->errors += severity == FINDING_ERROR;
}

static void warn_ignored(const struct reading *reading, const struct origin *origin)
{
	owned_error err = ERROR_INIT;
	owned_str name = strndup(origin->text, strcspn(origin->text, "= \t"));
	const char *near = name ? key_nearest(name) : NULL;

	error_set(&err, 0, "ignored: keys begin with lxc. or lxs.");
	if (near)
		error_hint(&err, "did you mean %s?", near);
	find(reading, FINDING_WARNING, origin, &err);
}

/* Findings of the included files are theirs; what cannot be opened at all is this line's. */
static void include(const struct reading *reading, const struct origin *origin, const char *path)
{
	struct paths paths;
	owned_error err = ERROR_INIT;

	if (!*path)
		return;
	if (include_list(reading->settings->arena, path, &paths, &err) < 0) {
		find(reading, FINDING_ERROR, origin, &err);
		return;
	}
	for (size_t i = 0; i < paths.count; i++) {
		if (read_path(reading, paths.items[i], origin, &err) < 0)
			find(reading, FINDING_ERROR, origin, &err);
		error_done(&err);
	}
}

/* LXC passes over our keys, whatever is in them. */
static enum severity failure(const struct reading *reading, const char *key)
{
	return reading->settings->as_lxc && text_starts(key, "lxs.") ? FINDING_WARNING : FINDING_ERROR;
}

static void assign(const struct reading *reading, const struct origin *origin, const char *key, const char *value)
{
	owned_error err = ERROR_INIT;
	int answer;

	if (strcmp(key, "lxc.include") == 0) {
		include(reading, origin, value);
		return;
	}
	answer = store_assign(reading->settings, origin, key, value, &err);
	if (answer < 0 || (answer == PARSE_BROKEN && !reading->settings->as_lxc))
		find(reading, failure(reading, key), origin, &err);
	else if (answer != 0)
		find(reading, FINDING_WARNING, origin, &err);
}

static void read_line(const struct reading *reading, const struct config_line *line, unsigned number)
{
	struct arena *arena = reading->settings->arena;
	owned_error err = ERROR_INIT;
	struct origin *origin;

	if (line->kind == LINE_EMPTY)
		return;
	origin = arena_alloc(arena, sizeof *origin);
	*origin = (struct origin){ reading->file, number, arena_strndup(arena, line->text, line->length), reading->included_by };
	if (line->kind == LINE_OTHER) {
		warn_ignored(reading, origin);
	} else if (line->kind == LINE_BROKEN) {
		error_set(&err, 0, "no '=' in this line");
		find(reading, failure(reading, origin->text), origin, &err);
	} else {
		assign(reading, origin, arena_strndup(arena, line->key, line->key_length),
		       arena_strndup(arena, line->value, line->value_length));
	}
}

/* Editors count the LFs. */
static void read_lines(const struct reading *reading, const char *text)
{
	struct config_line line;
	unsigned number = 1;

	while (line_next(&text, &line)) {
		read_line(reading, &line, number);
		number += text[-1] == '\n';
	}
}

static int refuse_loop(const struct reading *reading, struct error *err)
{
	const struct reading *outer;

	for (outer = reading->outer; outer; outer = outer->outer)
		if (outer->file && outer->device == reading->device && outer->inode == reading->inode)
			return error_set(err, 0, "include loop: %s includes itself", reading->file);
	if (reading->depth > DEEPEST)
		return error_set(err, 0, "includes nest more than %d deep", DEEPEST);
	return 0;
}

static int read_path(const struct reading *outer, const char *path, const struct origin *included_by,
		     struct error *err)
{
	struct reading reading = *outer;
	owned_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	owned_str text = NULL;
	struct stat status;
	size_t length;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open %s", path);
	if (S_ISDIR(status.st_mode))
		return error_set(err, EISDIR, "cannot read %s", path);
	reading.outer = outer;
	reading.depth = outer->depth + 1;
	reading.included_by = included_by;
	reading.file = arena_strdup(outer->settings->arena, path);
	reading.device = status.st_dev;
	reading.inode = status.st_ino;
	if (refuse_loop(&reading, err) < 0 || file_read_fd(fd, path, &text, &length, err) < 0)
		return -1;
	if (strlen(text) != length && !outer->settings->as_lxc)
		return error_set(err, 0, "%s has a NUL byte: not a text file", path);
	read_lines(&reading, text);
	return 0;
}

/* The first error, in the words of one that stands alone. */
static int first_error(const struct findings *findings, struct error *err)
{
	const struct finding *finding = findings->items;

	while (finding->severity != FINDING_ERROR)
		finding++;
	if (findings->errors > 1)
		error_set(err, 0, "%s (and %zu more error%s)", finding->message, findings->errors - 1,
			  findings->errors == 2 ? "" : "s");
	else
		error_set(err, 0, "%s", finding->message);
	error_asked_by(err, finding->origin);
	return finding->hint ? error_hint(err, "%s", finding->hint) : -1;
}

static const char *remember_path(struct settings *settings, const char *path)
{
	path = arena_strdup(settings->arena, path);
	if (!settings->file)
		settings->file = path;
	return path;
}

int settings_read_text(struct settings *settings, const char *path, const char *text, struct findings *findings,
		       struct error *err)
{
	struct findings unwanted = { 0 };
	struct reading reading = { .settings = settings, .findings = findings ? findings : &unwanted };
	size_t before = reading.findings->errors;

	reading.file = remember_path(settings, path);
	read_lines(&reading, text);
	return reading.findings->errors > before ? first_error(reading.findings, err) : 0;
}

int settings_read(struct settings *settings, const char *path, struct findings *findings, struct error *err)
{
	struct findings unwanted = { 0 };
	struct reading outermost = { .settings = settings, .findings = findings ? findings : &unwanted };
	size_t before = outermost.findings->errors;
	struct origin *origin;

	path = remember_path(settings, path);
	if (read_path(&outermost, path, NULL, err) < 0) {
		origin = arena_alloc(settings->arena, sizeof *origin);
		*origin = (struct origin){ .file = path, .text = "" };
		find(&outermost, FINDING_ERROR, origin, err);
		return -1;
	}
	return outermost.findings->errors > before ? first_error(outermost.findings, err) : 0;
}

int settings_assign(struct settings *settings, const char *where, const char *key, const char *value,
		    struct error *err)
{
	struct findings findings = { 0 };
	struct reading outermost = { .settings = settings, .findings = &findings };
	struct origin *origin = arena_alloc(settings->arena, sizeof *origin);

	origin->file = arena_strdup(settings->arena, where);
	origin->text = arena_printf(settings->arena, "%s = %s", key, value);
	assign(&outermost, origin, key, value);
	return findings.errors > 0 ? first_error(&findings, err) : 0;
}

int settings_define(struct settings *settings, const char *where, const char *text, struct error *err)
{
	owned_arena arena = arena_new();
	struct config_line line;

	line_cut(text, strlen(text), &line);
	if (line.kind != LINE_ASSIGNS)
		return error_set(err, 0, "%s: '%s' is not of the form lxc.KEY=VALUE", where, text);
	return settings_assign(settings, where, arena_strndup(arena, line.key, line.key_length),
			       arena_strndup(arena, line.value, line.value_length), err);
}
