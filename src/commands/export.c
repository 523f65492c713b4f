/* lxs-export: a whole container as a stream, by container_export(). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "provision/export.h"

struct export {
	const char *compress;
	bool snapshots, allow_running;
};

static const struct option_row rows[] = {
	{ 's', "snapshots", NULL, "its snapshots too", OPTION_FLAG, offsetof(struct export, snapshots), NULL },
	{ 'a', "allow-running", NULL, "it may be running; it is frozen meanwhile", OPTION_FLAG,
	  offsetof(struct export, allow_running), NULL },
	{ 0, "compress", "TYPE", "zstd (default), gzip, xz or none", OPTION_STRING, offsetof(struct export, compress), NULL },
	{ 0 },
};

static void export_prepare(void *options)
{
	((struct export *)options)->compress = "zstd";
}

static bool is_compression(const char *word)
{
	static const char *const words[] = { "zstd", "gzip", "xz", "none" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static int export_run(struct invocation *call, struct error *err)
{
	const struct export *export = call->options;
	const struct export_options options = {
		.compress = export->compress, .snapshots = export->snapshots, .allow_running = export->allow_running,
		.output = STDOUT_FILENO,
	};

	if (!is_compression(export->compress)) {
		error_set(err, 0, "--compress does not know '%s'", export->compress);
		return error_hint(err, "it knows zstd, gzip, xz and none");
	}
	if (call->count > 0)
		return error_set(err, 0, "'%s' is one word too many", call->arguments[0]);
	if (isatty(STDOUT_FILENO)) {
		error_set(err, 0, "an archive is nothing for a terminal");
		return error_hint(err, "write it to a file, lxs-export %s >%s.tar.zst, or to another program",
				  call->container.name, call->container.name);
	}
	return container_export(&call->container, &options, err) < 0 ? -1 : EXIT_SUCCESS;
}

const struct command command_export = {
	.name = "export",
	.summary = "Write a whole container to standard output, as a tarball.",
	.synopsis = "[-a] [-s] [--compress TYPE] >FILE",
	.options = rows,
	.options_size = sizeof(struct export),
	.needs = NEEDS_NAME,
	.prepare = export_prepare,
	.run = export_run,
};
