/*
 * What an imported config may say (provision/foreign.h).  A table of keys that
 * stay within the container, with the image's table (image/filter.h) below it:
 * what stands in neither is refused, since it is root who reads it.  What the
 * lines come to together is judged by the settings that the reader makes of them.
 */
#include "provision/foreign.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/confined.h"
#include "config/grammar.h"
#include "config/lines.h"
#include "config/read.h"
#include "provision/archive.h"
#include "provision/user_map.h"
#include "image/filter.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* The lowest id of the host that a container of somebody's may have: below are the host's own users and services. */
enum { LOWEST_ID = 65536 };

static bool is_any(const char *value, const struct foreign *foreign)
{
	(void)value, (void)foreign;
	return true;
}

/* Interfaces that are made for the container; the others are the host's own, or all of them. */
static bool is_new_interface(const char *value, const struct foreign *foreign)
{
	(void)foreign;
	return strcmp(value, "veth") == 0 || strcmp(value, "empty") == 0;
}

static bool is_bridge_mode(const char *value, const struct foreign *foreign)
{
	(void)foreign;
	return strcmp(value, "bridge") == 0;
}

static bool is_high_map(const char *value, const struct foreign *foreign)
{
	unsigned long inside, outside, range;
	char kind, rest;

	(void)foreign;
	return sscanf(value, "%c %lu %lu %lu %c", &kind, &inside, &outside, &range, &rest) == 4 && outside >= LOWEST_ID &&
	       range <= 0xffffffffUL && outside + range <= 0xffffffffUL;
}

/* Import has written it, or there is to be none: what is named here is mounted, and removed by lxs-destroy. */
static bool is_own_rootfs(const char *value, const struct foreign *foreign)
{
	return foreign->rootfs && strcmp(value, foreign->rootfs) == 0;
}

/* A path in the container's own directory. */
static bool is_own_file(const char *value, const struct foreign *foreign)
{
	size_t length = strlen(foreign->directory);
	owned_str first = NULL;

	if (!text_starts(value, foreign->directory) || value[length] != '/' || path_climbs(value) || strpbrk(value, " \t"))
		return false;
	value += length + 1;
	first = strndup(value, strcspn(value, "/"));
	/* Not where the guest has links of his own. */
	return first && *first && !archive_is_reserved(first);
}

/* The profiles that every host has; another is not this one's, or none at all. */
static bool is_profile(const char *value, const struct foreign *foreign)
{
	(void)foreign;
	return strcmp(value, "generated") == 0 || strcmp(value, "lxc-container-default") == 0 ||
	       strcmp(value, "lxc-container-default-cgns") == 0;
}

static bool is_zero(const char *value, const struct foreign *foreign)
{
	(void)foreign;
	return strcmp(value, "0") == 0;
}

static bool is_one(const char *value, const struct foreign *foreign)
{
	(void)foreign;
	return strcmp(value, "1") == 0;
}

