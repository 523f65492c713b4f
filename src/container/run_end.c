/*
 * After a container's init is gone: hooks, undo, and what the next start must
 * not find.  Called at the end of a foreground start, by `lxs ended`, and for
 * a launch that failed after init was born.
 */
#include "container/run.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch/hooks.h"
#include "launch/undo.h"
#include "lib/log.h"
#include "lib/own.h"
#include "plan/hooks.h"

struct end {
	struct run *run;
	struct arena *arena;
	char **variables;           /* NAME=VALUE, NULL at the end */
	size_t count;
	size_t spaces;              /* of these are LXC_*_NS: the first ones */
	char *namespaces;           /* further arguments of stop hooks, version 0 */
};

static void variable_add(struct end *end, char *text)
{
	end->variables = arena_append(end->arena, end->variables, &end->count, sizeof *end->variables);
	end->variables[end->count - 1] = text;
}

/* The namespaces are alive through our descriptors only: LXC_NET_NS=/proc/PID/fd/N. */
static void namespaces_add(struct end *end)
{
	end->namespaces = arena_strdup(end->arena, "");
	for (int i = 0; i < HANDOVER_NAMESPACES; i++) {
		const char *name = handover_namespace_names[i];
		char *variable, *path;

		if (end->run->namespaces[i] < 0)
			continue;
		path = arena_printf(end->arena, "/proc/%d/fd/%d", getpid(), end->run->namespaces[i]);
		end->namespaces = arena_printf(end->arena, "%s %s:%s", end->namespaces, name, path);
		variable = arena_printf(end->arena, "LXC_%s_NS=%s", name, path);
		for (char *c = variable; *c != '='; c++)
			*c = (char)toupper((unsigned char)*c);
		variable_add(end, variable);
	}
	end->spaces = end->count;
}

/* Nobody has that pid any more; LXC's hooks tell their runs apart by it. */
static void pid_add(struct end *end)
{
	owned_run_state state = RUN_STATE_INIT;
	owned_error ignored = ERROR_INIT;

	if (run_state_read(&end->run->dir, &state, &ignored) == RUNDIR_OPENED && state.init > 0)
		variable_add(end, arena_printf(end->arena, "LXC_PID=%d", state.init));
}

/*
 * The journal runs scripts of interfaces, which are told where the namespaces
 * are, too: they take it from our environment, and only they.
 */
static int journal_run(struct end *end, struct error *err)
{
	int result;

	for (size_t i = 0; i < end->spaces; i++)
		putenv(end->variables[i]);
	result = journal_undo(&end->run->dir, launch_undo_kinds, err);
	for (size_t i = 0; i < end->spaces; i++)
		unsetenv(arena_strndup(end->arena, end->variables[i], strcspn(end->variables[i], "=")));
	return result;
}

/* Runs all hooks of a type; the first failure ends the list. */
static int hooks_run(struct end *end, const char *type, const char *extra, struct error *err)
{
	const struct container *container = end->run->container;
	const struct hook_context context = { end->arena, container->settings, container->name, true };
	const char *key = arena_printf(end->arena, "lxc.hook.%s", type);
	const struct values *values = settings_values(container->settings, key);

	for (size_t i = 0; i < values->count; i++) {
		char detail[LAUNCH_DETAIL] = "";
		struct step_hook hook;

		hook_build(&context, type, values->items[i].text, false, end->variables, &hook);
		hook.extra = hook.version == 0 ? extra : NULL;
		if (hook_run(&hook, container->name, 0, detail, sizeof detail) == 0)
			continue;
		error_set(err, 0, "cannot run the %s hook %s: %s", type, hook.command, detail);
		error_asked_by(err, values->items[i].origin);
		log_error("container", "%s", err->message);
		return -1;
	}
	return 0;
}

/* The kernel's way to report reboot(2) in a pid namespace. */
static bool wants_reboot(int wait_status)
{
	return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGHUP;
}

static void container_gone(struct run *run, const char *pidfile, struct error *err)
{
	if (pidfile)
		unlink(pidfile);
	rundir_remove(&run->dir);
	own_close_fd(&run->control);
	if (settings_flag(run->container->settings, "lxc.ephemeral"))
		run->options->remove(run->container, err);
}

int run_end(struct run *run, int wait_status, const char *pidfile, bool *reboot, struct error *err)
{
	owned_arena arena = arena_new();
	struct end end = { .run = run, .arena = arena };
	owned_error undo = ERROR_INIT;

	*reboot = wants_reboot(wait_status);
	namespaces_add(&end);
	pid_add(&end);
	variable_add(&end, arena_printf(arena, "LXC_TARGET=%s", *reboot ? "reboot" : "stop"));
	variable_add(&end, NULL);
	hooks_run(&end, "stop", end.namespaces, err);
	if (journal_run(&end, &undo) < 0)
		log_warn("container", "not all could be cleaned up: %s", undo.message);
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		own_close_fd(&run->namespaces[i]);
	if (hooks_run(&end, "post-stop", NULL, err) < 0)
		*reboot = false;
	if (!*reboot)
		container_gone(run, pidfile, err);
	return 0;
}
