/*
 * Rewrites a config for a copy (provision/copy_text.h).  By lines, because
 * what an include says is not the copy's to change, and comments stay.
 */
#include "provision/copy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config/grammar.h"
#include "lib/own.h"
#include "lib/text.h"

enum { HWADDR_LENGTH = 17 };

/* A path may begin after any of these, and ends before them. */
static bool is_border(char c)
{
	return strchr(" \t=:,;'\"()", c) != NULL;
}

/* Where a path into `directory` begins in the text; NULL: nowhere. */
static const char *find_path(const char *text, const char *start, const char *directory)
{
	size_t length = strlen(directory);

	for (const char *at = start; (at = strstr(at, directory)); at += length)
		if ((at == text || is_border(at[-1])) && (at[length] == '/' || is_border(at[length])))
			return at;
	return NULL;
}

static void add_rewritten(struct buffer *out, const char *value, const char *from, const char *to)
{
	const char *at = value, *found;

	while ((found = find_path(value, at, from))) {
		buffer_add(out, at, (size_t)(found - at));
		buffer_puts(out, to);
		at = found + strlen(from);
	}
	buffer_puts(out, at);
}

char *copy_text_path(const char *value, const char *from, const char *to)
{
	struct buffer out = { 0 };

	add_rewritten(&out, value, from, to);
	return out.text ? out.text : strdup("");
}

/* LXC's block of addresses; what comes after it is random. */
static void add_hwaddr(struct buffer *out)
{
	unsigned char random[3] = { 0 };

	if (getrandom(random, sizeof random, 0) != sizeof random)
		random[0] = 1;
	buffer_printf(out, "10:66:6a:%02x:%02x:%02x", random[0], random[1], random[2]);
}

static bool is_hwaddr(const struct config_line *line)
{
	static const char end[] = ".hwaddr";
	size_t length = sizeof end - 1;

	return line->key_length > length && strncmp(line->key, "lxc.net.", 8) == 0 &&
	       strncmp(line->key + line->key_length - length, end, length) == 0;
}

/* An address with `xx` in it is new at each start anyway. */
static bool is_whole_hwaddr(const char *value)
{
	size_t length;
	const char *start = text_bounds(value, &length);

	return length == HWADDR_LENGTH && !memchr(start, 'x', length) && !memchr(start, 'X', length);
}

/* What stands before the value. */
static void add_key(struct buffer *out, const struct config_line *line)
{
	buffer_add(out, line->whole, (size_t)(line->value - line->whole));
}

/* What stands behind the value: a quote perhaps, and the end of the line. */
static void add_end(struct buffer *out, const struct config_line *line)
{
	const char *end = line->value + line->value_length;

	buffer_add(out, end, (size_t)(line->whole + line->whole_length - end));
}

/* Files that a copy gets its own of (provision/copy_files.h), makes, or writes. */
static bool is_own_file(const struct config_line *line)
{
	static const char *const keys[] = {
		"lxc.mount.fstab", "lxc.seccomp.profile", "lxs.seccomp.profile", "lxc.console.logfile", "lxc.log.file",
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (line_has_key(line, keys[i]))
			return true;
	if (strncmp(line->key, "lxc.hook.", 9) == 0)
		return true;
	return line_has_key(line, "lxc.mount.entry") && memmem(line->value, line->value_length, "upperdir=", 9);
}

/* What is said once at the end: the first line of its kind is where it stands, further ones go. */
static void add_once(struct buffer *out, const char *key, const char *value, bool *said)
{
	if (!*said)
		buffer_printf(out, "%s = %s\n", key, value);
	*said = true;
}

struct said { bool rootfs, name; };

static void add_line(struct buffer *out, const struct config_line *line, const struct copy_text *how, struct said *said)
{
	owned_str value = NULL;
	bool assigns = line->kind == LINE_ASSIGNS;

	if (how->rootfs && line_has_key(line, "lxc.rootfs.path")) {
		add_once(out, "lxc.rootfs.path", how->rootfs, &said->rootfs);
		return;
	}
	if (how->name && line_has_key(line, "lxc.uts.name")) {
		add_once(out, "lxc.uts.name", how->name, &said->name);
		return;
	}
	value = assigns ? strndup(line->value, line->value_length) : NULL;
	if (assigns && !value)
		return;
	if (assigns && how->new_hwaddr && is_hwaddr(line) && is_whole_hwaddr(value)) {
		add_key(out, line);
		add_hwaddr(out);
		add_end(out, line);
	} else if (assigns && (how->every_path || is_own_file(line))) {
		add_key(out, line);
		add_rewritten(out, value, how->from, how->to);
		add_end(out, line);
	} else {
		buffer_add(out, line->whole, line->whole_length);
	}
}

char *copy_text(const char *config, const struct copy_text *how)
{
	struct buffer out = { 0 };
	struct said said = { .rootfs = !how->rootfs, .name = !how->name };
	struct config_line line;

	while (line_next(&config, &line))
		add_line(&out, &line, how, &said);
	/* The last line of a file may have no end. */
	if (out.length > 0 && out.text[out.length - 1] != '\n')
		buffer_puts(&out, "\n");
	add_once(&out, "lxc.rootfs.path", how->rootfs, &said.rootfs);
	add_once(&out, "lxc.uts.name", how->name, &said.name);
	if (how->more)
		buffer_puts(&out, how->more);
	return out.text ? out.text : strdup("");
}