/* Keys that reach nothing but the container, besides those that an image may set. */
static const struct row {
	const char *key;
	bool (*is_good)(const char *value, const struct foreign *foreign);
} rows[] = {
	{ "lxc.rootfs.path", is_own_rootfs },
	{ "lxc.rootfs.managed", is_one },
	{ "lxc.idmap", is_high_map },             /* nobody of this host */
	{ "lxc.apparmor.profile", is_profile },
	{ "lxc.apparmor.allow_nesting", is_zero },
	{ "lxc.no_new_privs", is_one },
	{ "lxc.console.logfile", is_own_file },
	{ "lxc.log.file", is_own_file },
	{ "lxc.log.level", is_any },
	{ "lxc.console.buffer.size", is_any },    /* the reader has bounds for numbers */
	{ "lxc.console.size", is_any },
	{ "lxc.group", is_any },                  /* names for lxs-ls and autostart */
	{ "lxc.start.auto", is_any },
	{ "lxc.start.delay", is_any },
	{ "lxc.start.order", is_any },
	{ "lxc.ephemeral", is_any },
	{ "lxs.label", is_any },
	{ "lxs.net.optional", is_any },
	{ "lxc.hook.version", is_any },
	{ "lxc.monitor.signal.pdeath", is_any },
	{ "lxc.prlimit.nofile", is_any },
	{ "lxc.prlimit.nproc", is_any },
	{ "lxc.prlimit.core", is_any },
	{ "lxc.prlimit.fsize", is_any },
	{ "lxc.prlimit.stack", is_any },
	{ "lxc.time.offset.boot", is_any },
	{ "lxc.time.offset.monotonic", is_any },
	/* Files that only limit; others give (devices.allow), or take from the host (cpuset.cpus.partition, memory.min). */
	{ "lxc.cgroup.memory.limit_in_bytes", is_any },
	{ "lxc.cgroup.memory.soft_limit_in_bytes", is_any },
	{ "lxc.cgroup.memory.memsw.limit_in_bytes", is_any },
	{ "lxc.cgroup.cpu.shares", is_any },
	{ "lxc.cgroup.cpu.cfs_quota_us", is_any },
	{ "lxc.cgroup.cpu.cfs_period_us", is_any },
	{ "lxc.cgroup.cpuset.cpus", is_any },
	{ "lxc.cgroup.cpuset.mems", is_any },
	{ "lxc.cgroup.pids.max", is_any },
	{ "lxc.cgroup.blkio.weight", is_any },
	{ "lxc.cgroup2.memory.max", is_any },
	{ "lxc.cgroup2.memory.high", is_any },
	{ "lxc.cgroup2.memory.swap.max", is_any },
	{ "lxc.cgroup2.cpu.max", is_any },
	{ "lxc.cgroup2.cpu.weight", is_any },
	{ "lxc.cgroup2.pids.max", is_any },
	{ "lxc.cgroup2.cpuset.cpus", is_any },
	{ "lxc.cgroup2.cpuset.mems", is_any },
	{ "lxc.cgroup2.io.max", is_any },
	{ "lxc.cgroup2.io.weight", is_any },
	/* Of a new interface, behind its number. */
	{ "lxc.net.N.type", is_new_interface },
	{ "lxc.net.N.link", is_any },             /* a bridge: of veth only */
	{ "lxc.net.N.flags", is_any },
	{ "lxc.net.N.name", is_any },
	{ "lxc.net.N.hwaddr", is_any },
	{ "lxc.net.N.mtu", is_any },
	{ "lxc.net.N.ipv4.address", is_any },
	{ "lxc.net.N.ipv4.gateway", is_any },
	{ "lxc.net.N.ipv6.address", is_any },
	{ "lxc.net.N.ipv6.gateway", is_any },
	{ "lxc.net.N.veth.mode", is_bridge_mode },
	{ "lxc.net.N.veth.pair", is_any },
};

/* "lxc.net.N.mtu" for "lxc.net.12.mtu". */
static const char *key_row_name(struct arena *arena, const char *key)
{
	const char *number = key + strlen("lxc.net.");
	size_t digits;

	if (!text_starts(key, "lxc.net."))
		return key;
	digits = strspn(number, "0123456789");
	return digits > 0 ? arena_printf(arena, "lxc.net.N%s", number + digits) : key;
}

static bool stays_inside(struct arena *arena, const struct foreign *foreign, const char *key, const char *value)
{
	const char *name = key_row_name(arena, key);

	/* What resets may take back what confines. */
	for (size_t i = 0; *value && i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].key, name) == 0)
			return rows[i].is_good(value, foreign);
	return filter_allows(key, value);
}

/* ---- its text ---- */

/* A file that comes with every lxs, by its name in the place of templates; else as it is. */
static const char *include_here(struct arena *arena, const char *path)
{
	static const char *const shares[] = { "/share/lxs/config/", "/share/lxc/config/", "LXC_TEMPLATE_CONFIG/" };

	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		const char *found = strstr(path, shares[i]), *name = found ? found + strlen(shares[i]) : NULL;

		if (name && *name && !strchr(name, '/') && access(arena_printf(arena, PKGDATADIR "/config/%s", name), R_OK) == 0)
			return name;
	}
	return NULL;
}

