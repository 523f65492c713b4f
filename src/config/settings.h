/*
 * The merged settings of one container: for every key of the table
 * (config/keys.h) the list of values that hold after all includes, resets and
 * later lines.  Each value keeps its text as written, its parsed form, and the
 * line it came from.  Settings are filled by the reader (config/read.h) or by
 * settings_assign(), and are plain data otherwise: they know nothing of the
 * kernel.  Everything lives in one arena, freed by settings_free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/origin.h"

/* One line `u|g NSID HOSTID RANGE` of lxc.idmap. */
struct idmap {
	char kind; /* 'u' or 'g' */
	unsigned long inside, outside, range;
};

/* An address `A[/P] [BROADCAST]`; `family` is AF_INET or AF_INET6, addresses in network order. */
struct address {
	int family;
	unsigned char bytes[16];
	unsigned prefix;
	unsigned char broadcast[4];
	bool has_broadcast;
};

/* A resource limit; RLIM_INFINITY for `unlimited`. */
struct limit {
	uint64_t soft, hard;
};

/* One assignment that holds. */
struct value {
	const char *text;             /* as written, trimmed and unquoted; a list of words has one value a word */
	const char *sub;              /* maps: the part of the key after the family ("nofile"); else NULL */
	const struct origin *origin;
	union {                       /* which one: the type of the key's row */
		bool flag;            /* 0 or 1 */
		int64_t number;       /* also enumerations, signals, capabilities, personalities */
		uint64_t size;        /* bytes */
		struct idmap idmap;
		struct address address;
		struct limit limit;
	};
};

struct values {
	struct value *items;
	size_t count;
};

/* One network interface, lxc.net.INDEX.*; values by key of the rows of kind KEY_NET. */
struct net;

struct settings;

struct settings *settings_new(void);
void settings_free(struct settings *settings);

static inline void settings_free_at(struct settings **settings)
{
	settings_free(*settings);
	*settings = NULL;
}

#define owned_settings __attribute__((cleanup(settings_free_at))) struct settings *

/* For things that shall live as long as the settings. */
struct arena *settings_arena(const struct settings *settings);

/* The file that was read first (LXC_CONFIG_FILE of the hooks); NULL before. */
const char *settings_file(const struct settings *settings);

/*
 * Makes the reader take and refuse what LXC takes and refuses, also where LXC
 * only notices at start: for showing what LXC would make of a file.
 */
void settings_accept_as_lxc(struct settings *settings);

/*
 * Reading.  `key` is the name of a row ("lxc.cap.drop", "lxc.sysctl",
 * "lxc.net.N.mtu"); a name that is no row is a slip of the programmer and
 * ends the program.  An unset scalar answers with the default of its row;
 * settings_value() tells set from unset.
 */
const struct values *settings_values(const struct settings *settings, const char *key); /* never NULL */
const struct value *settings_value(const struct settings *settings, const char *key);   /* last one; NULL when unset */
const char *settings_string(const struct settings *settings, const char *key);          /* NULL when unset without default */
int64_t settings_number(const struct settings *settings, const char *key);
bool settings_flag(const struct settings *settings, const char *key);

/* The last line that emptied the key (for the lists of capabilities: either of them); NULL: none did. */
const struct origin *settings_reset(const struct settings *settings, const char *key);

/* Interfaces in order of their index; net_value() as settings_value(). */
size_t settings_net_count(const struct settings *settings);
const struct net *settings_net(const struct settings *settings, size_t position);
unsigned net_index(const struct net *net);
const struct values *net_values(const struct net *net, const char *key);
const struct value *net_value(const struct net *net, const char *key);
const char *net_string(const struct net *net, const char *key);
int64_t net_number(const struct net *net, const char *key);

/*
 * The capabilities init may keep after lxc.cap.drop, lxc.cap.keep and
 * lxs.cap.grant were merged, as a set of bits 0..last (capabilities(7)):
 * what the bounding set shall be.
 */
uint64_t settings_capabilities(const struct settings *settings, unsigned last);

/*
 * The text that get_config_item() of liblxc gives for a key as written
 * ("lxc.cap.drop", "lxc.net.0.type", "lxc.prlimit.nofile", "lxc.cgroup2" for
 * the whole family): lists one item a line, "" when unset.  NULL: no such key.
 * The text lives in `arena`.
 */
const char *settings_format(const struct settings *settings, struct arena *arena, const char *written);

/*
 * Calls `visit` for every key that settings_format() can answer now: all rows
 * without an index, the families and each of their members, all keys of each
 * interface.  `visit` returns non-zero to stop.
 */
int settings_each(const struct settings *settings, int (*visit)(const char *written, void *data), void *data);
