/*
 * Finding rows of the key table by what a user or a planner wrote.  Apart
 * from keys.c, which is the table alone.
 */
#include "config/keys.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct key *)row)->name);
}

const struct key *key_row(const char *name)
{
	return bsearch(name, keys, key_count, sizeof *keys, compare);
}

enum { LONGEST_NAME = 128 };

/* lxc.net.12.mtu is in the row lxc.net.N.mtu. */
static const struct key *find_net(const char *written, const char **sub, unsigned *index)
{
	const char *digits = written + strlen("lxc.net.");
	unsigned long number;
	char name[LONGEST_NAME] = "lxc.net.N", *end;

	if (!text_starts(written, "lxc.net.") || !isdigit((unsigned char)*digits))
		return NULL;
	number = strtoul(digits, &end, 10);
	if (number >= INT_MAX || (*end && *end != '.') || strlen(end) >= sizeof name - strlen(name))
		return NULL;
	memcpy(name + strlen(name), end, strlen(end) + 1);
	*index = (unsigned)number;
	if (!*end)
		*sub = digits;
	return key_row(name);
}

/* lxc.prlimit.nofile is in the row lxc.prlimit. */
static const struct key *find_family(const char *written, const char **sub)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];
		size_t length = strlen(key->name);

		if (key->kind != KEY_MAP && !(key->kind == KEY_FORMER && key->many))
			continue;
		if (strncmp(written, key->name, length) == 0 && written[length] == '.' && written[length + 1]) {
			*sub = written + length + 1;
			return key;
		}
	}
	return NULL;
}

const struct key *key_find(const char *written, const char **sub, unsigned *index)
{
	const struct key *key = key_row(written);
	const char *no_sub;
	unsigned no_index;

	sub = sub ? sub : &no_sub;
	index = index ? index : &no_index;
	*sub = NULL;
	*index = 0;
	if (key && !strstr(written, "lxc.net.N"))
		return key;
	key = find_net(written, sub, index);
	return key ? key : find_family(written, sub);
}

const char *key_written(struct arena *arena, const struct key *key, const char *sub, unsigned index)
{
	if (key->kind == KEY_MAP && sub)
		return arena_printf(arena, "%s.%s", key->name, sub);
	if (text_starts(key->name, "lxc.net.N"))
		return arena_printf(arena, "lxc.net.%u%s", index, key->name + strlen("lxc.net.N"));
	return key->name;
}

/* lxc.network.ipv4 and .ipv6 had no ".address", and interfaces had no numbers at first. */
const char *key_successor(struct arena *arena, const struct key *former, const char *written)
{
	const char *rest = written + strlen(former->name), *sub, *tail = "";

	if (!former->many || !*rest)
		return former->successor;
	if (strcmp(former->name, "lxc.network") != 0)
		return arena_printf(arena, "%s%s", former->successor, rest);
	sub = rest + 1 + strspn(rest + 1, "0123456789");
	if (sub == rest + 1)
		rest = arena_printf(arena, ".0.%s", sub);
	sub = *sub == '.' ? sub + 1 : sub;
	if (strcmp(sub, "ipv4") == 0 || strcmp(sub, "ipv6") == 0)
		tail = ".address";
	return arena_printf(arena, "%s%s%s", former->successor, rest, tail);
}

/* The index of an interface is the user's, so it is N for the comparison. */
static void index_away(const char *written, char *name, size_t size)
{
	const char *dot = strchr(written, '.'), *digits = dot ? strchr(dot + 1, '.') : NULL;
	size_t skip = digits ? strspn(digits + 1, "0123456789") : 0;

	if (skip == 0)
		snprintf(name, size, "%s", written);
	else
		snprintf(name, size, "%.*sN%s", (int)(digits + 1 - written), written, digits + 1 + skip);
}

const char *key_nearest(const char *written)
{
	unsigned best = text_tolerance(written) + 1;
	char name[LONGEST_NAME];
	const char *found = NULL;

	index_away(written, name, sizeof name);
	for (size_t i = 0; i < key_count; i++) {
		unsigned distance;

		if (keys[i].kind == KEY_FORMER)
			continue;
		distance = text_distance(name, keys[i].name);
		if (distance < best) {
			best = distance;
			found = keys[i].name;
		}
	}
	return found;
}

int key_unknown(const char *written, struct error *err)
{
	const char *near = key_nearest(written);

	error_set(err, 0, "unknown key %s", written);
	return near ? error_hint(err, "did you mean %s?", near) : error_hint(err, "lxs.container.conf(5) has all keys");
}