struct rewriting {
	struct arena *arena;
	const struct foreign *foreign;
	struct buffer text, refused;
	size_t refusals;
};

static void rewriting_done(struct rewriting *at)
{
	buffer_done(&at->text);
	buffer_done(&at->refused);
}

static void refuse(struct rewriting *at, const char *line)
{
	if (at->refusals++ < 8)
		buffer_printf(&at->refused, "%s%s", at->refused.length > 0 ? "; " : "", line);
}

static void assignment_add(struct rewriting *at, const struct config_line *line)
{
	const char *key = arena_strndup(at->arena, line->key, line->key_length);
	const char *value = arena_strndup(at->arena, line->value, line->value_length), *name;

	if (strcmp(key, "lxc.idmap") == 0 && at->foreign->ids)
		return;
	if (strcmp(key, "lxc.include") == 0 && (name = include_here(at->arena, value))) {
		value = arena_printf(at->arena, "LXC_TEMPLATE_CONFIG/%s", name);
		buffer_printf(&at->text, "lxc.include = " PKGDATADIR "/config/%s\n", name);
	} else if (strcmp(key, "lxc.environment") == 0 && !at->foreign->trust) {
		/* Of init only: hooks of this host would be run with it. */
		buffer_printf(&at->text, "lxc.environment.runtime = %s\n", settings_quote(at->arena, value));
	} else {
		buffer_add(&at->text, line->whole, line->whole_length);
	}
	if (!at->foreign->trust && !stays_inside(at->arena, at->foreign, key, value))
		refuse(at, arena_strndup(at->arena, line->text, line->length));
}

static void line_add(struct rewriting *at, const struct config_line *line)
{
	if (line->kind == LINE_ASSIGNS) {
		assignment_add(at, line);
		return;
	}
	buffer_add(&at->text, line->whole, line->whole_length);
	if (line->kind == LINE_BROKEN && !at->foreign->trust)
		refuse(at, arena_strndup(at->arena, line->text, line->length));
}

/* What it comes to: the container's root may be the host's, and then something has to take its rights away. */
static int check_whole(struct rewriting *at, struct error *err)
{
	owned_settings settings = settings_new();
	owned_error why = ERROR_INIT;

	if (settings_read_text(settings, arena_printf(at->arena, "%s/config", at->foreign->directory), buffer_text(&at->text),
			       NULL, err) < 0)
		return -1;
	if (confined_check_here(settings, &why) < 0)
		refuse(at, why.message);
	return 0;
}

static int ids_add(struct rewriting *at, struct error *err)
{
	if (at->text.length > 0 && at->text.text[at->text.length - 1] != '\n')
		buffer_puts(&at->text, "\n");
	for (const char *kind = "ug"; at->foreign->ids && *kind; kind++) {
		const char *value = user_map_value(at->arena, at->foreign->ids, *kind, err);

		if (!value)
			return -1;
		buffer_printf(&at->text, "lxc.idmap = %s\n", value);
	}
	return 0;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text) && *text != '\t' && *text != '\n')
			return false;
	return true;
}

static const char *result(struct rewriting *at, struct error *err)
{
	if (at->refusals == 0)
		return arena_strdup(at->arena, buffer_text(&at->text));
	error_set(err, 0, "its config reaches beyond the container: %s%s", buffer_text(&at->refused),
		  at->refusals > 8 ? " and more" : "");
	error_hint(err, "--trust takes it as it is, when you know where the archive comes from");
	return NULL;
}

const char *foreign_config(struct arena *arena, const struct foreign *foreign, const char *text, struct error *err)
{
	__attribute__((cleanup(rewriting_done))) struct rewriting at = { .arena = arena, .foreign = foreign };
	struct config_line line;

	/* What a terminal or another parser would understand differently. */
	if (!foreign->trust && !is_plain(text)) {
		error_set(err, 0, "its config has control characters");
		return NULL;
	}
	while (line_next(&text, &line))
		line_add(&at, &line);
	if (ids_add(&at, err) < 0 || (!foreign->trust && at.refusals == 0 && check_whole(&at, err) < 0))
		return NULL;
	return result(&at, err);
}
