/*
 * What one assignment does to settings: LXC's rules of replacing, appending
 * and resetting, in general by the kind of the key and in particular for the
 * few keys that share state (the rows of `rules`).  Called by read.c for each
 * line and each --define.
 */
#include "config/store.h"

#include <string.h>

#include "config/types.h"
#include "lib/text.h"

/* One assignment on its way. */
struct assignment {
	struct settings *settings;
	const struct origin *origin;
	const struct key *key;
	const char *sub;
	struct net *net;
	struct values *values; /* where the key's values are */
	struct values fresh;   /* what the text parsed to */
	int doubt;             /* the gravest of PARSE_DOUBTFUL and PARSE_BROKEN */
};

void store_append(const struct settings *settings, struct values *values, const struct value *value)
{
	values->items = arena_append(settings->arena, values->items, &values->count, sizeof *values->items);
	values->items[values->count - 1] = *value;
}

static size_t net_position(const struct settings *settings, unsigned index)
{
	size_t position = 0;

	while (position < settings->net_count && settings->nets[position]->index < index)
		position++;
	return position;
}

struct net *store_net(const struct settings *settings, unsigned index)
{
	size_t position = net_position(settings, index);

	if (position == settings->net_count || settings->nets[position]->index != index)
		return NULL;
	return settings->nets[position];
}

struct net *store_net_add(struct settings *settings, unsigned index)
{
	struct net *net = store_net(settings, index);
	size_t position = net_position(settings, index);

	if (net)
		return net;
	net = arena_alloc(settings->arena, sizeof *net);
	net->settings = settings;
	net->index = index;
	net->rows = arena_alloc(settings->arena, key_count * sizeof *net->rows);
	settings->nets = arena_append(settings->arena, settings->nets, &settings->net_count, sizeof(struct net *));
	memmove(&settings->nets[position + 1], &settings->nets[position],
		(settings->net_count - 1 - position) * sizeof(struct net *));
	settings->nets[position] = net;
	return net;
}

/* The array keeps its capacity rule only while it never shrinks, so a shorter copy is made. */
void store_net_remove(struct settings *settings, unsigned index)
{
	struct net **kept = NULL;
	size_t count = 0;

	for (size_t i = 0; i < settings->net_count; i++) {
		if (settings->nets[i]->index == index)
			continue;
		kept = arena_append(settings->arena, kept, &count, sizeof(struct net *));
		kept[count - 1] = settings->nets[i];
	}
	settings->nets = kept;
	settings->net_count = count;
}

static void clear(struct values *values)
{
	*values = (struct values){ 0 };
}

/* Takes out the values for which `same` is true of `what`. */
static void take_out(const struct settings *settings, struct values *values,
		     bool (*same)(const struct value *value, const struct value *what), const struct value *what)
{
	struct values kept = { 0 };

	for (size_t i = 0; i < values->count; i++)
		if (!same(&values->items[i], what))
			store_append(settings, &kept, &values->items[i]);
	*values = kept;
}

static bool same_sub(const struct value *value, const struct value *what)
{
	return strcmp(value->sub, what->sub) == 0;
}

static bool same_number(const struct value *value, const struct value *what)
{
	return value->number == what->number;
}

static struct values *row_of(const struct settings *settings, const char *name)
{
	return store_row(settings, key_row(name));
}

/* The general rule: by the kind of the key. */
static void merge(struct assignment *task)
{
	const struct key *key = task->key;

	if (key->kind == KEY_SCALAR || (key->kind == KEY_NET && !key->many))
		clear(task->values);
	for (size_t i = 0; i < task->fresh.count; i++) {
		struct value *value = &task->fresh.items[i];
		size_t at = 0;

		while (key->replace && at < task->values->count && !same_sub(&task->values->items[at], value))
			at++;
		if (key->replace && at < task->values->count)
			task->values->items[at] = *value;
		else
			store_append(task->settings, task->values, value);
	}
}

/* Rules of single keys */

static int drop_merge(struct assignment *task, struct error *err)
{
	if (task->settings->keep) {
		error_set(err, 0, "lxc.cap.keep is in force, so nothing can be dropped");
		return error_hint(err, "an empty line 'lxc.cap.keep =' before this one resets it");
	}
	for (size_t i = 0; i < task->fresh.count; i++)
		store_append(task->settings, task->values, &task->fresh.items[i]);
	return 0;
}

