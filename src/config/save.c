/*
 * Writes and reads the file of config/save.h: one record a line, its fields
 * between tabs, each value with the number of its origin.  A last record
 * proves that nothing is missing.  Called by the start, the reboot and the
 * clean-up of a container.
 */
#include "config/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/store.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

static const char header[] = "lxs-settings 1";

struct saving {
	FILE *out;
	struct arena *arena;
	const struct origin **origins; /* the number of one is its place here, counted from 1 */
	size_t origin_count;
};

/* Tabs and newlines are the file's own. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '\t': fputs("\\t", out); break;
		case '\n': fputs("\\n", out); break;
		case '\\': fputs("\\\\", out); break;
		default: fputc(*text, out);
		}
	}
}

static void put_record(FILE *out, const char *kind, const char *const *fields)
{
	fputs(kind, out);
	for (; *fields; fields++) {
		fputc('\t', out);
		put_text(out, *fields);
	}
	fputc('\n', out);
}

/* The number of an origin; writes it and those that include it when they are new. 0: none. */
static size_t save_origin(struct saving *saving, const struct origin *origin)
{
	size_t outer;

	if (!origin)
		return 0;
	for (size_t i = 0; i < saving->origin_count; i++)
		if (saving->origins[i] == origin)
			return i + 1;
	outer = save_origin(saving, origin->included_by);
	put_record(saving->out, "origin",
		   (const char *[]){ arena_printf(saving->arena, "%zu", outer),
				     arena_printf(saving->arena, "%u", origin->line), origin->file, origin->text, NULL });
	saving->origins = arena_append(saving->arena, saving->origins, &saving->origin_count, sizeof origin);
	saving->origins[saving->origin_count - 1] = origin;
	return saving->origin_count;
}

static void save_values(struct saving *saving, const struct key *key, const struct values *values, unsigned index)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		size_t origin = save_origin(saving, value->origin);

		put_record(saving->out, "value",
			   (const char *[]){ arena_printf(saving->arena, "%zu", origin),
					     key_written(saving->arena, key, value->sub, index), value->text, NULL });
	}
}

static void save_net(struct saving *saving, const struct net *net)
{
	put_record(saving->out, "net", (const char *[]){ arena_printf(saving->arena, "%u", net->index), NULL });
	for (size_t i = 0; i < key_count; i++)
		save_values(saving, &keys[i], &net->rows[i], net->index);
}

static void write_settings(const struct settings *settings, FILE *out)
{
	owned_arena arena = arena_new();
	struct saving saving = { .out = out, .arena = arena };

	fprintf(out, "%s\n", header);
	if (settings->file)
		put_record(out, "file", (const char *[]){ settings->file, NULL });
	if (settings->keep)
		fputs("keep\n", out);
	for (size_t i = 0; i < key_count; i++)
		save_values(&saving, &keys[i], &settings->rows[i], 0);
	for (size_t i = 0; i < settings->net_count; i++)
		save_net(&saving, settings->nets[i]);
	fputs("end\n", out);
}

int settings_save(const struct settings *settings, int dir, const char *name, struct error *err)
{
	owned_str temporary = NULL;
	owned_file out = NULL;
	int fd;

	if (asprintf(&temporary, "%s.new", name) < 0) {
		temporary = NULL;
		return error_set(err, ENOMEM, "cannot save settings");
	}
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		return error_set(err, errno, "cannot save settings in %s", temporary);
	write_settings(settings, out);
	if (fflush(out) != 0 || ferror(out) || renameat(dir, temporary, dir, name) < 0) {
		error_set(err, errno, "cannot save settings in %s", name);
		unlinkat(dir, temporary, 0);
		return -1;
	}
	return 0;
}

enum { MOST_FIELDS = 5 };

struct restoring {
	struct settings *settings;
	const struct origin **origins;
	size_t origin_count;
	bool ended;
};

static const struct origin *origin_at(const struct restoring *restoring, const char *number)
{
	size_t at = strtoul(number, NULL, 10);

	return at > 0 && at <= restoring->origin_count ? restoring->origins[at - 1] : NULL;
}

