/*
 * What would keep a container from starting, told all at once: what the
 * planner refuses, and what the plan needs of the host and is not there.
 * Called by lxs-config check; a start meets these one after the other.
 */
#include "container/container.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "container/run.h"
#include "launch/report.h"
#include "launch/seccomp.h"
#include "lib/own.h"

static bool is_missing(const char *path)
{
	return *path == '/' && access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/*
 * A program that is named by its whole path: the shell finds others, and what
 * an argument means is its own affair.  That of a start hook is the container's.
 */
static bool hook_is_missing(const struct step_hook *hook)
{
	owned_str program = strndup(hook->command, strcspn(hook->command, " \t"));

	return program && strcmp(hook->type, "start") != 0 && !strpbrk(program, "'\"\\$`;|&<>(") && is_missing(program);
}

/* 0, or an errno value of what is not there. */
static int look(const struct step *step, struct error *err)
{
	const struct step_bind *bind = step->args;
	const struct step_rootfs *rootfs = step->args;

	switch (step->kind) {
	case STEP_ROOTFS:
		return (!*rootfs->source.type || strcmp(rootfs->source.type, "dir") == 0) &&
		       is_missing(rootfs->source.path) ? ENOENT : 0;
	case STEP_BIND:
		return !bind->relative && !bind->if_exists && is_missing(bind->source) ? ENOENT : 0;
	case STEP_HOST_HOOK:
	case STEP_HOOK:
		return hook_is_missing(step->args) ? ENOENT : 0;
	case STEP_SECCOMP:
		return launch_seccomp_check(step, err);
	default:
		return 0;
	}
}

/* Hooks that run before anything else may bring what is missing now. */
static bool is_prepared(const struct plan *plan)
{
	for (size_t i = 0; i < plan->host.count; i++)
		if (plan->host.steps[i].kind == STEP_HOST_HOOK)
			return true;
	return false;
}

static void look_at_side(const struct run *run, const struct side *side, bool prepared)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct step *step = &side->steps[i];
		bool brought = prepared && (step->kind == STEP_ROOTFS || step->kind == STEP_BIND);
		owned_error err = ERROR_INIT;
		int code = step->optional || brought ? 0 : look(step, &err);

		if (code == 0)
			continue;
		if (code > 0)
			launch_report(step, code, "", &err);
		error_asked_by(&err, step->origin);
		run->options->refuse(&err, run->options->refuse_context);
	}
}

int container_check(struct container *container, const struct start_options *options, struct error *err)
{
	struct start_options preview = *options;
	owned_run run = { 0 };

	preview.preview = true;
	run_init(&run, container, &preview);
	if (run_plan(&run, err) < 0)
		return -1;
	run_warn(&run);
	look_at_side(&run, &run.plan->host, is_prepared(run.plan));
	look_at_side(&run, &run.plan->container, is_prepared(run.plan));
	return 0;
}
