/*
 * Changes a config file as a careful admin would: comments, order and foreign
 * lines stay, the file is replaced whole or not at all, and a change that
 * does not load or does not have its effect is refused.
 */
#pragma once

#include "lib/error.h"

enum edit_kind {
	EDIT_SET,    /* the key has these values and no others afterwards */
	EDIT_ADD,    /* one more line for each value; for a scalar the same as EDIT_SET */
	EDIT_RESET,  /* the key, family or interface is unset afterwards, whatever is included */
	EDIT_REMOVE, /* its lines are gone from this file; what is included has its say */
};

struct edit {
	enum edit_kind kind;
	const char *key;           /* as written: "lxc.net.0.mtu" */
	const char *const *values; /* NULL at the end; EDIT_RESET, EDIT_REMOVE: not used */
};

/* Edits the file at `path`. */
int edit_file(const char *path, const struct edit *edit, struct error *err);

/* The text the file would have; `path` is for messages.  The caller frees *ret. */
int edit_text(const char *path, const char *text, const struct edit *edit, char **ret, struct error *err);

/* Refuses a text that would not load, naming the first error. */
int edit_check(const char *path, const char *text, struct error *err);

/* Replaces the file with `after`, unless it no longer is what `before` says. */
int edit_replace(const char *path, const char *before, const char *after, struct error *err);
