/*
 * From files to settings: the grammar of LXC's container configs (key =
 * value, includes, resets), with all findings of a file reported at once.
 */
#pragma once

#include <stdio.h>

#include "config/settings.h"
#include "lib/error.h"

enum severity { FINDING_WARNING, FINDING_ERROR };

/* One thing the reader or a check has to say about a line. */
struct finding {
	enum severity severity;
	const struct origin *origin;
	const char *message; /* "unknown key lxc.cap.dorp" */
	const char *hint;    /* "did you mean lxc.cap.drop?" or NULL */
};

struct findings {
	struct finding *items;
	size_t count;
	size_t errors; /* how many of them are FINDING_ERROR */
};

/*
 * Reads `path` into `settings`, on top of what is there.  Findings live in the
 * settings' arena.  Returns 0 when there were no errors (warnings are fine);
 * -1 with err set to the first error and the number of further ones.
 */
int settings_read(struct settings *settings, const char *path, struct findings *findings, struct error *err);

/* The same for a text that is not (yet) in the file at `path`. */
int settings_read_text(struct settings *settings, const char *path, const char *text, struct findings *findings,
		       struct error *err);

/*
 * One assignment that is not in a file: `--define KEY=VALUE`, lxs-config set,
 * the API.  `where` names its origin ("--define").  An empty value resets.
 */
int settings_assign(struct settings *settings, const char *where, const char *key, const char *value,
		    struct error *err);

/* `--define "KEY = VALUE"`: cut and unquoted as a line of a file, then settings_assign(). */
int settings_define(struct settings *settings, const char *where, const char *text, struct error *err);

/* Prints findings as "file:line: error: message", a line of hint below. */
void findings_print(const struct findings *findings, FILE *out);
