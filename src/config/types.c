/*
 * The plain types of values: numbers, sizes, paths, limits and texts with a
 * rule.  Each is parsed when its line is read, so that a slip is named with
 * its line and not found at start.  Referred to by the key table alone.
 */
#include "config/types.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/text.h"

int parse_unsigned(const char *text, uint64_t greatest, uint64_t *ret, struct error *err)
{
	unsigned long long number;
	char *end;

	text += strspn(text, " \t");
	errno = 0;
	number = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end)
		return error_set(err, 0, "'%s' is not a number", text);
	if (errno || number > greatest)
		return error_set(err, 0, "%s is too large: at most %llu", text, (unsigned long long)greatest);
	*ret = number;
	return 0;
}

int parse_signed(const char *text, int64_t least, int64_t greatest, int64_t *ret, struct error *err)
{
	long long number;
	char *end;

	errno = 0;
	number = strtoll(text, &end, 0);
	if (end == text || *end)
		return error_set(err, 0, "'%s' is not a number", text);
	if (errno || number < least || number > greatest)
		return error_set(err, 0, "%s is out of range: %lld to %lld", text, (long long)least,
				 (long long)greatest);
	*ret = number;
	return 0;
}

const char *format_number(struct arena *arena, const struct value *value)
{
	return arena_printf(arena, "%lld", (long long)value->number);
}

static int any_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena, (void)text, (void)ret, (void)err;
	return 0;
}

const struct key_type type_string = { .name = "text", .syntax = "any text", .parse = any_parse };
/* Values of one key are answered without anything between them, as LXC does. */
const struct key_type type_proc = { .name = "text", .syntax = "any text", .joint = "", .parse = any_parse };
const struct key_type type_line = { .name = "line", .syntax = "any text, one item a line", .parse = any_parse };
const struct key_type type_words = {
	.name = "words", .syntax = "words separated by blanks", .separators = " \t", .parse = any_parse
};
const struct key_type type_include = { .name = "path", .syntax = "a file, or a directory of *.conf files", .parse = any_parse };

static int length_check(const char *text, size_t greatest, struct error *err)
{
	if (strlen(text) > greatest)
		return error_set(err, 0, "'%.32s...' is too long: at most %zu bytes", text, greatest);
	return 0;
}

static int uts_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena, (void)ret;
	return length_check(text, 64, err);
}

const struct key_type type_uts = { .name = "name", .syntax = "a host name of at most 64 bytes", .parse = uts_parse };

static int tty_dir_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena, (void)ret;
	return length_check(text, 255, err);
}

const struct key_type type_tty_dir = {
	.name = "name", .syntax = "a directory below /dev, at most 255 bytes", .parse = tty_dir_parse
};

/* "//" and "/./" collapse and a final "/" goes; ".." stays, since what it means depends on links. */
static char *path_simplify(struct arena *arena, const char *text)
{
	char *path = arena_alloc(arena, strlen(text) + 2), *end = path;
	const char *cursor = text, *word;
	size_t length;

	if (*text == '/')
		*end++ = '/';
	while ((word = text_word(&cursor, "/", &length))) {
		if (length == 1 && *word == '.')
			continue;
		if (end > path && end[-1] != '/')
			*end++ = '/';
		end = mempcpy(end, word, length);
	}
	if (end == path)
		*end++ = '.';
	*end = '\0';
	return path;
}

static int path_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	ret->text = path_simplify(arena, text);
	return length_check(ret->text, PATH_MAX - 1, err);
}

const struct key_type type_path = { .name = "path", .syntax = "a path", .parse = path_parse };

static int bool_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	uint64_t number;

	(void)arena;
	if (parse_unsigned(text, UINT_MAX, &number, err) < 0)
		return -1;
	if (number > 1)
		return error_set(err, 0, "%s is neither 0 nor 1", text);
	ret->number = 0;
	ret->flag = number;
	return 0;
}

