/*
 * The parts of lxs-inspect; for container/inspect*.c only.  Each part is an
 * object with what the kernel says and, in members that begin with `config`,
 * what the settings in force say.
 */
#pragma once

#include <jansson.h>

#include "config/settings.h"
#include "control/rundir.h"
#include "control/state.h"
#include "lib/arena.h"

struct inspection {
	struct arena *arena;
	struct rundir run;
	struct run_state state;
	int pidfd;                       /* of init, so that its pid stays its own */
	const struct settings *settings; /* as the container was started with */
};

/* /proc/INIT/FILE, or NULL. */
char *inspect_text(const struct inspection *inspection, const char *file);

/* As a text, or null; bytes that are no UTF-8 are shown as '?'. */
json_t *inspect_string(const char *text);

/* The lines of a text; empty ones are left out. */
json_t *inspect_lines(const char *text);

/* The values of a key in the settings, one text each. */
json_t *inspect_config(const struct inspection *inspection, const char *key);

json_t *inspect_capabilities(const struct inspection *inspection);
json_t *inspect_confinement(const struct inspection *inspection);
json_t *inspect_ids(const struct inspection *inspection);
json_t *inspect_namespaces(const struct inspection *inspection);
json_t *inspect_cgroups(const struct inspection *inspection);
json_t *inspect_mounts(const struct inspection *inspection);
json_t *inspect_devices(const struct inspection *inspection);
json_t *inspect_seccomp(const struct inspection *inspection);
