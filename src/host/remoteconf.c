/*
 * Reads image servers (host/remoteconf.h), by libconfuse.  Apart from
 * lxsconf-file.c since nobody but the image store asks for them.  Called by
 * image/remote.c.
 */
#include "host/remoteconf.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>

#include "host/sections.h"
#include "lib/file.h"
#include "lib/own.h"

/* libconfuse would print; what failed is told by the caller, with the line. */
static void stay_silent(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg, (void)format, (void)args;
}

/* Where the parser stopped: a section counts its own lines. */
static int last_line(cfg_t *cfg)
{
	int line = cfg->line;

	for (unsigned i = 0; i < cfg_size(cfg, "remote"); i++)
		if (cfg_getnsec(cfg, "remote", i)->line > line)
			line = cfg_getnsec(cfg, "remote", i)->line;
	return line;
}

static const char *text_of(struct arena *arena, cfg_t *section, const char *name)
{
	const char *text = cfg_getstr(section, name);

	return text && *text ? arena_strdup(arena, text) : NULL;
}

static void take(struct arena *arena, cfg_t *section, struct remote_section *ret)
{
	unsigned count = cfg_size(section, "mirrors");

	*ret = (struct remote_section){
		.url = text_of(arena, section, "url"),
		.format = text_of(arena, section, "format"),
		.keyring = text_of(arena, section, "keyring"),
		.fingerprint = text_of(arena, section, "fingerprint"),
		.mirrors = arena_alloc(arena, (count + 1) * sizeof *ret->mirrors),
	};
	for (unsigned i = 0; i < count; i++)
		ret->mirrors[i] = arena_strdup(arena, cfg_getnstr(section, "mirrors", i));
}

static int parse(const char *path, const char *text, const char *name, struct arena *arena, struct remote_section *ret,
		 struct error *err)
{
	cfg_opt_t words[] = {
		CFG_STR("url", NULL, CFGF_NONE),          CFG_STR("format", "lxc", CFGF_NONE),
		CFG_STR("keyring", NULL, CFGF_NONE),      CFG_STR("fingerprint", NULL, CFGF_NONE),
		CFG_STR_LIST("mirrors", NULL, CFGF_NONE), CFG_END(),
	};
	cfg_opt_t options[] = { CFG_SEC("remote", words, CFGF_MULTI | CFGF_TITLE), CFG_END() };
	cfg_t *cfg = cfg_init(options, CFGF_NONE), *section;
	int answer = -1;

	if (!cfg)
		return error_set(err, ENOMEM, "cannot read %s", path);
	cfg_set_error_function(cfg, stay_silent);
	if (cfg_parse_buf(cfg, text) == CFG_SUCCESS) {
		section = cfg_gettsec(cfg, "remote", name);
		if (section)
			take(arena, section, ret);
		answer = section ? 1 : 0;
	} else {
		error_set(err, 0, "%s:%d: not understood", path, last_line(cfg));
		error_hint(err, "remote NAME { url = \"https://...\" } also takes format, keyring, fingerprint, mirrors");
	}
	cfg_free(cfg);
	return answer;
}

int remoteconf_read(const char *path, const char *name, struct arena *arena, struct remote_section *ret,
		    struct error *err)
{
	owned_buffer sections = { 0 };
	owned_str text = NULL;
	size_t length;

	if (file_read(path, &text, &length, err) < 0)
		return -1;
	sections_take(text, "remote", &sections);
	buffer_puts(&sections, "\n");
	return parse(path, buffer_text(&sections), name, arena, ret, err);
}
