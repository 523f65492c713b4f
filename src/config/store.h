/*
 * How settings are stored: for the rooms' own files (settings.c, assign.c,
 * save.c) alone; everybody else reads by settings.h.
 */
#pragma once

#include "config/keys.h"
#include "config/settings.h"

struct net {
	const struct settings *settings;
	unsigned index;
	struct values *rows; /* as of the key table; those of kind KEY_NET are used */
};

struct settings {
	struct arena *arena;
	struct values *rows;     /* one a row of the key table */
	struct value *defaults;  /* the same; text NULL: no default */
	const struct origin **resets; /* the same: the last empty line, not saved */
	struct net **nets;       /* by index */
	size_t net_count;
	bool keep;               /* lxc.cap.keep is in force, perhaps with nothing in it */
	bool as_lxc;             /* settings_accept_as_lxc() */
	const char *file;
};

static inline struct values *store_row(const struct settings *settings, const struct key *key)
{
	return &settings->rows[key - keys];
}

static inline struct values *store_net_row(const struct net *net, const struct key *key)
{
	return &net->rows[key - keys];
}

/* Puts `value` at the end of `values`. */
void store_append(const struct settings *settings, struct values *values, const struct value *value);

struct net *store_net(const struct settings *settings, unsigned index); /* NULL: absent */
struct net *store_net_add(struct settings *settings, unsigned index);   /* made when absent */
void store_net_remove(struct settings *settings, unsigned index);

/*
 * One assignment with LXC's rules of merging and resetting.  0, -1, or, with
 * the complaint in err, PARSE_DOUBTFUL or PARSE_BROKEN.  lxc.include is not done here.
 */
int store_assign(struct settings *settings, const struct origin *origin, const char *written, const char *text,
		 struct error *err);
