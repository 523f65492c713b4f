/*
 * Turns stored values back into lines (config/lines.h).  Apart from format.c,
 * which gives LXC's texts: these are what a user would write.
 */
#include "config/lines.h"

#include <string.h>

#include "config/store.h"
#include "lib/text.h"

struct walk {
	const struct settings *settings;
	struct arena *arena;
	const char *wanted;
	int (*visit)(const struct setting_line *line, void *data);
	void *data;
};

const char *settings_quote(struct arena *arena, const char *value)
{
	size_t length = strlen(value);
	bool quoted = length > 1 && (*value == '"' || *value == '\'') && value[length - 1] == *value;
	bool blank = length > 0 && (strchr(" \t", *value) || strchr(" \t", value[length - 1]));

	return quoted || blank ? arena_printf(arena, "\"%s\"", value) : value;
}

static bool is_wanted(const struct walk *walk, const char *key)
{
	size_t length;

	if (!walk->wanted)
		return true;
	length = strlen(walk->wanted);
	return strncmp(key, walk->wanted, length) == 0 && (!key[length] || key[length] == '.');
}

static int emit(const struct walk *walk, const char *key, const char *text, const struct origin *origin)
{
	if (!is_wanted(walk, key))
		return 0;
	return walk->visit(&(struct setting_line){ key, text, origin }, walk->data);
}

/* Words of one line stand together; `first` is moved behind them. */
static const char *gather(const struct walk *walk, const struct key *key, const struct values *values, size_t *first)
{
	const struct origin *origin = values->items[*first].origin;
	const char *joint = key->type->separators && *key->type->separators == ',' ? "," : " ";
	owned_buffer text = { 0 };

	do {
		buffer_printf(&text, "%s%s", text.length > 0 ? joint : "", values->items[*first].text);
		(*first)++;
	} while (key->type->separators && *first < values->count && values->items[*first].origin == origin);
	return settings_quote(walk->arena, arena_strdup(walk->arena, buffer_text(&text)));
}

static int walk_values(const struct walk *walk, const struct key *key, const struct values *values, unsigned index)
{
	for (size_t i = 0; i < values->count;) {
		const struct value *value = &values->items[i];
		const char *written = key_written(walk->arena, key, value->sub, index);
		const char *text = gather(walk, key, values, &i);
		int answer = emit(walk, written, text, value->origin);

		if (answer != 0)
			return answer;
	}
	return 0;
}

/* The type comes first, since its line resets the others. */
static int walk_net(const struct walk *walk, const struct net *net)
{
	const struct key *type = key_row("lxc.net.N.type");
	int answer = walk_values(walk, type, store_net_row(net, type), net->index);

	for (size_t i = 0; i < key_count && answer == 0; i++)
		if (&keys[i] != type)
			answer = walk_values(walk, &keys[i], &net->rows[i], net->index);
	return answer;
}

int settings_lines(const struct settings *settings, struct arena *arena, const char *wanted,
		   int (*visit)(const struct setting_line *line, void *data), void *data)
{
	struct walk walk = { settings, arena, wanted, visit, data };
	int answer = 0;

	for (size_t i = 0; i < key_count && answer == 0; i++) {
		if (strcmp(keys[i].name, "lxc.cap.keep") == 0 && settings->keep && settings->rows[i].count == 0)
			answer = emit(&walk, keys[i].name, "none", NULL);
		else
			answer = walk_values(&walk, &keys[i], &settings->rows[i], 0);
		for (size_t net = 0; strcmp(keys[i].name, "lxc.net") == 0 && net < settings->net_count && answer == 0; net++)
			answer = walk_net(&walk, settings->nets[net]);
	}
	return answer;
}

static int stop(const struct setting_line *line, void *data)
{
	(void)line, (void)data;
	return 1;
}

bool settings_is_set(const struct settings *settings, const char *written)
{
	owned_arena arena = arena_new();

	return settings_lines(settings, arena, written, stop, NULL) != 0;
}