static const char *bool_format(struct arena *arena, const struct value *value)
{
	(void)arena;
	return value->flag ? "1" : "0";
}

static const char *const bool_choices[] = { "0", "1", NULL };

const struct key_type type_bool = {
	.name = "flag", .syntax = "0 or 1", .parse = bool_parse, .format = bool_format, .choices = bool_choices
};

/* LXC takes every number here and answers with it. */
static int bool_any_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	uint64_t number;

	if (parse_unsigned(text, UINT_MAX, &number, err) < 0)
		return -1;
	ret->text = arena_printf(arena, "%d", (int)number);
	ret->number = 0;
	ret->flag = number != 0;
	return 0;
}

const struct key_type type_bool_any = {
	.name = "flag", .syntax = "0, or another number for yes", .parse = bool_any_parse, .choices = bool_choices
};

static int unsigned_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	uint64_t number;

	(void)arena;
	if (parse_unsigned(text, UINT_MAX, &number, err) < 0)
		return -1;
	ret->number = (int64_t)number;
	return 0;
}

const struct key_type type_unsigned = {
	.name = "number", .syntax = "a number from 0", .parse = unsigned_parse, .format = format_number
};

/* Ids: (uid_t)-1 is the word for none, so it cannot be asked for. */
static int id_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	uint64_t number;

	(void)arena;
	if (parse_unsigned(text, UINT_MAX - 1, &number, err) < 0)
		return -1;
	ret->number = (int64_t)number;
	return 0;
}

const struct key_type type_integer = {
	.name = "id", .syntax = "a number from 0", .parse = id_parse, .format = format_number
};

const struct key_type type_groups = {
	.name = "ids", .syntax = "numbers separated by commas", .separators = ",", .joint = ",", .parse = id_parse,
	.format = format_number
};

static int signed_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return parse_signed(text, INT_MIN, INT_MAX, &ret->number, err);
}

const struct key_type type_signed = {
	.name = "integer", .syntax = "a number, perhaps negative", .parse = signed_parse, .format = format_number
};

/* LXC answers anything it cannot read with its default, without a word; so do we, with one. */
static int bytes_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	if (parse_signed(text, INT_MIN, INT_MAX, &ret->number, err) == 0)
		return 0;
	ret->number = 500000;
	error_add(err, "500000 is taken instead");
	return PARSE_DOUBTFUL;
}

const struct key_type type_bytes = {
	.name = "bytes", .syntax = "a number of bytes without a unit", .parse = bytes_parse, .format = format_number
};

static int size_unit(const char *unit, uint64_t *ret)
{
	static const struct { const char *name; uint64_t factor; } units[] = {
		{ "", 1 }, { "KB", 1 << 10 }, { "MB", 1 << 20 }, { "GB", 1 << 30 },
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcasecmp(unit, units[i].name) == 0) {
			*ret = units[i].factor;
			return 0;
		}
	}
	*ret = 1;
	return unit[1] ? -1 : PARSE_DOUBTFUL;
}

/* The ring buffer is mapped, so it is a power of two of at least a page. */
static uint64_t size_round(uint64_t bytes)
{
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);

	while (size < bytes)
		size *= 2;
	return size;
}

static int size_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	const char *unit = text + strspn(text, "0123456789");
	uint64_t number, factor;
	int answer;

	if (strcmp(text, "auto") == 0) {
		ret->size = 131072;
		return 0;
	}
	if (unit == text)
		return error_set(err, 0, "'%s' is not a size", text);
	if (parse_unsigned(arena_strndup(arena, text, (size_t)(unit - text)), 1ULL << 62, &number, err) < 0)
		return -1;
	answer = size_unit(unit + strspn(unit, " \t"), &factor);
	if (answer < 0)
		return error_set(err, 0, "'%s' has an unknown unit: KB, MB or GB", text);
	if (number > (1ULL << 62) / factor)
		return error_set(err, 0, "%s is too large", text);
	ret->size = size_round(number * factor);
	if (answer == PARSE_DOUBTFUL)
		error_set(err, 0, "LXC knows no unit of one letter: '%s' means that many bytes; write KB, MB or GB", text);
	return answer;
}

