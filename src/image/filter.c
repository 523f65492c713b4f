/* The table of what an image may set (image/filter.h).  Apart because it is the border: every row says why it is safe. */
#include "image/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/grammar.h"
#include "config/lines.h"
#include "lib/file.h"
#include "lib/own.h"

enum { LONGEST_LINE = 1024, TAIL = sizeof ".common.conf" - 1 };

static bool is_made_of(const char *text, const char *more)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(more, *text))
			return false;
	return true;
}

static bool is_number(const char *value)
{
	return *value && strlen(value) < 7 && strspn(value, "0123456789") == strlen(value);
}

static bool is_word(const char *value)
{
	return *value && is_made_of(value, "_+-.");
}

static bool is_words(const char *value)
{
	return *value && is_made_of(value, "_ ");
}

static bool is_text(const char *value)
{
	return *value != '\0';
}

static bool is_one(const char *value)
{
	return strcmp(value, "1") == 0;
}

/* A directory below /dev of the container, or none. */
static bool is_tty_dir(const char *value)
{
	return is_made_of(value, "_-");
}

/* Those of ours that confine; others loosen (nesting.conf), and what is elsewhere is not the image's to name. */
static bool is_include(const char *value)
{
	static const char directory[] = "LXC_TEMPLATE_CONFIG/";
	owned_str path = NULL;
	const char *name = value + strlen(directory);
	size_t length;

	if (!text_starts(value, directory) || !is_word(name))
		return false;
	length = strlen(name);
	if (strcmp(name, "common.conf") != 0 && strcmp(name, "userns.conf") != 0 &&
	    (length <= TAIL || (strcmp(name + length - TAIL, ".common.conf") != 0 &&
				strcmp(name + length - TAIL, ".userns.conf") != 0)))
		return false;
	return asprintf(&path, PKGDATADIR "/config/%s", name) >= 0 && access(path, R_OK) == 0;
}

/* proc, sys and cgroups at most as open as common.conf has them. */
static bool is_auto_mount(const char *value)
{
	static const char *const allowed[] = { "proc", "proc:mixed", "sys:mixed", "sys:ro", "cgroup:mixed", "cgroup:ro", NULL };
	size_t length;
	const char *word;

	/* An empty value would take back what common.conf mounts. */
	if (!*value)
		return false;
	while ((word = text_word(&value, " \t", &length))) {
		const char *const *row = allowed;

		while (*row && (strlen(*row) != length || strncmp(*row, word, length) != 0))
			row++;
		if (!*row)
			return false;
	}
	return true;
}

/* A path below the root file system: relative, or behind the word for the root. */
static bool is_target(const char *path)
{
	if (text_starts(path, "LXC_ROOTFS/"))
		path += strlen("LXC_ROOTFS/");
	return *path != '\0' && *path != '/' && is_made_of(path, "_+-./") && !path_climbs(path);
}

static bool is_mount_option(const char *option)
{
	static const char *const words[] = { "defaults", "optional", "create=dir", "nosuid", "nodev", "noexec", "ro", "rw",
					     "relatime", "noatime", NULL };
	static const char *const numbers[] = { "size=", "mode=", "nr_inodes=", "uid=", "gid=", NULL };

	for (const char *const *row = words; *row; row++)
		if (strcmp(*row, option) == 0)
			return true;
	for (const char *const *row = numbers; *row; row++)
		if (text_starts(option, *row))
			return is_made_of(option + strlen(*row), "%");
	return false;
}

/* A new file system that holds nothing of the host's, on a place inside. */
static bool is_mount(const char *value)
{
	owned_str copy = strdup(value);
	char *rest = copy, *fields[6] = { NULL }, *option;
	int count = 0;

	for (char *word; copy && (word = strsep(&rest, " \t"));) {
		if (*word && count == 6)
			return false;
		if (*word)
			fields[count++] = word;
	}
	if (count < 4 || strchr(fields[0], '/') || !is_target(fields[1]) ||
	    (strcmp(fields[2], "tmpfs") != 0 && strcmp(fields[2], "mqueue") != 0))
		return false;
	while ((option = strsep(&fields[3], ",")))
		if (!is_mount_option(option))
			return false;
	return (!fields[4] || is_number(fields[4])) && (!fields[5] || is_number(fields[5]));
}

/* A bare name would take the value that whoever starts the container has. */
static bool is_variable(const char *value)
{
	return is_text(value) && *value != '=' && strchr(value, '=');
}

