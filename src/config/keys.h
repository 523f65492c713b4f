/*
 * The one table of config keys.  All that is true of a key stands in its row:
 * parse, get, set, clear, list, write, lxs-config, the man page, completion
 * and 'did you mean' walk the table.  Adding a key is adding a row; only a
 * planner that acts on it must know of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "lib/error.h"

enum key_kind {
	KEY_SCALAR, /* a second line replaces */
	KEY_LIST,   /* a second line appends; empty resets */
	KEY_MAP,    /* FAMILY.SUB; whether SUB replaces or appends: `replace` */
	KEY_NET,    /* lxc.net.N.SUB, scalar or list: `many` */
	KEY_GROUP,  /* takes the empty value alone, which resets every key below it */
	KEY_ACTION, /* lxc.include: done when read, never stored */
	KEY_FORMER, /* a name from before LXC 2.1: refused with the modern spelling in `successor` */
};

/* When a changed value takes effect. */
enum key_effect {
	EFFECT_START, /* at the next start */
	EFFECT_NOW,   /* also in a running container */
	EFFECT_LATER, /* not by this version: parsed, kept, and refused by the planner */
};

/* What parse() answers besides 0 and -1. */
enum {
	PARSE_DOUBTFUL = 1, /* LXC takes the value, but its meaning is hardly what was wanted: a warning */
	PARSE_BROKEN = 2,   /* LXC takes the value and fails at start: an error, unless LXC's own answer is asked for */
};

/*
 * A type of value is a row as well.  parse() gets one word or the whole text,
 * never empty, and fills the union of `ret`; it may set ret->text when the
 * stored text differs from the one written.  format() gives the text that
 * get_config_item() of liblxc gives for one value.
 */
struct key_type {
	const char *name;       /* for the man page: "capability", "size" */
	const char *syntax;     /* for the man page and for messages: what is accepted */
	const char *separators; /* the text is a list of words cut at these, one value each; NULL: one value */
	const char *joint;      /* what get_config_item() puts between values; NULL: a newline behind each */
	int (*parse)(struct arena *arena, const char *text, struct value *ret, struct error *err);
	const char *(*format)(struct arena *arena, const struct value *value); /* NULL: the text itself */
	const char *const *choices; /* for completion and 'did you mean'; NULL: none */
};

struct key {
	const char *name;
	enum key_kind kind;
	const struct key_type *type;
	bool many;              /* KEY_NET: a list; KEY_FORMER: all names below it as well */
	bool replace;           /* KEY_MAP: the same SUB replaces */
	enum key_effect effect;
	const char *initial;    /* text of the default; NULL: unset */
	const char *unset;      /* what get_config_item() says while unset; NULL: the default */
	const char *empty;      /* what an empty line sets; NULL: it unsets */
	bool lxc_needs_value;   /* LXC refuses the empty line */
	const char *net_type;   /* KEY_NET: only for interfaces of this type; NULL: all */
	const char *successor;  /* KEY_FORMER; NULL: dropped without one */
	const char *good, *bad; /* an example that parses, and one that must not; NULL: anything parses */
	const char *doc;        /* one or two sentences for the man page */
};

/* Sorted by name. */
extern const struct key keys[];
extern const size_t key_count;

/* The row of that very name ("lxc.net.N.mtu"), or NULL. */
const struct key *key_row(const char *name);

/*
 * Finds the row for a full key as written ("lxc.net.0.mtu", "lxc.prlimit.nofile").
 * *sub is the part after a map's family or, for "lxc.net.0" itself, the index
 * as written; NULL when there is none.  *index is the interface.  Both are
 * optional.  NULL: no such key.
 */
const struct key *key_find(const char *written, const char **sub, unsigned *index);

/* The key as a user writes it: row, sub-key and index put together. */
const char *key_written(struct arena *arena, const struct key *key, const char *sub, unsigned index);

/* The modern spelling of a former key ("lxc.network.0.ipv4"); NULL: dropped. */
const char *key_successor(struct arena *arena, const struct key *former, const char *written);

/* The name nearest to what was written, for 'did you mean'; NULL: nothing is near. */
const char *key_nearest(const char *written);

/* "unknown key", with the nearest one, or where to look.  Returns -1. */
int key_unknown(const char *written, struct error *err);