static int keep_merge(struct assignment *task, struct error *err)
{
	if (!task->settings->keep && row_of(task->settings, "lxc.cap.drop")->count > 0) {
		error_set(err, 0, "lxc.cap.drop is in force, so nothing can be kept");
		return error_hint(err, "an empty line 'lxc.cap.drop =' before this one resets it");
	}
	task->settings->keep = true;
	for (size_t i = 0; i < task->fresh.count; i++) {
		if (task->fresh.items[i].number < 0)
			clear(task->values);
		else
			store_append(task->settings, task->values, &task->fresh.items[i]);
	}
	return 0;
}

/* Both lists are one in LXC: an empty line of either resets it. */
static void capabilities_reset(struct assignment *task)
{
	clear(row_of(task->settings, "lxc.cap.drop"));
	clear(row_of(task->settings, "lxc.cap.keep"));
	task->settings->resets[key_row("lxc.cap.drop") - keys] = task->origin;
	task->settings->resets[key_row("lxc.cap.keep") - keys] = task->origin;
	task->settings->keep = false;
}

static int exclusive_merge(struct assignment *task, const char *other, struct error *err)
{
	if (row_of(task->settings, other)->count > 0)
		return error_set(err, 0, "%s is set already, and one of both can be", other);
	for (size_t i = 0; i < task->fresh.count; i++) {
		take_out(task->settings, task->values, same_number, &task->fresh.items[i]);
		store_append(task->settings, task->values, &task->fresh.items[i]);
	}
	return 0;
}

static int clone_merge(struct assignment *task, struct error *err)
{
	return exclusive_merge(task, "lxc.namespace.keep", err);
}

static int keep_namespace_merge(struct assignment *task, struct error *err)
{
	return exclusive_merge(task, "lxc.namespace.clone", err);
}

static int mount_auto_merge(struct assignment *task, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < task->fresh.count; i++) {
		take_out(task->settings, task->values, same_number, &task->fresh.items[i]);
		store_append(task->settings, task->values, &task->fresh.items[i]);
	}
	return 0;
}

static int share_merge(struct assignment *task, struct error *err)
{
	struct value unused;

	if (parse_choice(type_namespace.choices, task->sub, &unused, err) < 0)
		return -1;
	merge(task);
	return 0;
}

static size_t net_wipe(struct net *net)
{
	size_t wiped = 0;

	for (size_t i = 0; i < key_count; i++) {
		wiped += net->rows[i].count;
		clear(&net->rows[i]);
	}
	return wiped;
}

/* As in LXC; but a line that is lost this way is worth a word. */
static int net_type_merge(struct assignment *task, struct error *err)
{
	size_t lost = net_wipe(task->net);

	store_append(task->settings, task->values, &task->fresh.items[0]);
	if (lost > 0 && !task->doubt) {
		error_set(err, 0, "this resets all that was set for interface %u before", task->net->index);
		task->doubt = PARSE_DOUBTFUL;
	}
	return 0;
}

static void net_type_reset(struct assignment *task)
{
	net_wipe(task->net);
}

static const struct rule {
	const char *name;
	int (*merge)(struct assignment *task, struct error *err);
	void (*reset)(struct assignment *task);
} rules[] = {
	{ "lxc.cap.drop", drop_merge, capabilities_reset },
	{ "lxc.cap.keep", keep_merge, capabilities_reset },
	{ "lxc.mount.auto", mount_auto_merge, NULL },
	{ "lxc.namespace.clone", clone_merge, NULL },
	{ "lxc.namespace.keep", keep_namespace_merge, NULL },
	{ "lxc.namespace.share", share_merge, NULL },
	{ "lxc.net.N.type", net_type_merge, net_type_reset },
};

static const struct rule *find_rule(const struct key *key)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].name, key->name) == 0)
			return &rules[i];
	return NULL;
}

static int parse_one(struct assignment *task, const char *text, struct error *err)
{
	struct value value = { .text = text, .sub = task->sub, .origin = task->origin };
	int answer = task->key->type->parse(task->settings->arena, text, &value, err);

	if (answer < 0)
		return -1;
	if (answer > task->doubt)
		task->doubt = answer;
	store_append(task->settings, &task->fresh, &value);
	return 0;
}

static int parse_text(struct assignment *task, const char *text, struct error *err)
{
	const char *separators = task->key->type->separators, *cursor = text, *word;
	struct arena *arena = task->settings->arena;
	size_t length;

	if (!separators)
		return parse_one(task, arena_strdup(arena, text), err);
	while ((word = text_word(&cursor, separators, &length)))
		if (parse_one(task, arena_strndup(arena, word, length), err) < 0)
			return -1;
	if (task->fresh.count == 0 && *separators == ',')
		return error_set(err, 0, "'%s' has nothing between its separators", text);
	return 0;
}

