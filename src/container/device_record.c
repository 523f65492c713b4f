/*
 * Lines `granted|had TYPE MAJOR:MINOR NAME` (see device_record.h).  Apart from
 * device_node.c, which touches the container: this is bookkeeping.
 */
#include "container/device_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/lines.h"
#include "lib/arena.h"
#include "lib/own.h"

struct record {
	bool granted;
	char type;
	int major, minor;
	const char *name;
};

struct records {
	struct record *items;
	size_t count;
};

static void record_append(struct arena *arena, struct records *records, struct record record)
{
	records->items = arena_append(arena, records->items, &records->count, sizeof record);
	records->items[records->count - 1] = record;
}

static void records_read(struct arena *arena, int run_dir, struct records *ret)
{
	owned_str text = lines_read(run_dir, "nodes", NULL);
	char *next = text, verb[8];

	for (char *line; (line = strsep(&next, "\n"));) {
		struct record record;
		int name = 0;

		if (sscanf(line, "%7s %c %d:%d %n", verb, &record.type, &record.major, &record.minor, &name) != 4 || !name)
			continue;
		lines_unescape(line + name);
		record.granted = strcmp(verb, "granted") == 0;
		record.name = arena_strdup(arena, line + name);
		record_append(arena, ret, record);
	}
}

static int records_write(int run_dir, const struct records *records)
{
	owned_str list = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&list, &length);

	if (!out)
		return -errno;
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->items[i];

		fprintf(out, "%s %c %d:%d ", record->granted ? "granted" : "had", record->type, record->major, record->minor);
		lines_escape(out, record->name);
		fputc('\n', out);
	}
	return fclose(out) != 0 || lines_replace(run_dir, "nodes", list, length) < 0 ? -errno : 0;
}

static bool is_of(const struct record *record, const struct device_rule *device)
{
	return record->type == device->type && record->major == device->major && record->minor == device->minor;
}

bool device_record_granted(int run_dir, const struct device_rule *device)
{
	owned_arena arena = arena_new();
	struct records records = { 0 };
	bool granted = false;

	records_read(arena, run_dir, &records);
	for (size_t i = 0; i < records.count; i++)
		granted |= records.items[i].granted && is_of(&records.items[i], device);
	return granted;
}

bool device_record_used(int run_dir, const struct device_rule *device, const char *but)
{
	owned_arena arena = arena_new();
	struct records records = { 0 };
	bool used = false;

	records_read(arena, run_dir, &records);
	for (size_t i = 0; i < records.count; i++)
		used |= is_of(&records.items[i], device) && strcmp(records.items[i].name, but) != 0;
	return used;
}

static const struct record *record_find(const struct records *records, const char *name)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->items[i].name, name) == 0)
			return &records->items[i];
	return NULL;
}

bool device_record_find(int run_dir, const char *name, struct device_rule *device)
{
	owned_arena arena = arena_new();
	struct records records = { 0 };
	const struct record *found;

	records_read(arena, run_dir, &records);
	found = record_find(&records, name);
	if (!found)
		return false;
	device->type = found->type;
	device->major = found->major;
	device->minor = found->minor;
	return true;
}

int device_record_add(int run_dir, const char *name, const struct device_rule *device, bool granted, struct error *err)
{
	owned_arena arena = arena_new();
	struct record record = { granted, device->type, device->major, device->minor, name };
	struct records records = { 0 };
	int code;

	records_read(arena, run_dir, &records);
	if (record_find(&records, name))
		return 0;
	record_append(arena, &records, record);
	code = records_write(run_dir, &records);
	return code < 0 ? error_set(err, -code, "cannot write down what the container is given") : 0;
}

int device_record_forget(int run_dir, const char *name, struct error *err)
{
	owned_arena arena = arena_new();
	struct records records = { 0 };
	size_t kept = 0;
	int code;

	records_read(arena, run_dir, &records);
	for (size_t i = 0; i < records.count; i++)
		if (strcmp(records.items[i].name, name) != 0)
			records.items[kept++] = records.items[i];
	records.count = kept;
	code = records_write(run_dir, &records);
	return code < 0 ? error_set(err, -code, "cannot write down what the container was given") : 0;
}
