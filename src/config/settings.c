/*
 * Settings as stored and read (settings.h).  Filling them is assign.c's, files
 * are read.c's; planners and commands only come here.
 */
#include "config/settings.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/store.h"
#include "config/types.h"

static const struct values no_values;

/* Each default of the table is parsed once, so that reading an unset key is plain. */
static void defaults_parse(struct settings *settings)
{
	settings->defaults = arena_alloc(settings->arena, key_count * sizeof *settings->defaults);
	for (size_t i = 0; i < key_count; i++) {
		owned_error err = ERROR_INIT;

		if (!keys[i].initial)
			continue;
		settings->defaults[i].text = keys[i].initial;
		if (keys[i].type->parse(settings->arena, keys[i].initial, &settings->defaults[i], &err) != 0)
			abort();
	}
}

struct settings *settings_new(void)
{
	struct arena *arena = arena_new();
	struct settings *settings = arena_alloc(arena, sizeof *settings);

	settings->arena = arena;
	settings->rows = arena_alloc(arena, key_count * sizeof *settings->rows);
	settings->resets = arena_alloc(arena, key_count * sizeof *settings->resets);
	defaults_parse(settings);
	return settings;
}

void settings_free(struct settings *settings)
{
	if (settings)
		arena_free(settings->arena);
}

struct arena *settings_arena(const struct settings *settings)
{
	return settings->arena;
}

const char *settings_file(const struct settings *settings)
{
	return settings->file;
}

void settings_accept_as_lxc(struct settings *settings)
{
	settings->as_lxc = true;
}

/* Asking for a key that does not exist is a slip of ours, not of the user. */
static const struct key *row(const char *name)
{
	const struct key *key = key_row(name);

	if (!key) {
		fprintf(stderr, "lxs: no such key in the table: %s\n", name);
		abort();
	}
	return key;
}

static const struct value *last(const struct values *values)
{
	return values->count > 0 ? &values->items[values->count - 1] : NULL;
}

/* The value that holds, or the default; NULL when there is neither. */
static const struct value *effective(const struct settings *settings, const char *name)
{
	const struct key *key = row(name);
	const struct value *value = last(store_row(settings, key));

	if (!value && settings->defaults[key - keys].text)
		value = &settings->defaults[key - keys];
	return value;
}

const struct values *settings_values(const struct settings *settings, const char *key)
{
	return store_row(settings, row(key));
}

const struct value *settings_value(const struct settings *settings, const char *key)
{
	return last(settings_values(settings, key));
}

const char *settings_string(const struct settings *settings, const char *key)
{
	const struct value *value = effective(settings, key);

	return value ? value->text : NULL;
}

const struct origin *settings_reset(const struct settings *settings, const char *key)
{
	return settings->resets[row(key) - keys];
}

int64_t settings_number(const struct settings *settings, const char *key)
{
	const struct value *value = effective(settings, key);

	return value ? value->number : 0;
}

bool settings_flag(const struct settings *settings, const char *key)
{
	const struct value *value = effective(settings, key);

	return value && value->flag;
}

size_t settings_net_count(const struct settings *settings)
{
	return settings->net_count;
}

const struct net *settings_net(const struct settings *settings, size_t position)
{
	return settings->nets[position];
}

unsigned net_index(const struct net *net)
{
	return net->index;
}

const struct values *net_values(const struct net *net, const char *key)
{
	return net ? store_net_row(net, row(key)) : &no_values;
}

const struct value *net_value(const struct net *net, const char *key)
{
	return last(net_values(net, key));
}

const char *net_string(const struct net *net, const char *key)
{
	const struct value *value = net_value(net, key);

	return value ? value->text : row(key)->initial;
}

int64_t net_number(const struct net *net, const char *key)
{
	const struct value *value = net_value(net, key);

	return value ? value->number : net->settings->defaults[row(key) - keys].number;
}

static uint64_t bits(const struct settings *settings, const char *key)
{
	const struct values *values = settings_values(settings, key);
	uint64_t set = 0;

	for (size_t i = 0; i < values->count; i++)
		set |= UINT64_C(1) << values->items[i].number;
	return set;
}

uint64_t settings_capabilities(const struct settings *settings, unsigned last_capability)
{
	uint64_t all = last_capability >= 63 ? UINT64_MAX : (UINT64_C(1) << (last_capability + 1)) - 1;
	uint64_t set = settings->keep ? bits(settings, "lxc.cap.keep") : all & ~bits(settings, "lxc.cap.drop");

	/* Time servers look for it before they ask for the clock. */
	if (settings_number(settings, "lxs.clock") == CLOCK_OWNER)
		set |= UINT64_C(1) << CAP_SYS_TIME;
	return (set | bits(settings, "lxs.cap.grant")) & all;
}
