/*
 * Fuzz target of the border that an image's config has to pass: what passes
 * passes again unchanged, is one `key = value` a line, and names neither a
 * program nor a file of the host.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/filter.h"
#include "lib/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of what passed: the first words of lines of a config; an fstab has no keys. */
static void check_keys(const char *passed)
{
	static const char *const never[] = { "lxc.hook", "lxc.rootfs", "lxc.idmap", "lxc.net", "lxc.cgroup", "lxc.apparmor",
					     "lxc.include = /", "lxc.mount.entry = /", "\nlxc.cap.drop = \n" };

	for (const char *line = passed; *line; line = strchr(line, '\n') + 1)
		for (size_t i = 0; i < sizeof never / sizeof *never; i++)
			if (strncmp(line, never[i], strlen(never[i])) == 0)
				abort();
}

static void check(void (*filter)(const char *, struct buffer *, struct buffer *), const char *text)
{
	owned_buffer once = { 0 }, twice = { 0 }, refused = { 0 }, nothing = { 0 };

	filter(text, &once, &refused);
	filter(buffer_text(&once), &twice, &nothing);
	if (strcmp(buffer_text(&once), buffer_text(&twice)) != 0 || nothing.length > 0)
		abort();
	if (filter == filter_config)
		check_keys(buffer_text(&once));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_str text = strndup((const char *)data, size);

	if (text) {
		check(filter_config, text);
		check(filter_fstab, text);
	}
	return 0;
}