static const char *size_format(struct arena *arena, const struct value *value)
{
	return arena_printf(arena, "%llu", (unsigned long long)value->size);
}

const struct key_type type_size = {
	.name = "size", .syntax = "'auto' or a number, perhaps with KB, MB or GB; at least a page, rounded up to a power of two",
	.parse = size_parse, .format = size_format
};

static int limit_part(struct arena *arena, const char *text, size_t length, uint64_t *ret, struct error *err)
{
	const char *word = text_trim(arena_strndup(arena, text, length));
	char *end;

	if (strcmp(word, "unlimited") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	errno = 0;
	*ret = strtoull(word, &end, 10);
	if (*end || errno || *word == '-')
		return error_set(err, 0, "'%s' is neither a number nor 'unlimited'", word);
	return 0;
}

static int limit_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	const char *colon = strchrnul(text, ':');
	struct limit limit;

	if (limit_part(arena, text, (size_t)(colon - text), &limit.soft, err) < 0)
		return -1;
	limit.hard = limit.soft;
	if (*colon && limit_part(arena, colon + 1, strlen(colon + 1), &limit.hard, err) < 0)
		return -1;
	ret->limit = limit;
	return 0;
}

static const char *limit_word(struct arena *arena, uint64_t limit)
{
	return limit == UINT64_MAX ? "unlimited" : arena_printf(arena, "%llu", (unsigned long long)limit);
}

static const char *limit_format(struct arena *arena, const struct value *value)
{
	const char *soft = limit_word(arena, value->limit.soft);

	if (value->limit.soft == value->limit.hard)
		return soft;
	return arena_printf(arena, "%s:%s", soft, limit_word(arena, value->limit.hard));
}

const struct key_type type_limit = {
	.name = "limit", .syntax = "SOFT[:HARD], each a number or 'unlimited'", .joint = "", .parse = limit_parse,
	.format = limit_format
};

static int idmap_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	const char *cursor = text, *word, *fields[4];
	uint64_t numbers[3];
	size_t length, count = 0;

	while ((word = text_word(&cursor, " \t\r", &length))) {
		if (count == 4)
			return error_set(err, 0, "'%s' is more than an id map has", word);
		fields[count++] = arena_strndup(arena, word, length);
	}
	if (count < 4)
		return error_set(err, 0, "'%s' is not an id map: u|g INSIDE OUTSIDE RANGE", text);
	if (strcmp(fields[0], "u") != 0 && strcmp(fields[0], "g") != 0)
		return error_set(err, 0, "'%s' is neither u nor g", fields[0]);
	for (size_t i = 0; i < 3; i++)
		if (parse_unsigned(fields[i + 1], ULONG_MAX, &numbers[i], err) < 0)
			return -1;
	ret->idmap = (struct idmap){ *fields[0], numbers[0], numbers[1], numbers[2] };
	return 0;
}

static const char *idmap_format(struct arena *arena, const struct value *value)
{
	const struct idmap *map = &value->idmap;

	return arena_printf(arena, "%c %lu %lu %lu", map->kind, map->inside, map->outside, map->range);
}

const struct key_type type_idmap = {
	.name = "idmap", .syntax = "u|g INSIDE OUTSIDE RANGE", .joint = "\n", .parse = idmap_parse, .format = idmap_format
};

/* The variable is copied now, when the file is read, as LXC does. */
static int environment_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	const char *here;

	if (strchr(text, '='))
		return 0;
	here = getenv(text);
	if (!here)
		return error_set(err, 0, "%s is not in the environment: write %s=VALUE", text, text);
	ret->text = arena_printf(arena, "%s=%s", text, here);
	return 0;
}

const struct key_type type_environment = {
	.name = "variable", .syntax = "NAME=VALUE, or NAME to copy it from the caller", .parse = environment_parse
};

