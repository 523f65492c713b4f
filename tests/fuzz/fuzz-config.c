/*
 * Fuzz target of the config reader: any text either loads or is refused with
 * findings; what loads is printed as lines and saved to a file, and both give
 * the same settings again.  Includes are left out, since they open files.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/lines.h"
#include "config/read.h"
#include "config/save.h"
#include "lib/own.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *key)
{
	fprintf(stderr, "%s: %s\n", what, key);
	abort();
}

struct pair {
	const struct settings *first, *second;
};

static int same_key(const char *written, void *data)
{
	const struct pair *pair = data;
	const char *first = settings_format(pair->first, settings_arena(pair->first), written);
	const char *second = settings_format(pair->second, settings_arena(pair->second), written);

	if (!first || !second || strcmp(first, second) != 0)
		fail("differs the second time", written);
	return 0;
}

static void same_settings(const struct settings *first, const struct settings *second)
{
	struct pair pair = { first, second };

	settings_each(first, same_key, &pair);
	if (settings_capabilities(first, 40) != settings_capabilities(second, 40))
		fail("differs the second time", "the capabilities");
}

static int put_line(const struct setting_line *line, void *data)
{
	buffer_printf(data, "%s = %s\n", line->key, line->text);
	return 0;
}

/* An interface of which everything was reset exists (and cannot start), but no line says so. */
static bool has_bare_interface(const struct settings *settings)
{
	for (size_t i = 0; i < settings_net_count(settings); i++) {
		char name[32];

		snprintf(name, sizeof name, "lxc.net.%u", net_index(settings_net(settings, i)));
		if (!settings_is_set(settings, name))
			return true;
	}
	return false;
}

static void check_lines(const struct settings *settings)
{
	owned_settings again = settings_new();
	owned_error err = ERROR_INIT;
	owned_buffer lines = { 0 };

	settings_lines(settings, settings_arena(settings), NULL, put_line, &lines);
	buffer_puts(&lines, "");
	if (settings_read_text(again, "lines", lines.text, NULL, &err) < 0)
		fail("what was printed does not load", err.message);
	same_settings(settings, again);
}

static void check_saved(const struct settings *settings)
{
	char name[] = "/tmp/lxs-fuzz.XXXXXX";
	owned_error err = ERROR_INIT;
	owned_settings again = NULL;
	owned_fd fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0 || settings_save(settings, AT_FDCWD, name, &err) < 0)
		fail("cannot be saved", name);
	again = settings_load(AT_FDCWD, name, &err);
	unlink(name);
	if (!again)
		fail("what was saved does not load", err.message);
	same_settings(settings, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_settings settings = settings_new();
	owned_str text = strndup((const char *)data, size);
	owned_error err = ERROR_INIT;
	struct findings findings = { 0 };
	owned_file nowhere = NULL;

	if (!text || strstr(text, "lxc.include"))
		return 0;
	if (settings_read_text(settings, "fuzz", text, &findings, &err) == 0) {
		if (!has_bare_interface(settings))
			check_lines(settings);
		check_saved(settings);
	} else if (findings.errors == 0 || !err.message) {
		fail("refused without a reason", "");
	}
	nowhere = fopen("/dev/null", "we");
	if (nowhere)
		findings_print(&findings, nowhere);
	return 0;
}
