/*
 * The clone and destroy hooks (provision/verb_hooks.h).  Apart from run_end.c
 * because nothing runs here: there are no namespaces and no target to tell of.
 */
#include "provision/verb_hooks.h"

#include <string.h>

#include "launch/hooks.h"

enum { VARIABLES = 10, DETAIL = 2048 };

static void variable(struct arena *arena, char **environment, const char *name, const char *value)
{
	size_t count = 0;

	if (!value)
		return;
	while (environment[count])
		count++;
	environment[count] = arena_printf(arena, "%s=%s", name, value);
}

int verb_hooks_run(const struct container *container, const struct verb_hooks *hooks, struct error *err)
{
	const struct settings *settings = container->settings;
	struct arena *arena = settings_arena(settings);
	const struct values *commands = settings_values(settings, arena_printf(arena, "lxc.hook.%s", hooks->type));
	unsigned version = (unsigned)settings_number(settings, "lxc.hook.version");
	char *environment[VARIABLES + 1] = { NULL };
	char detail[DETAIL];

	variable(arena, environment, "LXC_NAME", container->name);
	variable(arena, environment, "LXC_SRC_NAME", hooks->source_name);
	variable(arena, environment, "LXC_CONFIG_FILE", container->config_path);
	variable(arena, environment, "LXC_HOOK_TYPE", hooks->type);
	variable(arena, environment, "LXC_HOOK_SECTION", "lxc");
	variable(arena, environment, "LXC_HOOK_VERSION", version ? "1" : "0");
	variable(arena, environment, "LXC_ROOTFS_PATH", settings_string(settings, "lxc.rootfs.path"));
	variable(arena, environment, "LXC_ROOTFS_MOUNT",
		 hooks->rootfs_mount ? hooks->rootfs_mount : settings_string(settings, "lxc.rootfs.mount"));
	variable(arena, environment, "LXC_CONSOLE", settings_string(settings, "lxc.console.path"));
	variable(arena, environment, "LXC_CONSOLE_LOGPATH", settings_string(settings, "lxc.console.logfile"));
	for (size_t i = 0; i < commands->count; i++) {
		const struct step_hook hook = {
			.type = hooks->type, .command = commands->items[i].text, .section = "lxc", .extra = hooks->extra,
			.version = version, .environment = environment,
		};

		detail[0] = '\0';
		if (hook_run(&hook, container->name, 0, detail, sizeof detail) == 0)
			continue;
		error_set(err, 0, "the %s hook '%s' failed: %s", hooks->type, hook.command, detail);
		return error_asked_by(err, commands->items[i].origin);
	}
	return 0;
}
