/*
 * Texts of keys as get_config_item() of liblxc gives them: settings_format()
 * for one key, settings_each() for all that have an answer.  Apart from
 * settings.c because only printing needs it.
 */
#include "config/store.h"

#include <string.h>

#include "config/types.h"
#include "lib/text.h"

static const char *value_text(struct arena *arena, const struct key *key, const struct value *value)
{
	return key->type->format ? key->type->format(arena, value) : value->text;
}

/* Values of `sub` alone when it is given. */
static void format_values(struct buffer *out, struct arena *arena, const struct key *key,
			  const struct values *values, const char *sub)
{
	const char *joint = key->type->joint;
	bool single = key->kind == KEY_SCALAR || (key->kind == KEY_NET && !key->many) || (sub && key->replace);

	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		const char *text = value_text(arena, key, value);

		if (sub && strcmp(value->sub, sub) != 0)
			continue;
		if (joint && out->length > 0 && *text)
			buffer_puts(out, joint);
		buffer_puts(out, text);
		if (!joint && !single)
			buffer_puts(out, "\n");
	}
}

/* A whole family is given as lines of a config. */
static void format_family(struct buffer *out, struct arena *arena, const struct key *key, const struct values *values)
{
	for (size_t i = 0; i < values->count; i++)
		buffer_printf(out, "%s.%s = %s\n", key->name, values->items[i].sub,
			      value_text(arena, key, &values->items[i]));
}

/* Flags are a set: they come in LXC's order, not in that of the lines. */
static void format_set(struct buffer *out, const struct key *key, const struct values *values)
{
	for (const char *const *word = key->type->choices; *word; word++)
		for (size_t i = 0; i < values->count; i++)
			if (strcmp(values->items[i].text, *word) == 0)
				buffer_printf(out, "%s\n", *word);
}

static void format_mounts(struct buffer *out, struct arena *arena, const struct key *key, const struct values *values)
{
	for (int group = MOUNT_AUTO_PROC; group <= MOUNT_AUTO_SHMOUNTS; group++) {
		for (size_t i = 0; i < values->count; i++) {
			const char *text = value_text(arena, key, &values->items[i]);

			if (values->items[i].number == group && *text)
				buffer_printf(out, "%s%s", out->length > 0 ? " " : "", text);
		}
	}
}

static void format_nets(struct buffer *out, const struct settings *settings)
{
	for (size_t i = 0; i < settings->net_count; i++) {
		const char *type = net_string(settings->nets[i], "lxc.net.N.type");

		buffer_printf(out, "%s\n", type ? type : "empty");
	}
}

static const char *unset_text(const struct settings *settings, struct arena *arena, const struct key *key)
{
	const struct value *initial = &settings->defaults[key - keys];

	if (key->unset)
		return key->unset;
	return initial->text ? value_text(arena, key, initial) : "";
}

static const char *format_row(const struct settings *settings, struct arena *arena, const struct key *key,
			      const struct values *values, const char *sub)
{
	owned_buffer out = { 0 };

	if (values->count == 0)
		return unset_text(settings, arena, key);
	if (key->kind == KEY_MAP && !sub)
		format_family(&out, arena, key, values);
	else if (key->type == &type_namespace)
		format_set(&out, key, values);
	else if (key->type == &type_mount_auto)
		format_mounts(&out, arena, key, values);
	else
		format_values(&out, arena, key, values, sub);
	return arena_strdup(arena, buffer_text(&out));
}

/* What belongs to another type of interface is no key of this one. */
static bool net_has(const struct net *net, const struct key *key)
{
	const char *type = net_string(net, "lxc.net.N.type");

	return !key->net_type || (type && strcmp(type, key->net_type) == 0);
}

/* Such an interface is loopback itself; one without a type is not. */
static bool is_empty_type(const struct net *net)
{
	const char *type = net_string(net, "lxc.net.N.type");

	return type && strcmp(type, "empty") == 0;
}

static const char *format_net(const struct settings *settings, struct arena *arena, const struct key *key,
			      unsigned index)
{
	const struct net *net = store_net(settings, index);

	if (!net || !net_has(net, key))
		return NULL;
	if (strcmp(key->name, "lxc.net.N.name") == 0 && !net_value(net, key->name) && is_empty_type(net))
		return "lo";
	return format_row(settings, arena, key, store_net_row(net, key), NULL);
}

const char *settings_format(const struct settings *settings, struct arena *arena, const char *written)
{
	owned_buffer out = { 0 };
	unsigned index;
	const char *sub;
	const struct key *key = key_find(written, &sub, &index);

	if (!key)
		return NULL;
	switch (key->kind) {
	case KEY_ACTION:
	case KEY_FORMER:
		return NULL;
	case KEY_GROUP:
		if (strcmp(written, "lxc.net") != 0)
			return NULL;
		format_nets(&out, settings);
		return arena_strdup(arena, buffer_text(&out));
	case KEY_NET:
		return format_net(settings, arena, key, index);
	default:
		return format_row(settings, arena, key, store_row(settings, key), sub);
	}
}

/* Each member of a family once, though it may have several values. */
static int each_member(const struct key *key, const struct values *values,
		       int (*visit)(const char *written, void *data), void *data)
{
	for (size_t i = 0; i < values->count; i++) {
		owned_buffer written = { 0 };
		bool seen = false;
		int answer;

		for (size_t j = 0; j < i && !seen; j++)
			seen = strcmp(values->items[j].sub, values->items[i].sub) == 0;
		if (seen)
			continue;
		buffer_printf(&written, "%s.%s", key->name, values->items[i].sub);
		answer = visit(buffer_text(&written), data);
		if (answer != 0)
			return answer;
	}
	return 0;
}

static int each_net(const struct settings *settings, int (*visit)(const char *written, void *data), void *data)
{
	for (size_t i = 0; i < settings->net_count; i++) {
		for (size_t row = 0; row < key_count; row++) {
			owned_buffer written = { 0 };
			int answer;

			if (keys[row].kind != KEY_NET || !net_has(settings->nets[i], &keys[row]))
				continue;
			buffer_printf(&written, "lxc.net.%u%s", settings->nets[i]->index,
				      keys[row].name + strlen("lxc.net.N"));
			answer = visit(buffer_text(&written), data);
			if (answer != 0)
				return answer;
		}
	}
	return 0;
}

/* Keys that liblxc does not know are named when they are set; lxc.namespace.share has an answer by member alone. */
static bool has_row_answer(const struct settings *settings, const struct key *key)
{
	if (text_starts(key->name, "lxs."))
		return settings->rows[key - keys].count > 0;
	return key->kind == KEY_SCALAR || key->kind == KEY_LIST ||
	       (key->kind == KEY_MAP && strcmp(key->name, "lxc.namespace.share") != 0) ||
	       strcmp(key->name, "lxc.net") == 0;
}

int settings_each(const struct settings *settings, int (*visit)(const char *written, void *data), void *data)
{
	int answer = 0;

	for (size_t i = 0; i < key_count && answer == 0; i++) {
		const struct key *key = &keys[i];

		if (has_row_answer(settings, key))
			answer = visit(key->name, data);
		if (answer == 0 && key->kind == KEY_MAP)
			answer = each_member(key, &settings->rows[i], visit, data);
		if (answer == 0 && strcmp(key->name, "lxc.net") == 0)
			answer = each_net(settings, visit, data);
	}
	return answer;
}
