/*
 * A run's plan (container/run.h): the host is looked at for what the settings
 * speak of.  Apart from run.c because nothing is claimed or changed yet.
 */
#include "container/run.h"

#include <string.h>

#include "container/scope.h"
#include "host/interfaces.h"
#include "host/lxsconf.h"
#include "host/usernic.h"
#include "lib/own.h"

/*
 * LXC boots the host's own /sbin/init in the host's own files then, which sets
 * up and clears away what is the host's.  Nobody means that; who does names
 * the command.
 */
static int host_init_refuse(const struct run *run, struct error *err)
{
	const struct start_options *options = run->options;
	const struct settings *settings = run->container->settings;

	if (options->execute || (options->command && options->command[0]) ||
	    settings_value(settings, "lxc.rootfs.path") ||
	    settings_value(settings, "lxc.init.cmd"))
		return 0;
	error_set(err, 0, "there is neither a root file system nor a command: "
			  "this would boot the host's own /sbin/init in the host's own files");
	return error_hint(err, "set lxc.rootfs.path, or name what to run: lxc.init.cmd, or a command after '--'");
}

/* Links that end with '+' stand for any interface, and those in lxs.net.optional may be missing, or not for a user. */
static const char *const *interfaces_open(struct arena *arena, const struct settings *settings, uid_t uid)
{
	const struct values *optional = settings_values(settings, "lxs.net.optional");
	const char **wanted = NULL;
	size_t count = 0;

	for (size_t i = 0; i < optional->count; i++) {
		if (uid != 0 && !usernic_allows(uid, optional->items[i].text))
			continue;
		wanted = arena_append(arena, wanted, &count, sizeof *wanted);
		wanted[count - 1] = optional->items[i].text;
	}
	for (size_t i = 0; i < settings_net_count(settings); i++) {
		const struct value *link = net_value(settings_net(settings, i), "lxc.net.N.link");

		if (!link || !*link->text || link->text[strlen(link->text) - 1] != '+')
			continue;
		wanted = arena_append(arena, wanted, &count, sizeof *wanted);
		wanted[count - 1] = link->text;
	}
	if (count == 0)
		return NULL;
	wanted = arena_append(arena, wanted, &count, sizeof *wanted);
	return interfaces_find(arena, wanted);
}

/* Once, so that a reboot finds its cgroups where they were. */
static int tool_settings_read(struct run *run, struct error *err)
{
	if (run->asked)
		return 0;
	if (lxsconf_get("lxc.cgroup.use", &run->cgroup_use, err) < 0 ||
	    lxsconf_get("lxc.cgroup.pattern", &run->cgroup_pattern, err) < 0)
		return -1;
	run->asked = true;
	return 0;
}

/* 0: a check goes on to what else there is. */
static int refuse(const struct run *run, struct error *err)
{
	if (!run->options->refuse)
		return -1;
	run->options->refuse(err, run->options->refuse_context);
	error_done(err);
	return 0;
}

void run_warn(const struct run *run)
{
	const struct side *host = &run->plan->host;

	for (size_t i = 0; run->options->warn && i < host->count; i++) {
		const struct step_text *note = host->steps[i].args;
		owned_error warning = ERROR_INIT;

		if (host->steps[i].kind != STEP_NOTE || !note->warn)
			continue;
		error_set(&warning, 0, "warning: %s", note->text);
		error_asked_by(&warning, host->steps[i].origin);
		run->options->warn(&warning, run->options->warn_context);
	}
}

int run_plan(struct run *run, struct error *err)
{
	const struct container *container = run->container;
	const struct value *table = settings_value(container->settings, "lxc.mount.fstab");
	struct fstab fstab = { 0 };
	const struct plan_request request = {
		.name = container->name, .lxcpath = container->lxcpath, .config_file = container->config_path,
		.command = run->options->command, .execute = run->options->execute,
		.foreground = run->options->foreground, .preview = run->options->preview, .fstab = &fstab,
		.refuse = run->options->refuse, .refuse_context = run->options->refuse_context,
	};

	if (host_init_refuse(run, err) < 0 && refuse(run, err) < 0)
		return -1;
	run_forget(run);
	run->arena = arena_new();
	if (tool_settings_read(run, err) < 0 || host_read(run->arena, &run->host, err) < 0)
		return -1;
	scope_enter(container->name, run->options->preview, run->arena, &run->host);
	run->host.cgroups.pattern = run->cgroup_pattern;
	if (run->cgroup_use && cgroups_select(&run->host.cgroups, run->cgroup_use, err) < 0)
		return -1;
	run->host.interfaces = interfaces_open(run->arena, container->settings, run->host.uid);
	if (table && fstab_read(run->arena, table->text, table->origin, &fstab, err) < 0 && refuse(run, err) < 0)
		return -1;
	run->plan = plan_new(container->settings, &run->host, &request, err);
	if (!run->plan)
		return -1;
	launch_init(&run->launch, run->plan, &run->dir);
	run->launched = true;
	return 0;
}