/* Keys an image may set, and what keeps each from reaching beyond the container. */
static const struct row {
	const char *key;
	bool (*is_good)(const char *value);
} allowed[] = {
	{ "lxc.include", is_include },        /* files of ours, of those that confine */
	{ "lxc.arch", is_word },              /* which system call table the guest sees */
	{ "lxc.uts.name", is_word },          /* our own line follows and wins */
	{ "lxc.environment", is_variable },   /* written as lxc.environment.runtime: of init only, never of hooks */
	{ "lxc.environment.runtime", is_variable },
	{ "lxc.init.cmd", is_text },          /* looked up and run inside */
	{ "lxc.execute.cmd", is_text },       /* the same */
	{ "lxc.init.cwd", is_text },          /* opened inside */
	{ "lxc.signal.halt", is_word },       /* sent to the container's init only */
	{ "lxc.signal.reboot", is_word },
	{ "lxc.signal.stop", is_word },
	{ "lxc.tty.max", is_number },         /* a number of terminals */
	{ "lxc.pty.max", is_number },
	{ "lxc.tty.dir", is_tty_dir },        /* a name below the container's /dev */
	{ "lxc.autodev", is_one },            /* a /dev of its own; 0 would use the image's */
	{ "lxc.cap.drop", is_words },         /* takes rights away; an empty value would give back all */
	{ "lxc.mount.auto", is_auto_mount },  /* the forms that confine */
	{ "lxc.mount.entry", is_mount },      /* file systems in memory, inside */
};

/* Why not, for keys that images in the wild do set; the first that begins alike. */
static const struct { const char *key, *why; } reasons[] = {
	{ "lxc.hook", "hooks are programs on the host" },
	{ "lxc.include", "only common.conf, userns.conf and the like that lxs has itself may be included" },
	{ "lxc.mount.entry", "an image may only ask for file systems in memory, at places inside" },
	{ "lxc.mount", "an image may not mount what is the host's" },
	{ "lxc.rootfs", "the place of its files is not the image's to choose" },
	{ "lxc.idmap", "whose ids it uses is not the image's to choose" },
	{ "lxc.apparmor", "an image may not loosen its confinement" },
	{ "lxc.selinux", "an image may not loosen its confinement" },
	{ "lxc.seccomp", "an image may not loosen its confinement" },
	{ "lxc.cap", "an image may only drop more capabilities, by name" },
	{ "lxc.net", "networks are the administrator's to choose" },
	{ "lxc.cgroup", "limits and devices are the administrator's to choose" },
	{ "", "not a setting that an image may bring" },
};

bool filter_allows(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (strcmp(allowed[i].key, key) == 0)
			return allowed[i].is_good(value);
	return false;
}

static const char *reason_for(const char *key)
{
	size_t i = 0;

	while (!text_starts(key, reasons[i].key))
		i++;
	return reasons[i].why;
}

/* Nothing that a terminal or another parser would understand differently. */
static bool is_plain(const struct config_line *line)
{
	for (size_t i = 0; i < line->length; i++)
		if (iscntrl((unsigned char)line->text[i]) && line->text[i] != '\t')
			return false;
	return true;
}

struct filtering {
	struct arena *arena;
	struct buffer *out, *refused;
};

static void config_judge(const struct filtering *filtering, const struct config_line *line)
{
	const char *key, *value;

	if (line->kind != LINE_ASSIGNS) {
		buffer_puts(filtering->refused, "a line: it sets no key\n");
		return;
	}
	key = arena_strndup(filtering->arena, line->key, line->key_length);
	value = arena_strndup(filtering->arena, line->value, line->value_length);
	if (filter_allows(key, value))
		buffer_printf(filtering->out, "%s = %s\n", strcmp(key, "lxc.environment") == 0 ? "lxc.environment.runtime" : key,
			      settings_quote(filtering->arena, value));
	else
		buffer_printf(filtering->refused, "%s: %s\n", is_word(key) ? key : "a key", reason_for(key));
}

static void fstab_judge(const struct filtering *filtering, const struct config_line *line)
{
	const char *text = arena_strndup(filtering->arena, line->text, line->length);

	if (is_mount(text))
		buffer_printf(filtering->out, "%s\n", text);
	else
		buffer_printf(filtering->refused, "fstab: %s\n", reason_for("lxc.mount.entry"));
}

/* A line of an fstab is empty, or a comment, where one of a config is. */
static void filter(const char *text, void (*judge)(const struct filtering *filtering, const struct config_line *line),
		   struct buffer *out, struct buffer *refused)
{
	owned_arena arena = arena_new();
	const struct filtering filtering = { arena, out, refused };
	struct config_line line;

	while (line_next(&text, &line)) {
		if (line.kind == LINE_EMPTY)
			continue;
		if (line.length > LONGEST_LINE || !is_plain(&line))
			buffer_puts(refused, "a line: too long, or with control characters\n");
		else
			judge(&filtering, &line);
	}
}

void filter_config(const char *text, struct buffer *out, struct buffer *refused)
{
	filter(text, config_judge, out, refused);
}

void filter_fstab(const char *text, struct buffer *out, struct buffer *refused)
{
	filter(text, fstab_judge, out, refused);
}
