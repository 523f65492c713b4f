/*
 * The words for a failed step: what was tried, on what, why, who asked for it
 * and what to do about it.
 */
#pragma once

#include "launch/launch.h"

/* What to advise when a step of `kind` fails with `code` (0: any); the first row that fits is used.  {field} as in `trying`. */
struct launch_hint {
	enum step_kind kind;
	int code;
	const char *hint;
};

extern const struct launch_hint launch_hints[]; /* until hint == NULL; launch/hints.c */

/*
 * Fills err for a failure reported as an errno value and a detail ("": none);
 * with ECANCELED the detail alone says why.  Returns -1.
 */
int launch_report(const struct step *step, int code, const char *detail, struct error *err);
