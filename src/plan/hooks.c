/*
 * The hooks of a start, and the environment of all hooks.  Called from plan.c
 * and, for what runs after the end, from container/.
 */
#include "plan/hooks.h"

#include "plan/domains.h"

struct variables {
	struct arena *arena;
	char **list;
	size_t count;
};

static void variable_add(struct variables *variables, char *text)
{
	variables->list = arena_append(variables->arena, variables->list, &variables->count, sizeof *variables->list);
	variables->list[variables->count - 1] = text;
}

static void variable_set(struct variables *variables, const char *name, const char *value)
{
	if (value)
		variable_add(variables, arena_printf(variables->arena, "%s=%s", name, value));
}

static void variables_copy(struct variables *variables, const struct settings *settings, const char *key)
{
	const struct values *values = settings_values(settings, key);

	for (size_t i = 0; i < values->count; i++)
		variable_add(variables, arena_strdup(variables->arena, values->items[i].text));
}

static const char *text_of(const struct settings *settings, const char *key)
{
	const struct value *value = settings_value(settings, key);

	return value ? value->text : NULL;
}

void hook_build(const struct hook_context *context, const char *type, const char *command, bool inside,
		char *const *more, struct step_hook *ret)
{
	const struct settings *settings = context->settings;
	struct variables variables = { context->arena, NULL, 0 };
	unsigned version = (unsigned)settings_number(settings, "lxc.hook.version");
	const char *level = text_of(settings, "lxc.log.level");

	variable_set(&variables, "LXC_NAME", context->name);
	variable_set(&variables, "LXC_CONFIG_FILE", settings_file(settings));
	variable_set(&variables, "LXC_ROOTFS_MOUNT", settings_string(settings, "lxc.rootfs.mount"));
	/* "dir:/srv/web" is "/srv/web" for a hook, as it is for get_config_item(). */
	if (text_of(settings, "lxc.rootfs.path"))
		variable_set(&variables, "LXC_ROOTFS_PATH",
			     settings_format(settings, context->arena, "lxc.rootfs.path"));
	variable_set(&variables, "LXC_CONSOLE", text_of(settings, "lxc.console.path"));
	variable_set(&variables, "LXC_CONSOLE_LOGPATH", text_of(settings, "lxc.console.logfile"));
	variable_set(&variables, "LXC_CGNS_AWARE", context->cgroup_namespaces ? "1" : NULL);
	variable_set(&variables, "LXC_LOG_LEVEL", level ? level : "ERROR");
	variable_set(&variables, "LXC_HOOK_VERSION", version ? "1" : "0");
	if (version == 1) {
		variable_set(&variables, "LXC_HOOK_TYPE", type);
		variable_set(&variables, "LXC_HOOK_SECTION", "lxc");
	}
	if (inside) {
		variables_copy(&variables, settings, "lxc.environment");
		variables_copy(&variables, settings, "lxc.environment.hooks");
	}
	for (; more && *more; more++)
		variable_add(&variables, *more);
	variable_add(&variables, NULL);
	*ret = (struct step_hook){
		.type = type, .command = command, .section = "lxc", .version = version,
		.environment = variables.list,
	};
}

static void hooks_add(struct planner *planner, enum step_kind kind, const char *type)
{
	const struct hook_context context = {
		planner->plan->arena, planner->settings, planner->plan->name, planner->host->cgroup_namespaces,
	};
	const char *key = arena_printf(planner->plan->arena, "lxc.hook.%s", type);
	const struct values *values = settings_values(planner->settings, key);

	for (size_t i = 0; i < values->count; i++)
		hook_build(&context, type, values->items[i].text, kind == STEP_HOOK, NULL,
			   plan_add(planner->plan, kind, values->items[i].origin));
}

#define HOOKS(function, kind, type)                                  \
	int function(struct planner *planner, struct error *err)     \
	{                                                            \
		(void)err;                                           \
		hooks_add(planner, kind, type);                      \
		return 0;                                            \
	}

HOOKS(plan_hooks_pre_start, STEP_HOST_HOOK, "pre-start")
HOOKS(plan_hooks_pre_mount, STEP_HOOK, "pre-mount")
HOOKS(plan_hooks_mount, STEP_HOOK, "mount")
HOOKS(plan_hooks_start, STEP_HOOK, "start")
HOOKS(plan_hooks_start_host, STEP_HOST_HOOK, "start-host")

/*
 * A start hook is the guest's own program, and would see the host's as that of
 * init.  So would the guest's libraries, should the interpreter of init be
 * /proc/self/exe; who has ids of his own may not write to it.
 */
int plan_unmap(struct planner *planner, struct error *err)
{
	bool executed = planner->host->libraries && !planner->ids.mapped && !planner->request->execute;

	(void)err;
	if (executed || settings_values(planner->settings, "lxc.hook.start")->count > 0)
		plan_add(planner->plan, STEP_UNMAP, NULL);
	return 0;
}

/* Without a /dev of the container's own there is nothing for it to do. */
int plan_hooks_autodev(struct planner *planner, struct error *err)
{
	(void)err;
	if (settings_flag(planner->settings, "lxc.autodev"))
		hooks_add(planner, STEP_HOOK, "autodev");
	return 0;
}
