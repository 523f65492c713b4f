/*
 * From a line lxc.hook.TYPE to the hook that is run, with LXC's environment.
 * For the hooks of a start (plan/hooks.c itself) and for those after the end
 * (container/).
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"
#include "lib/arena.h"
#include "plan/steps.h"

struct hook_context {
	struct arena *arena;
	const struct settings *settings;
	const char *name;
	bool cgroup_namespaces;     /* of the kernel */
};

/*
 * Fills *ret for one value of lxc.hook.TYPE.  `inside` adds lxc.environment and
 * lxc.environment.hooks; `more` (NULL: nothing) are further NAME=VALUE texts.
 */
void hook_build(const struct hook_context *context, const char *type, const char *command, bool inside,
		char *const *more, struct step_hook *ret);