static void group_reset(struct assignment *task, unsigned index)
{
	struct settings *settings = task->settings;
	const char *name = task->key->name, *sub = task->sub;
	size_t length = strlen(name);

	settings->resets[task->key - keys] = task->origin;
	if (sub)
		store_net_remove(settings, index);
	else if (strcmp(name, "lxc.net") == 0)
		settings->nets = NULL, settings->net_count = 0;
	for (size_t i = 0; i < key_count && !sub; i++)
		if (strncmp(keys[i].name, name, length) == 0 && keys[i].name[length] == '.' &&
		    keys[i].kind == KEY_LIST) {
			clear(&settings->rows[i]);
			settings->resets[i] = task->origin;
		}
}

static int reset(struct assignment *task, struct error *err)
{
	const struct rule *rule = find_rule(task->key);

	task->settings->resets[task->key - keys] = task->origin;
	if (task->key->lxc_needs_value && task->settings->as_lxc)
		return error_set(err, 0, "LXC refuses the empty value");
	if (rule && rule->reset)
		rule->reset(task);
	else if (task->key->kind == KEY_MAP && task->sub)
		take_out(task->settings, task->values, same_sub, &(struct value){ .sub = task->sub });
	else
		clear(task->values);
	if (!task->key->empty)
		return 0;
	if (parse_text(task, task->key->empty, err) < 0)
		return -1;
	merge(task);
	return 0;
}

static int set(struct assignment *task, const char *text, struct error *err)
{
	const struct rule *rule = find_rule(task->key);

	if (task->key->kind == KEY_MAP && !task->sub) {
		error_set(err, 0, "the family takes the empty value alone");
		return error_hint(err, "name one of the family: %s.SOMETHING = %s", task->key->name, text);
	}
	if (parse_text(task, text, err) < 0)
		return -1;
	if (rule)
		return rule->merge(task, err);
	merge(task);
	return 0;
}

static int former(const struct settings *settings, const struct key *key, const char *written, struct error *err)
{
	const char *modern = key_successor(settings->arena, key, written);

	error_set(err, 0, "%s is a name from before LXC 2.1", written);
	if (modern)
		return error_hint(err, "it is called %s now", modern);
	return error_hint(err, "it was dropped; remove the line");
}

/* Keys of one interface: it must have the type, and must exist for a reset. */
static int net_prepare(struct assignment *task, unsigned index, bool empty, struct error *err)
{
	const struct values *type;
	const char *have;

	task->net = empty ? store_net(task->settings, index) : store_net_add(task->settings, index);
	if (!task->net)
		return error_set(err, 0, "there is no interface %u to reset this of", index);
	task->values = store_net_row(task->net, task->key);
	if (empty || !task->key->net_type)
		return 0;
	type = store_net_row(task->net, key_row("lxc.net.N.type"));
	have = type->count > 0 ? type->items[0].text : NULL;
	if (have && strcmp(have, task->key->net_type) == 0)
		return 0;
	error_set(err, 0, "only for interfaces of type %s", task->key->net_type);
	if (!have)
		return error_hint(err, "put 'lxc.net.%u.type = %s' before this line", index, task->key->net_type);
	return -1;
}

static int assign(struct assignment *task, const char *text, unsigned index, struct error *err)
{
	bool empty = !*text;

	if (task->key->kind == KEY_GROUP) {
		if (!empty)
			return error_set(err, 0, "takes the empty value alone");
		group_reset(task, index);
		return 0;
	}
	task->values = store_row(task->settings, task->key);
	if (task->key->kind == KEY_NET && net_prepare(task, index, empty, err) < 0)
		return -1;
	return empty ? reset(task, err) : set(task, text, err);
}

int store_assign(struct settings *settings, const struct origin *origin, const char *written, const char *text,
		 struct error *err)
{
	struct assignment task = { .settings = settings, .origin = origin };
	unsigned index;

	task.key = key_find(written, &task.sub, &index);
	if (!task.key)
		return key_unknown(written, err);
	if (task.key->kind == KEY_FORMER)
		return former(settings, task.key, written, err);
	if (task.sub)
		task.sub = arena_strdup(settings->arena, task.sub);
	if (assign(&task, text, index, err) < 0)
		return error_add(err, "%s", written);
	if (task.doubt)
		error_add(err, "%s", written);
	return task.doubt;
}
