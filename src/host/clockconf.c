/*
 * Reads who owns the clock (clockconf.h), by libconfuse.  Apart from
 * lxsconf-file.c since it is a section with types of its own, read at the
 * start of one container.  Called by launch/clock.c and commands/clock.c.
 */
#include "host/clockconf.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/sections.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

#define ROOT_CONF SYSCONFDIR "/lxs/lxs.conf"

/* What lets chronyd and ntpd do what they do with settings of their own; the kernel's own greatest rate. */
#define USUAL_STEP 1000.0
#define USUAL_SLEW 100000.0

/* libconfuse would print; what failed is told by the caller, with the line. */
static void stay_silent(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg, (void)format, (void)args;
}

static int number_take(cfg_t *section, const char *name, double greatest, double unit, int64_t *ret, const char *path,
		       struct error *err)
{
	double number = cfg_getfloat(section, name);

	if (!(number >= 0 && number <= greatest))
		return error_set(err, 0, "%s: clock: %s must be a number from 0 to %g", path, name, greatest);
	*ret = (int64_t)(number * unit + 0.5);
	return 0;
}

static int user_take(const char *name, uid_t *ret, const char *path, struct error *err)
{
	const struct passwd *entry;

	*ret = 0;
	if (!name || !*name)
		return 0;
	entry = getpwnam(name);
	if (!entry)
		return error_set(err, 0, "%s: clock: there is no user '%s'", path, name);
	*ret = entry->pw_uid;
	return 0;
}

static int section_take(struct arena *arena, cfg_t *section, const char *path, struct clock_grant *ret, struct error *err)
{
	const char *owner = cfg_getstr(section, "owner"), *record = cfg_getstr(section, "record");

	*ret = (struct clock_grant){ 0 };
	if (!owner || !*owner)
		return error_set(err, 0, "%s: clock: owner must name a container", path);
	if (record && *record && *record != '/')
		return error_set(err, 0, "%s: clock: record must be an absolute path, not '%s'", path, record);
	if (user_take(cfg_getstr(section, "user"), &ret->user, path, err) < 0 ||
	    number_take(section, "max_step", 1e9, 1e9, &ret->max_step, path, err) < 0 ||
	    number_take(section, "max_slew", USUAL_SLEW, 1e3, &ret->max_slew, path, err) < 0)
		return -1;
	ret->owner = arena_strdup(arena, owner);
	ret->record = record && *record ? arena_strdup(arena, record) : NULL;
	return CLOCK_GRANTED;
}

static int parse(struct arena *arena, const char *path, const char *text, struct clock_grant *ret, struct error *err)
{
	cfg_opt_t clock[] = {
		CFG_STR("owner", NULL, CFGF_NONE), CFG_STR("user", NULL, CFGF_NONE), CFG_STR("record", NULL, CFGF_NONE),
		CFG_FLOAT("max_step", USUAL_STEP, CFGF_NONE), CFG_FLOAT("max_slew", USUAL_SLEW, CFGF_NONE), CFG_END(),
	};
	cfg_opt_t options[] = { CFG_SEC("clock", clock, CFGF_MULTI), CFG_END() };
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	int answer = CLOCK_NOT_GRANTED;

	if (!cfg)
		return error_set(err, ENOMEM, "cannot read %s", path);
	cfg_set_error_function(cfg, stay_silent);
	if (cfg_parse_buf(cfg, text) != CFG_SUCCESS) {
		unsigned count = cfg_size(cfg, "clock");

		error_set(err, 0, "%s:%d: not understood", path, count ? cfg_getnsec(cfg, "clock", count - 1)->line : cfg->line);
		error_hint(err, "a section is clock { owner = \"NAME\" }, with user, max_step, max_slew and record");
		answer = -1;
	} else if (cfg_size(cfg, "clock") > 1) {
		answer = error_set(err, 0, "%s: the clock can have one owner only, and there are %u sections clock", path,
				   cfg_size(cfg, "clock"));
	} else if (cfg_size(cfg, "clock") == 1) {
		answer = section_take(arena, cfg_getnsec(cfg, "clock", 0), path, ret, err);
	}
	cfg_free(cfg);
	return answer;
}

int clock_grant_read_from(struct arena *arena, const char *path, struct clock_grant *ret, struct error *err)
{
	owned_fd file = open(path, O_RDONLY | O_CLOEXEC);
	owned_buffer sections = { 0 };
	owned_str text = NULL;
	struct stat status;
	size_t length;

	if (file < 0 && errno == ENOENT)
		return CLOCK_NOT_GRANTED;
	if (file < 0 || fstat(file, &status) < 0 || file_read_fd(file, path, &text, &length, err) < 0)
		return err->message ? -1 : error_set(err, errno, "cannot read %s", path);
	if (status.st_uid != 0 || status.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, 0, "%s must belong to root, and nobody else may write it", path);
	sections_take(text, "clock", &sections);
	return parse(arena, path, buffer_text(&sections), ret, err);
}

int clock_grant_read(struct arena *arena, struct clock_grant *ret, struct error *err)
{
	return clock_grant_read_from(arena, ROOT_CONF, ret, err);
}

/* The name of a user, for what is to be written. */
static const char *user_line(struct arena *arena, uid_t user)
{
	const struct passwd *entry = user ? getpwuid(user) : NULL;

	return entry ? arena_printf(arena, " user = \"%s\"", entry->pw_name) : "";
}

int clock_grant_check(struct arena *arena, const char *name, uid_t user, struct clock_grant *ret, struct error *err)
{
	int answer = clock_grant_read(arena, ret, err);

	if (answer < 0)
		return -1;
	if (answer == CLOCK_GRANTED && strcmp(ret->owner, name) == 0 && ret->user == user)
		return 0;
	if (answer == CLOCK_NOT_GRANTED)
		error_set(err, 0, "no container of this host may own the clock");
	else
		error_set(err, 0, "the clock of this host is not for %s%s", name,
			  strcmp(ret->owner, name) == 0 ? " of this user" : "");
	return error_hint(err, "the administrator allows it by a section in " ROOT_CONF ": clock { owner = \"%s\"%s }", name,
			  user_line(arena, user));
}
