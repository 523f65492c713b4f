/*
 * From an image's settings to lines of a config (image/oci-config.h).  The
 * image is a stranger: a value with a line break would be a line of its own,
 * so nothing with control characters gets into the config.
 */
#include "image/oci-config.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/own.h"
#include "lib/rootfs.h"

enum { ACCOUNTS_SIZE = 1024 * 1024 };

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* The grammar takes one pair of quotes off a value, and blanks at its ends: such values are put into quotes. */
static void line_put(struct buffer *config, const char *key, const char *value)
{
	size_t length = strlen(value);
	bool quoted = length == 0 || strchr("'\" \t", value[0]) || strchr(" \t", value[length - 1]);

	buffer_printf(config, "%s = %s%s%s\n", key, quoted ? "\"" : "", value, quoted ? "\"" : "");
}

static void line_take(struct buffer *config, struct buffer *refused, const char *key, const char *what, const char *value)
{
	if (has_control(value))
		buffer_printf(refused, "%s: has control characters\n", what);
	else
		line_put(config, key, value);
}

/* ---- the command ---- */

/* LXC's words have quotes, but no way to write a quote of the same kind inside; false: it cannot be written. */
static bool word_put(struct buffer *line, const char *word)
{
	char quote = strchr(word, '"') ? '\'' : '"';

	if (has_control(word) || strchr(word, quote))
		return false;
	buffer_printf(line, "%s%c%s%c", line->length > 0 ? " " : "", quote, word, quote);
	return true;
}

static void command_put(const struct oci_image *image, struct buffer *config, struct buffer *refused)
{
	static const char *const shell[] = { "/bin/sh", NULL };
	const char *const *lists[] = { image->entrypoint, image->command };
	owned_buffer line = { 0 };

	if (!*image->entrypoint && !*image->command)
		lists[0] = shell;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const char *const *word = lists[i]; *word; word++)
			if (!word_put(&line, *word)) {
				buffer_puts(refused, "the command: a word of it has both kinds of quotes, or control characters; "
						     "set lxc.execute.cmd and lxc.init.cmd\n");
				return;
			}
	/* One pair of quotes around the whole is taken off by the reader. */
	buffer_printf(config, "lxc.execute.cmd = '%s'\nlxc.init.cmd = '%s'\n", buffer_text(&line), buffer_text(&line));
}

/* ---- whom it runs as ---- */

static bool number_parse(const char *text, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && errno == 0 && *ret < 0xffffffffUL;
}

/* The line of an accounts file (fields split in place) whose field `which` is `wanted`; false: there is none. */
static bool account_find(char *text, int which, const char *wanted, char *fields[4])
{
	for (char *line; (line = strsep(&text, "\n"));) {
		int count = 0;

		memset(fields, 0, 4 * sizeof *fields);
		while (count < 4 && (fields[count] = strsep(&line, ":")))
			count++;
		if (count > which && strcmp(fields[which], wanted) == 0)
			return true;
	}
	return false;
}

static char *accounts_read(int root, const char *path)
{
	char *text = malloc(ACCOUNTS_SIZE);

	if (text && rootfs_read(root, path, text, ACCOUNTS_SIZE) < 0)
		*text = '\0';
	return text;
}

static int group_find(int root, const char *group, unsigned long *gid, struct error *err)
{
	owned_str groups = accounts_read(root, "etc/group");
	char *fields[4];

	if (number_parse(group, gid))
		return 0;
	if (groups && account_find(groups, 0, group, fields) && fields[2] && number_parse(fields[2], gid))
		return 0;
	return error_set(err, 0, "the image wants to run as the group '%s', which its /etc/group does not have", group);
}

/* "USER", "UID", with ":GROUP" or ":GID" behind it or not. */
static int user_put(const char *user, int root, struct buffer *config, struct error *err)
{
	owned_str accounts = accounts_read(root, "etc/passwd");
	owned_str name = strndup(user, strcspn(user, ":"));
	const char *group = strchr(user, ':');
	unsigned long uid = 0, gid = 0;
	char *fields[4];
	bool numeric, found;

	if (!accounts || !name)
		return error_set(err, ENOMEM, "cannot read the image's users");
	numeric = number_parse(name, &uid);
	found = account_find(accounts, numeric ? 2 : 0, name, fields);
	if (!numeric && (!found || !fields[2] || !number_parse(fields[2], &uid)))
		return error_set(err, 0, "the image wants to run as the user '%s', whom its /etc/passwd does not have", name);
	if (found && (!fields[3] || !number_parse(fields[3], &gid)))
		gid = 0;
	if (group && group_find(root, group + 1, &gid, err) < 0)
		return -1;
	buffer_printf(config, "lxc.init.uid = %lu\nlxc.init.gid = %lu\n", uid, gid);
	return 0;
}

/* ---- the rest ---- */

static void environment_put(const struct oci_image *image, struct buffer *config, struct buffer *refused)
{
	bool has_path = false;

	for (const char *const *entry = image->environment; *entry; entry++) {
		owned_buffer what = { 0 };

		/* A bare name would take the value of whoever starts the container. */
		if (!strchr(*entry, '=') || **entry == '=')
			continue;
		has_path = has_path || strncmp(*entry, "PATH=", strlen("PATH=")) == 0;
		buffer_printf(&what, "the variable %.*s", (int)strcspn(*entry, "="), *entry);
		line_take(config, refused, "lxc.environment.runtime", buffer_text(&what), *entry);
	}
	if (!has_path)
		line_put(config, "lxc.environment.runtime", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

/* "SIGTERM", "TERM" or "15"; real-time ones as LXC writes them. */
static void signal_put(const char *signal, struct buffer *config, struct buffer *refused)
{
	size_t good = strspn(signal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-");
	unsigned long number;

	if (!*signal)
		return;
	if (signal[good])
		buffer_puts(refused, "the stop signal: it is no signal\n");
	else if (number_parse(signal, &number) || text_starts(signal, "SIG"))
		buffer_printf(config, "lxc.signal.halt = %s\n", signal);
	else
		buffer_printf(config, "lxc.signal.halt = SIG%s\n", signal);
}

static void labels_put(const struct oci_image *image, struct buffer *config, struct buffer *refused)
{
	for (size_t i = 0; i < image->label_count; i++) {
		owned_buffer text = { 0 };

		buffer_printf(&text, "%s=%s", image->labels[i].name, image->labels[i].value);
		line_take(config, refused, "lxs.label", "a label", buffer_text(&text));
	}
	for (const char *const *port = image->ports; *port; port++) {
		owned_buffer text = { 0 };

		buffer_printf(&text, "oci.port=%s", *port);
		line_take(config, refused, "lxs.label", "a port", buffer_text(&text));
	}
}

int oci_config(const struct oci_image *image, int root, struct buffer *config, struct buffer *refused, struct error *err)
{
	command_put(image, config, refused);
	environment_put(image, config, refused);
	if (*image->user && user_put(image->user, root, config, err) < 0)
		return -1;
	line_take(config, refused, "lxc.init.cwd", "the working directory", *image->directory ? image->directory : "/");
	signal_put(image->stop_signal, config, refused);
	labels_put(image, config, refused);
	return 0;
}
