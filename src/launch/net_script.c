/*
 * Scripts of interfaces with LXC's arguments: run once the interface is made,
 * and from the journal when the container has ended.  Apart from net.c because
 * every type of interface has them.
 */
#include "launch/net_script.h"

#include <errno.h>
#include <stdio.h>

#include "control/journal.h"
#include "launch/hooks.h"
#include "launch/net.h"

struct words {
	char arguments[80]; /* the type, the link, the host end of a pair */
	char peer[64];      /* LXC_NET_PEER=, or empty */
};

static struct words words_of(const struct net_scripts *scripts)
{
	struct words words = { "", "" };

	snprintf(words.arguments, sizeof words.arguments, "%s %s%s%s", scripts->type, scripts->link ? scripts->link : "",
		 scripts->peer ? " " : "", scripts->peer ? scripts->peer : "");
	if (scripts->peer)
		snprintf(words.peer, sizeof words.peer, "LXC_NET_PEER=%s", scripts->peer);
	return words;
}

static int script_run(const struct step_hook *hook, const char *name, pid_t init, struct error *err)
{
	char detail[LAUNCH_DETAIL] = "";
	int code = hook_run(hook, name, init, detail, sizeof detail);

	if (code == -ECANCELED)
		return error_set(err, 0, "the script %s failed: %s", hook->command, detail);
	return code < 0 ? error_set(err, -code, "the script %s cannot be run", hook->command) : 0;
}

static int up_run(struct launch *launch, const struct net_scripts *scripts, struct error *err)
{
	struct words words = words_of(scripts);
	char *environment[HOOK_ENVIRONMENT_MAX];
	char *more[] = { words.peer[0] ? words.peer : NULL, NULL };
	struct step_hook hook = *scripts->up;
	int code;

	hook.extra = words.arguments;
	if (hook.version == 1) {
		code = hook_environment(hook.environment, more, environment);
		if (code < 0)
			return error_set(err, -code, "the environment of %s is too large", hook.command);
		hook.environment = environment;
	}
	if (script_run(&hook, launch->plan->name, launch->init, err) == 0)
		return 0;
	error_hint(err, "a script that fails ends the start: mend it, or take the line out");
	return error_asked_by(err, hook.origin);
}

/* NAME VERSION COMMAND ARGUMENTS ENVIRONMENT... */
static int down_note(struct launch *launch, const struct net_scripts *scripts, struct error *err)
{
	struct words words = words_of(scripts);
	bool variables = scripts->down->version == 1;
	const char *line[JOURNAL_ARGUMENTS_MAX + 1] = {
		launch->plan->name, variables ? "1" : "0", scripts->down->command, words.arguments,
	};
	size_t used = 4;
	char pid[32];

	/* Nobody has that pid any more; LXC's scripts tell their runs apart by it. */
	snprintf(pid, sizeof pid, "LXC_PID=%d", launch->init);
	line[used++] = pid;
	if (variables && words.peer[0])
		line[used++] = words.peer;
	for (char *const *text = scripts->down->environment; *text; text++) {
		if (used >= JOURNAL_ARGUMENTS_MAX)
			return error_set(err, E2BIG, "the environment of %s", scripts->down->command);
		line[used++] = *text;
	}
	return journal_add(launch->run, "link-script", line, err);
}

int net_scripts(struct launch *launch, const struct net_scripts *scripts, struct error *err)
{
	if (scripts->down && down_note(launch, scripts, err) < 0)
		return -1;
	return scripts->up ? up_run(launch, scripts, err) : 0;
}

int launch_net_undo_script(char *const *arguments, size_t count, struct error *err)
{
	struct step_hook hook = { .type = "down", .section = "net" };

	if (count < 4)
		return error_set(err, EINVAL, "bad link-script line in the journal");
	hook.version = arguments[1][0] == '1';
	hook.command = arguments[2];
	hook.extra = arguments[3];
	hook.environment = arguments + 4;
	return script_run(&hook, arguments[0], 0, err);
}
