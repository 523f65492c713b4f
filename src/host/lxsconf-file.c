/*
 * Reads lxs.conf by libconfuse (host/lxsconf-file.h).  LXC's lines `lxc.KEY =
 * VALUE` have neither quotes nor escapes, and the first of two wins; so a pass
 * before the parser turns each into a quoted assignment and leaves out the
 * repeated ones.  All other lines, such as sections, are libconfuse's own.
 */
#include "host/lxsconf-file.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

static const char *const names[] = {
	"lxc.lxcpath", "lxc.default_config", "lxc.bdev.lvm.vg", "lxc.bdev.lvm.thin_pool", "lxc.bdev.zfs.root",
	"lxc.bdev.rbd.rbdpool", "lxc.bdev.rbd.rbduser", "lxc.cgroup.use", "lxc.cgroup.pattern",
};

enum { NAMES = sizeof names / sizeof *names };

/* The number in names[] of a line of LXC's kind, and where its value starts; NAMES for any other line. */
static size_t lxc_line(const char *line, size_t length, const char **value)
{
	const char *start = line + strspn(line, " \t"), *end;

	for (size_t i = 0; i < NAMES; i++) {
		if (!text_starts(start, names[i]))
			continue;
		end = start + strlen(names[i]);
		end += strspn(end, " \t");
		if (end >= line + length || *end != '=')
			continue;
		*value = end + 1 + strspn(end + 1, " \t");
		return i;
	}
	return NAMES;
}

static void add_quoted(struct buffer *out, const char *name, const char *value, size_t length)
{
	buffer_printf(out, "%s = \"", name);
	for (size_t i = 0; i < length; i++) {
		if (value[i] == '"' || value[i] == '\\' || value[i] == '$')
			buffer_puts(out, "\\");
		buffer_add(out, &value[i], 1);
	}
	buffer_puts(out, "\"");
}

static void quote_lxc_lines(const char *text, struct buffer *out)
{
	bool seen[NAMES] = { false };

	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *value = NULL;
		size_t name = lxc_line(text, length, &value);

		/*
		 * LXC passes over names it does not know, so they are dropped;
		 * their newlines stay, so that line numbers are true.
		 */
		if (name == NAMES && !text_starts(text + strspn(text, " \t"), "lxc."))
			buffer_add(out, text, length);
		if (name < NAMES && value < text + length && !seen[name]) {
			add_quoted(out, names[name], value, (size_t)(text + length - value));
			seen[name] = true;
		}
		buffer_puts(out, "\n");
		text += length + (text[length] != '\0');
	}
}

/* libconfuse would print; what failed is told by the caller, with the line. */
static void stay_silent(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg, (void)format, (void)args;
}

static int parse(const char *path, const char *text, const char *key, char **ret, struct error *err)
{
	/* Sections are for the image store and the clock (clockconf.c); here they only have to be in order. */
	cfg_opt_t section[] = { CFG_STR("__unknown", NULL, CFGF_NONE), CFG_END() };
	cfg_opt_t options[NAMES + 4];
	const char *found;
	cfg_t *cfg;

	for (size_t i = 0; i < NAMES; i++)
		options[i] = (cfg_opt_t)CFG_STR(names[i], NULL, CFGF_NONE);
	options[NAMES] = (cfg_opt_t)CFG_STR("__unknown", NULL, CFGF_NONE);
	options[NAMES + 1] = (cfg_opt_t)CFG_SEC("remote", section, CFGF_MULTI | CFGF_TITLE | CFGF_IGNORE_UNKNOWN);
	options[NAMES + 2] = (cfg_opt_t)CFG_SEC("clock", section, CFGF_MULTI | CFGF_IGNORE_UNKNOWN);
	options[NAMES + 3] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(options, CFGF_IGNORE_UNKNOWN);
	if (!cfg)
		return error_set(err, ENOMEM, "cannot read %s", path);
	cfg_set_error_function(cfg, stay_silent);
	if (cfg_parse_buf(cfg, text) != CFG_SUCCESS) {
		error_set(err, 0, "%s:%d: not understood", path, cfg->line);
		cfg_free(cfg);
		return error_hint(err, "lines are lxc.KEY = VALUE, or sections: remote NAME { ... }");
	}
	found = cfg_getstr(cfg, key);
	*ret = found && *found ? strdup(found) : NULL;
	cfg_free(cfg);
	return 0;
}

int lxsconf_file_get(const char *path, const char *key, char **ret, struct error *err)
{
	owned_buffer quoted = { 0 };
	owned_str text = NULL;
	size_t length;

	if (file_read(path, &text, &length, err) < 0)
		return -1;
	quote_lxc_lines(text, &quoted);
	return parse(path, buffer_text(&quoted), key, ret, err);
}