/* What follows "TYPE:" is the path that get_config_item() gives. */
static const char *rootfs_path_format(struct arena *arena, const struct value *value)
{
	const char *colon = strchr(value->text, ':');

	(void)arena;
	return colon ? colon + 1 : value->text;
}

const struct key_type type_rootfs_path = {
	.name = "rootfs", .syntax = "[TYPE:]PATH; TYPE is one of dir zfs lvm rbd btrfs overlay overlayfs loop nbd",
	.parse = path_parse, .format = rootfs_path_format
};

static int rootfs_options_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	static const char *const refused[] = { "create=dir", "create=file", "optional", "relative", "idmap=", NULL };
	const char *cursor = text, *word;
	size_t length;

	(void)arena, (void)ret;
	while ((word = text_word(&cursor, ",", &length)))
		for (size_t i = 0; refused[i]; i++)
			if (strlen(refused[i]) == length && strncmp(word, refused[i], length) == 0)
				return error_set(err, 0, "'%s' is no option of a root file system", refused[i]);
	return 0;
}

const struct key_type type_rootfs_options = {
	.name = "options", .syntax = "mount options separated by commas", .parse = rootfs_options_parse
};

static int cgroup_dir_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (*text == '/' || strstr(text, ".."))
		return error_set(err, 0, "'%s' is not a path below the base cgroup", text);
	return path_parse(arena, text, ret, err);
}

const struct key_type type_cgroup_dir = {
	.name = "cgroup", .syntax = "a relative path without '..'", .parse = cgroup_dir_parse
};

static int cgroup_name_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena, (void)ret;
	if (strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return error_set(err, 0, "'%s' is not the name of one directory", text);
	return 0;
}

const struct key_type type_cgroup_name = {
	.name = "name", .syntax = "the name of one directory", .parse = cgroup_name_parse
};

static const struct offset_unit {
	const char *name;
	int64_t nanoseconds;
} offset_units[] = {
	{ "h", 3600000000000 }, { "m", 60000000000 }, { "s", 1000000000 },
	{ "ms", 1000000 }, { "us", 1000 }, { "ns", 1 },
};

static int offset_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	size_t count = sizeof offset_units / sizeof *offset_units;
	long long number;
	char *end;

	(void)arena;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text)
		return error_set(err, 0, "'%s' is not an offset", text);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(end, offset_units[i].name) != 0)
			continue;
		if (errno || __builtin_mul_overflow(number, offset_units[i].nanoseconds, &ret->number))
			return error_set(err, 0, "%s is too far", text);
		return 0;
	}
	return error_set(err, 0, "'%s' lacks its unit: h, m, s, ms, us or ns", text);
}

/* Whole seconds when they were written in seconds or more, else nanoseconds. */
static const char *offset_format(struct arena *arena, const struct value *value)
{
	const char *unit = value->text + strspn(value->text, " \t+-0123456789");
	long long number = value->number;

	if (number && (strcmp(unit, "h") == 0 || strcmp(unit, "m") == 0 || strcmp(unit, "s") == 0))
		return arena_printf(arena, "%llds", number / 1000000000);
	return arena_printf(arena, "%lldns", number);
}

const struct key_type type_offset = {
	.name = "offset", .syntax = "a number with one of the units h m s ms us ns", .parse = offset_parse,
	.format = offset_format
};

static int notify_proxy_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena, (void)ret;
	if (!text_starts(text, "unix:"))
		return error_set(err, 0, "'%s' does not begin with unix:", text);
	return length_check(text + strlen("unix:"), 107, err);
}

static const char *notify_proxy_format(struct arena *arena, const struct value *value)
{
	const char *name = value->text + strlen("unix:");

	(void)arena;
	return *name == '@' ? name + 1 : name;
}

const struct key_type type_notify_proxy = {
	.name = "socket", .syntax = "unix:/PATH or unix:@NAME", .parse = notify_proxy_parse, .format = notify_proxy_format
};