static int restore_origin(struct restoring *restoring, char **fields, struct error *err)
{
	struct arena *arena = restoring->settings->arena;
	struct origin *origin = arena_alloc(arena, sizeof *origin);

	(void)err;
	origin->included_by = origin_at(restoring, fields[0]);
	origin->line = (unsigned)strtoul(fields[1], NULL, 10);
	origin->file = arena_strdup(arena, fields[2]);
	origin->text = arena_strdup(arena, fields[3]);
	restoring->origins = arena_append(arena, restoring->origins, &restoring->origin_count, sizeof origin);
	restoring->origins[restoring->origin_count - 1] = origin;
	return 0;
}

/* The values are merged already, so they are put in place and not assigned. */
static int restore_value(struct restoring *restoring, char **fields, struct error *err)
{
	struct settings *settings = restoring->settings;
	struct value value = { .origin = origin_at(restoring, fields[0]) };
	unsigned index;
	const char *sub;
	const struct key *key = key_find(fields[1], &sub, &index);
	struct values *values;

	if (!key || !key->type)
		return error_set(err, 0, "unknown key %s", fields[1]);
	value.sub = key->kind == KEY_MAP && sub ? arena_strdup(settings->arena, sub) : NULL;
	value.text = arena_strdup(settings->arena, fields[2]);
	if (key->kind == KEY_MAP && !sub)
		return error_set(err, 0, "%s lacks its member", fields[1]);
	if (key->type->parse(settings->arena, value.text, &value, err) < 0)
		return -1;
	error_done(err);
	values = key->kind == KEY_NET ? store_net_row(store_net_add(settings, index), key) : store_row(settings, key);
	store_append(settings, values, &value);
	return 0;
}

static int restore_net(struct restoring *restoring, char **fields, struct error *err)
{
	(void)err;
	store_net_add(restoring->settings, (unsigned)strtoul(fields[0], NULL, 10));
	return 0;
}

static int restore_file(struct restoring *restoring, char **fields, struct error *err)
{
	(void)err;
	restoring->settings->file = arena_strdup(restoring->settings->arena, fields[0]);
	return 0;
}

static int restore_keep(struct restoring *restoring, char **fields, struct error *err)
{
	(void)fields, (void)err;
	restoring->settings->keep = true;
	return 0;
}

static int restore_end(struct restoring *restoring, char **fields, struct error *err)
{
	(void)fields, (void)err;
	restoring->ended = true;
	return 0;
}

static const struct record {
	const char *kind;
	size_t fields;
	int (*restore)(struct restoring *restoring, char **fields, struct error *err);
} records[] = {
	{ "origin", 4, restore_origin },
	{ "value", 3, restore_value },
	{ "net", 1, restore_net },
	{ "file", 1, restore_file },
	{ "keep", 0, restore_keep },
	{ "end", 0, restore_end },
};

/* Undoes put_text() in place. */
static void plain(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*out++ = *text == 't' ? '\t' : *text == 'n' ? '\n' : *text;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

static int restore_line(struct restoring *restoring, char *line, struct error *err)
{
	char *fields[MOST_FIELDS + 1], *rest = line;
	size_t count = 0;

	while (rest && count <= MOST_FIELDS) {
		fields[count] = strsep(&rest, "\t");
		plain(fields[count++]);
	}
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		if (strcmp(fields[0], records[i].kind) == 0 && count == records[i].fields + 1)
			return records[i].restore(restoring, fields + 1, err);
	return error_set(err, 0, "unknown record '%s'", fields[0]);
}

static int restore_text(struct restoring *restoring, char *text, struct error *err)
{
	char *line = strsep(&text, "\n");

	if (strcmp(line, header) != 0)
		return error_set(err, 0, "not settings of this version");
	while (text && !restoring->ended)
		if (restore_line(restoring, strsep(&text, "\n"), err) < 0)
			return -1;
	if (!restoring->ended)
		return error_set(err, 0, "the end is missing");
	return 0;
}

struct settings *settings_load(int dir, const char *name, struct error *err)
{
	owned_fd fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	owned_settings settings = settings_new();
	struct restoring restoring = { .settings = settings };
	owned_str text = NULL;
	size_t length;

	if (fd < 0) {
		error_set(err, errno, "cannot open saved settings %s", name);
		return NULL;
	}
	if (file_read_fd(fd, name, &text, &length, err) < 0)
		return NULL;
	if (restore_text(&restoring, text, err) < 0) {
		error_add(err, "saved settings %s", name);
		return NULL;
	}
	return steal_ptr(settings);
}
