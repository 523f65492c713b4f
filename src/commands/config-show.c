/*
 * The reading verbs of lxs-config: show prints lines in force and where they
 * came from, get prints values as LXC's get_config_item() gives them.
 */
#include "commands/config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/lines.h"
#include "lib/origin.h"
#include "lib/own.h"
#include "lib/text.h"

/* JSON is UTF-8; a config need not be, so bytes that are none are shown as '?'. */
json_t *config_json_text(const char *text)
{
	json_t *string = json_string(text);
	owned_str copy = NULL;

	if (string)
		return string;
	copy = strdup(text);
	for (char *byte = copy; copy && *byte; byte++)
		if ((unsigned char)*byte >= 0x80)
			*byte = '?';
	return json_string(copy ? copy : "");
}

int config_json_print(json_t *root, struct error *err)
{
	int answer = json_dumpf(root, stdout, JSON_INDENT(2));

	json_decref(root);
	putchar('\n');
	return answer < 0 ? error_set(err, 0, "cannot print JSON") : EXIT_SUCCESS;
}

/* show */

static json_t *origin_json(const struct origin *origin)
{
	json_t *chain = json_array();

	for (; origin; origin = origin->included_by) {
		json_t *place = json_object();

		json_object_set_new(place, "file", config_json_text(origin->file));
		json_object_set_new(place, "line", json_integer(origin->line));
		json_array_append_new(chain, place);
	}
	return chain;
}

static int line_json(const struct setting_line *line, void *data)
{
	json_t *object = json_object();

	json_object_set_new(object, "key", config_json_text(line->key));
	json_object_set_new(object, "value", config_json_text(line->text));
	json_object_set_new(object, "origin", origin_json(line->origin));
	return json_array_append_new(data, object);
}

static void print_origin(const struct origin *origin)
{
	printf("# %s:%u", origin->file, origin->line);
	for (origin = origin->included_by; origin; origin = origin->included_by)
		printf(", included by %s:%u", origin->file, origin->line);
	putchar('\n');
}

static int line_print(const struct setting_line *line, void *data)
{
	const struct config_call *call = data;

	if (call->origin && line->origin)
		print_origin(line->origin);
	printf("%s = %s\n", line->key, line->text);
	return 0;
}

static int show_lines(struct config_call *call, const struct settings *settings,
		      int (*visit)(const struct setting_line *line, void *data), void *data, struct error *err)
{
	if (call->count == 0)
		return settings_lines(settings, call->call->arena, NULL, visit, data);
	for (size_t i = 0; i < call->count; i++) {
		const char *key = call->arguments[i];

		if (settings_lines(settings, call->call->arena, key, visit, data) != 0)
			return -1;
		if (!key_find(key, NULL, NULL) && !settings_is_set(settings, key))
			return key_unknown(key, err);
	}
	return 0;
}

static bool is_asked(const struct config_call *call, const char *key)
{
	bool asked = call->count == 0;

	for (size_t i = 0; i < call->count && !asked; i++)
		asked = text_starts(key, call->arguments[i]);
	return asked;
}

/* An empty line leaves no value behind that could tell who emptied a list. */
static void print_resets(const struct config_call *call, const struct settings *settings)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct origin *origin = settings_reset(settings, keys[i].name);

		if (!origin || !is_asked(call, keys[i].name))
			continue;
		printf("# %s was reset by:\n", keys[i].name);
		print_origin(origin);
	}
}

int config_show(struct config_call *call, struct error *err)
{
	owned_settings settings = settings_new();
	json_t *root;

	if (settings_read(settings, call->file, NULL, err) < 0)
		return -1;
	if (!call->json && call->origin)
		print_resets(call, settings);
	if (!call->json)
		return show_lines(call, settings, line_print, call, err) < 0 ? -1 : EXIT_SUCCESS;
	root = json_array();
	if (show_lines(call, settings, line_json, root, err) < 0) {
		json_decref(root);
		return -1;
	}
	return config_json_print(root, err);
}

/* get */

struct getting {
	struct config_call *call;
	const struct settings *settings;
	json_t *root; /* NULL: text */
	bool unset;   /* some key had nothing to print */
};

static int key_json(const char *written, void *data)
{
	struct getting *getting = data;
	const char *text = settings_format(getting->settings, getting->call->call->arena, written);

	return json_object_set_new(getting->root, written, config_json_text(text ? text : ""));
}

/* A list is a line for each item. */
static int key_lines(const char *written, void *data)
{
	struct getting *getting = data;
	const char *text = settings_format(getting->settings, getting->call->call->arena, written);
	const char *cursor = text, *line;
	size_t length;

	while (text && (line = text_word(&cursor, "\n", &length)))
		printf("%s = %.*s\n", written, (int)length, line);
	return 0;
}

static void key_print(struct getting *getting, const char *written)
{
	const struct key *key = key_find(written, NULL, NULL);
	const char *text = settings_format(getting->settings, getting->call->call->arena, written);
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || (!key->initial && !settings_is_set(getting->settings, written)))
		getting->unset = true;
	else
		printf("%s%s", text, text[length - 1] == '\n' ? "" : "\n");
}

static int get_keys(struct getting *getting, struct error *err)
{
	const struct config_call *call = getting->call;

	for (size_t i = 0; i < call->count; i++) {
		if (!settings_format(getting->settings, call->call->arena, call->arguments[i]))
			return key_unknown(call->arguments[i], err);
		if (getting->root)
			key_json(call->arguments[i], getting);
		else
			key_print(getting, call->arguments[i]);
	}
	return 0;
}

/* As LXC would load it: the question is what LXC would answer. */
int config_get(struct config_call *call, struct error *err)
{
	owned_settings settings = settings_new();
	struct getting getting = { .call = call, .settings = settings };
	int answer = 0;

	if (!call->all && call->count == 0)
		return error_set(err, 0, "usage: get --all, or get KEY...");
	settings_accept_as_lxc(settings);
	if (settings_read(settings, call->file, NULL, err) < 0)
		return -1;
	if (call->json)
		getting.root = json_object();
	if (call->all)
		settings_each(settings, getting.root ? key_json : key_lines, &getting);
	else
		answer = get_keys(&getting, err);
	if (getting.root && answer < 0)
		json_decref(getting.root);
	else if (getting.root)
		return config_json_print(getting.root, err);
	return answer < 0 ? -1 : getting.unset ? EXIT_FAILURE : EXIT_SUCCESS;
}
