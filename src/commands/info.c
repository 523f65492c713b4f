/* lxs-info: what is known of one container, as LXC's lines or as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/json.h"
#include "container/info.h"

struct info {
	bool state, pid, ips, stats, raw;
	struct strings keys;
	const char *format;
};

#define FIELD(name) offsetof(struct info, name)

static const struct option_row rows[] = {
	{ 'c', "config", "KEY", "show the value of a config key; may be repeated", OPTION_STRINGS, FIELD(keys), NULL },
	{ 'i', "ips", NULL, "show the IP addresses", OPTION_FLAG, FIELD(ips), NULL },
	{ 'p', "pid", NULL, "show the pid of init", OPTION_FLAG, FIELD(pid), NULL },
	{ 'S', "stats", NULL, "show what it uses", OPTION_FLAG, FIELD(stats), NULL },
	{ 'H', "no-humanize", NULL, "show plain numbers, and a single value without its label", OPTION_FLAG,
	  FIELD(raw), NULL },
	{ 's', "state", NULL, "show the state", OPTION_FLAG, FIELD(state), NULL },
	{ 0, "format", "FORMAT", "text (default) or json", OPTION_STRING, FIELD(format), NULL },
	{ 0 },
};

/* ---- text ---- */

struct text_output {
	bool raw;       /* -H: plain numbers */
	bool bare;      /* -H and a single value: no label */
};

static void print_line(const struct text_output *out, const char *label, const char *value)
{
	if (out->bare)
		printf("%s\n", value);
	else
		printf("%-15s %s\n", label, value);
}

static void print_size(const struct text_output *out, const char *label, int64_t bytes)
{
	static const struct { const char *name; unsigned shift; } units[] = { { "GiB", 30 }, { "MiB", 20 }, { "KiB", 10 } };
	char text[64];
	uint64_t size = (uint64_t)bytes;

	if (bytes == NO_FIGURE)
		return;
	snprintf(text, sizeof text, out->raw ? "%" PRIu64 : "%" PRIu64 " bytes", size);
	for (size_t i = 0; !out->raw && i < sizeof units / sizeof *units; i++) {
		uint64_t unit = (uint64_t)1 << units[i].shift;

		if (size <= unit)
			continue;
		size += (unit + 100) / 200; /* to the nearest hundredth */
		snprintf(text, sizeof text, "%" PRIu64 ".%02" PRIu64 " %s", size / unit, size % unit * 100 / unit,
			 units[i].name);
		break;
	}
	print_line(out, label, text);
}

static void print_cpu(const struct text_output *out, int64_t ns)
{
	char text[64];

	if (ns == NO_FIGURE)
		return;
	if (out->raw)
		snprintf(text, sizeof text, "%" PRId64, ns);
	else
		snprintf(text, sizeof text, "%.2f seconds", (double)ns / 1e9);
	print_line(out, "CPU use:", text);
}

static void print_traffic(const struct text_output *out, const struct container_info *info)
{
	for (size_t i = 0; i < info->traffic_count; i++) {
		const struct traffic *traffic = &info->traffic[i];

		print_line(out, "Link:", traffic->link);
		if (traffic->sent == NO_FIGURE || traffic->received == NO_FIGURE)
			continue;
		print_size(out, " TX bytes:", traffic->sent);
		print_size(out, " RX bytes:", traffic->received);
		print_size(out, " Total bytes:", traffic->sent + traffic->received);
	}
}

static void print_usage(const struct text_output *out, const struct container_info *info)
{
	print_cpu(out, info->usage.cpu_ns);
	print_size(out, "BlkIO use:", info->usage.block_bytes);
	/* LXC shows the two memory lines together or not at all. */
	if (info->usage.memory_bytes != NO_FIGURE && info->usage.kernel_bytes != NO_FIGURE) {
		print_size(out, "Memory use:", info->usage.memory_bytes);
		print_size(out, "KMem use:", info->usage.kernel_bytes);
	}
	print_traffic(out, info);
}

static void print_keys(struct invocation *call, const struct info *options)
{
	bool bare = options->raw && options->keys.count == 1;

	for (size_t i = 0; i < options->keys.count; i++) {
		const char *key = options->keys.items[i];
		const char *value = settings_format(call->container.settings, call->arena, key);

		if (!value)
			fprintf(stderr, "%s invalid\n", key);
		else if (bare)
			printf("%s\n", value);
		else
			printf(*value ? "%s = %s\n" : "%s =\n", key, value);
	}
}

static void print_text(struct invocation *call, const struct info *options, const struct container_info *info,
		       bool all)
{
	int wanted = options->state + options->pid + options->ips + 5 * options->stats;
	const struct text_output out = { .raw = options->raw, .bare = options->raw && wanted == 1 && !all };
	char pid[16];

	if (all)
		print_line(&out, "Name:", call->container.name);
	if (all || options->state)
		print_line(&out, "State:", container_state_names[info->state]);
	if ((all || options->pid) && info->init > 0) {
		snprintf(pid, sizeof pid, "%d", (int)info->init);
		print_line(&out, "PID:", pid);
	}
	for (size_t i = 0; i < info->addresses.count; i++)
		print_line(&out, "IP:", info->addresses.items[i].text);
	if (all || options->stats)
		print_usage(&out, info);
	print_keys(call, options);
}

/* ---- the command ---- */

static int info_run(struct invocation *call, struct error *err)
{
	const struct info *options = call->options;
	const struct container *container = &call->container;
	bool json = options->format && strcmp(options->format, "json") == 0;
	bool all = json || !(options->state || options->pid || options->ips || options->stats || options->keys.count);
	struct container_info info;

	if (options->format && !json && strcmp(options->format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", options->format);
	if (container_info_read(container,
				(all || options->ips ? INFO_ADDRESSES : 0) | (all || options->stats ? INFO_USAGE : 0),
				call->arena, &info, err) < 0)
		return -1;
	if (info.state == STATE_STOPPED && !call->rcfile && !container_is_defined(container)) {
		fprintf(stderr, "%s doesn't exist\n", container->name);
		return EXIT_FAILURE;
	}
	/* State and figures need no config, so one that does not load hides nothing of them. */
	if (options->keys.count > 0 && command_load(call, err) < 0)
		return -1;
	if (json)
		return info_print_json(call, &info, &options->keys, err);
	print_text(call, options, &info, all);
	return EXIT_SUCCESS;
}

const struct command command_info = {
	.name = "info",
	.summary = "Show what is known of a container.",
	.synopsis = "[-s] [-p] [-i] [-S] [-c KEY]... [-H] [--format FORMAT]",
	.options = rows,
	.options_size = sizeof(struct info),
	.needs = NEEDS_NAME,
	.run = info_run,
};
