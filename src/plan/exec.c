/*
 * The end of a start: standard descriptors, working directory, identity, and
 * what is executed with which environment.  Called from plan.c.
 */
#include "plan/domains.h"
#include "plan/words.h"

#include <stdio.h>
#include <string.h>

int plan_stdio(struct planner *planner, struct error *err)
{
	struct step_stdio *args = plan_add(planner->plan, STEP_STDIO, NULL);

	(void)err;
	args->terminals_only = planner->request->execute || !plan_has_console(planner);
	return 0;
}

int plan_init_cwd(struct planner *planner, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxc.init.cwd");

	(void)err;
	if (value) {
		struct step_text *args = plan_add(planner->plan, STEP_DIRECTORY_CHANGE, value->origin);

		args->text = value->text;
	}
	return 0;
}

static const struct origin *identity_origin(const struct settings *settings)
{
	static const char *const keys[] = { "lxc.init.uid", "lxc.init.gid", "lxc.init.groups", NULL };

	for (size_t i = 0; keys[i]; i++)
		if (settings_value(settings, keys[i]))
			return settings_value(settings, keys[i])->origin;
	return NULL;
}

int plan_identity(struct planner *planner, struct error *err)
{
	const struct settings *settings = planner->settings;
	const struct values *groups = settings_values(settings, "lxc.init.groups");
	struct step_identity *args = plan_add(planner->plan, STEP_IDENTITY, identity_origin(settings));
	gid_t *list = NULL;

	(void)err;
	args->uid = (uid_t)settings_number(settings, "lxc.init.uid");
	args->gid = (gid_t)settings_number(settings, "lxc.init.gid");
	args->death_signal = (int)settings_number(settings, "lxc.monitor.signal.pdeath");
	if (groups->count > 0)
		list = arena_alloc(planner->plan->arena, groups->count * sizeof *list);
	for (size_t i = 0; i < groups->count; i++)
		list[i] = (gid_t)groups->items[i].number;
	args->groups = list;
	args->group_count = groups->count;
	args->keep_groups = planner->ids.mapped && groups->count == 0;
	return 0;
}

/* The argv of a key's text with LXC's quoting; NULL: unset or no word in it. */
static char **words_of(struct planner *planner, const char *key)
{
	const char *text = settings_string(planner->settings, key);
	char **words = text ? words_split(planner->plan->arena, text) : NULL;

	return words && words[0] ? words : NULL;
}

/* argv[0] of the small init is its own name; the command follows. */
static char *const *behind_small_init(struct planner *planner, char *const *command)
{
	size_t count = 0;
	char **argv;

	while (command[count])
		count++;
	argv = arena_alloc(planner->plan->arena, (count + 2) * sizeof *argv);
	argv[0] = arena_strdup(planner->plan->arena, "init");
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = command[i];
	return argv;
}

static void environment_add(struct planner *planner, char ***list, size_t *count, const char *text)
{
	size_t name = strcspn(text, "=");

	for (size_t i = 0; i < *count; i++)
		if (strncmp((*list)[i], text, name + 1) == 0) {
			(*list)[i] = arena_strdup(planner->plan->arena, text);
			return;
		}
	*list = arena_append(planner->plan->arena, *list, count, sizeof **list);
	(*list)[*count - 1] = arena_strdup(planner->plan->arena, text);
}

static char **init_environment(struct planner *planner)
{
	static const char *const keys[] = { "lxc.environment", "lxc.environment.runtime", NULL };
	char **list = NULL;
	size_t count = 0;

	for (size_t k = 0; keys[k]; k++) {
		const struct values *values = settings_values(planner->settings, keys[k]);

		for (size_t i = 0; i < values->count; i++)
			environment_add(planner, &list, &count, values->items[i].text);
	}
	environment_add(planner, &list, &count, "container=lxc");
	if (settings_number(planner->settings, "lxc.tty.max") > 0 && !planner->request->execute)
		environment_add(planner, &list, &count, "container_ttys=");
	return arena_append(planner->plan->arena, list, &count, sizeof *list);
}

int plan_exec(struct planner *planner, struct error *err)
{
	const char *key = planner->request->execute ? "lxc.execute.cmd" : "lxc.init.cmd";
	const struct value *value = settings_value(planner->settings, key);
	char *const *argv = planner->request->command;
	const struct origin *origin = NULL;
	struct step_exec *args;

	if (!argv || !argv[0]) {
		argv = words_of(planner, key);
		origin = value ? value->origin : NULL;
	}
	if (!argv) {
		error_set(err, 0, "there is no command to execute");
		return error_hint(err, "give one after '--', or set %s", key);
	}
	args = plan_add(planner->plan, STEP_EXEC, origin);
	args->small_init = planner->request->execute;
	args->argv = args->small_init ? behind_small_init(planner, argv) : argv;
	args->environment = init_environment(planner);
	return 0;
}
