/*
 * Putting a config together (image/assemble.h), in LXC's order: what was there
 * and is no setting, the distribution's part, the container's own, networks.
 * Apart because it is text in, text out.
 */
#include "image/assemble.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/confined.h"
#include "config/grammar.h"
#include "config/read.h"
#include "image/filter.h"
#include "lib/own.h"

const char *assemble_rootfs(struct arena *arena, const char *config)
{
	const char *found = NULL;
	struct config_line line;

	while (line_next(&config, &line))
		if (line_has_key(&line, "lxc.rootfs.path"))
			found = arena_strndup(arena, line.value, line.value_length);
	return found;
}

/* The kernel's name for what image servers call an architecture; NULL: the guest's is not narrowed down. */
static const char *arch_of(const char *arch)
{
	static const struct { const char *server, *kernel; } rows[] = {
		{ "amd64", "x86_64" }, { "i386", "i686" }, { "arm64", "aarch64" }, { "armhf", "armv7l" },
		{ "ppc64el", "ppc64le" }, { "s390x", "s390x" }, { "riscv64", "riscv64" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].server, arch) == 0)
			return rows[i].kernel;
	return NULL;
}

static void add_include(struct buffer *out, const char *name, const char *fallback)
{
	owned_str path = NULL;

	if (asprintf(&path, PKGDATADIR "/config/%s", name) < 0 || access(path, R_OK) < 0)
		name = fallback;
	buffer_printf(out, "lxc.include = LXC_TEMPLATE_CONFIG/%s\n", name);
}

/* For an image that only is a root file system. */
static void distribution_default(const struct assemble *assemble, struct buffer *out)
{
	const char *dist = assemble->image ? assemble->image->dist : "";
	const char *arch = assemble->image ? arch_of(assemble->image->arch) : NULL;
	owned_str name = NULL;

	if (asprintf(&name, "%s.common.conf", dist) >= 0)
		add_include(out, name, "common.conf");
	if (assemble->user) {
		own_free(&name);
		if (asprintf(&name, "%s.userns.conf", dist) >= 0)
			add_include(out, name, "userns.conf");
	}
	if (arch)
		buffer_printf(out, "lxc.arch = %s\n", arch);
}

/* With an end, which the last one may lack. */
static void line_add(struct buffer *out, const struct config_line *line)
{
	char last = line->whole[line->whole_length - 1];

	buffer_add(out, line->whole, line->whole_length);
	if (last != '\n' && last != '\r')
		buffer_puts(out, "\n");
}

static void sort_lines(const struct assemble *assemble, struct buffer *comments, struct buffer *own, struct buffer *network)
{
	const char *text = assemble->config;
	struct config_line line;

	while (line_next(&text, &line)) {
		if (line.kind != LINE_ASSIGNS)
			line_add(comments, &line);
		else if (assemble->rootfs && line_has_key(&line, "lxc.rootfs.path"))
			buffer_printf(own, "lxc.rootfs.path = %s\n", assemble->rootfs);
		else
			line_add(text_starts(line.key, "lxc.net.") ? network : own, &line);
	}
}

/* Whether something confines its root, once all is put together. */
static bool is_confined(const struct assemble *assemble, const char *distribution, const char *own)
{
	owned_settings settings = settings_new();
	owned_error ignored = ERROR_INIT;
	owned_buffer text = { 0 };

	substitute(assemble->words, distribution, &text);
	buffer_puts(&text, own);
	return settings_read_text(settings, "config", text.text, NULL, &ignored) == 0 &&
	       confined_check_here(settings, &ignored) == 0;
}

/*
 * What the image says need not confine anything, or takes back what confines:
 * then common.conf comes before it, and it may not loosen that.  An ordinary
 * user's container has ids of its own.
 */
static void confine_root(const struct assemble *assemble, const char *own, struct buffer *distribution, struct buffer *refused)
{
	owned_buffer before = *distribution;
	const char *text = buffer_text(&before);
	struct config_line line;

	*distribution = (struct buffer){ 0 };
	if (assemble->user || is_confined(assemble, text, own)) {
		buffer_puts(distribution, text);
		return;
	}
	buffer_puts(distribution, "lxc.include = LXC_TEMPLATE_CONFIG/common.conf\n");
	while (line_next(&text, &line))
		if (line_has_key(&line, "lxc.include"))
			buffer_puts(refused, "lxc.include: it does not confine the root of a container without lxc.idmap\n");
		else
			buffer_add(distribution, line.whole, line.whole_length);
}

void assemble_config(const struct assemble *assemble, struct buffer *config, struct buffer *fstab, struct buffer *refused)
{
	owned_buffer comments = { 0 }, own = { 0 }, network = { 0 }, distribution = { 0 }, mounts = { 0 };

	sort_lines(assemble, &comments, &own, &network);
	if (assemble->image_config)
		filter_config(assemble->image_config, &distribution, refused);
	else
		distribution_default(assemble, &distribution);
	confine_root(assemble, buffer_text(&own), &distribution, refused);
	filter_fstab(assemble->image_fstab, &mounts, refused);
	buffer_printf(config, "%s\n# Distribution configuration\n", buffer_text(&comments));
	substitute(assemble->words, buffer_text(&distribution), config);
	buffer_printf(config, "\n# Container specific configuration\n%s", buffer_text(&own));
	if (mounts.length > 0) {
		substitute(assemble->words, mounts.text, fstab);
		buffer_printf(config, "lxc.mount.fstab = %s/fstab\n", assemble->words->directory);
	}
	buffer_printf(config, "lxc.uts.name = %s\n", assemble->words->name);
	if (network.length > 0)
		buffer_printf(config, "\n# Network configuration\n%s", network.text);
}
