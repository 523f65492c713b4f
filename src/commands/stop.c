/* lxs-stop: a clean shutdown, a reboot or a kill, by container_stop(). */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"

enum { TIMEOUT_UNSET = INT_MIN, TIMEOUT_DEFAULT = 60 };

struct stop {
	bool reboot, no_wait, kill, no_kill, no_lock;
	int timeout;
};

#define FIELD(name) offsetof(struct stop, name)

static const struct option_row rows[] = {
	{ 'r', "reboot", NULL, "reboot instead of shutting down", OPTION_FLAG, FIELD(reboot), NULL },
	{ 'W', "nowait", NULL, "do not wait for the end", OPTION_FLAG, FIELD(no_wait), NULL },
	{ 't', "timeout", "SECONDS", "wait so long before killing (default: 60; -1: for ever)", OPTION_INT,
	  FIELD(timeout), NULL },
	{ 'k', "kill", NULL, "kill at once", OPTION_FLAG, FIELD(kill), NULL },
	{ 0, "nolock", NULL, "for compatibility; stopping never takes a lock", OPTION_FLAG, FIELD(no_lock), NULL },
	{ 0, "nokill", NULL, "do not kill after the timeout", OPTION_FLAG, FIELD(no_kill), NULL },
	{ 0 },
};

static void stop_prepare(void *options)
{
	struct stop *stop = options;

	stop->timeout = TIMEOUT_UNSET;
}

static int check(const struct stop *stop, struct error *err)
{
	if (stop->timeout != TIMEOUT_UNSET && stop->timeout < -1)
		return error_set(err, 0, "a timeout is -1 (for ever) or a number of seconds");
	if (stop->kill && stop->no_kill)
		return error_set(err, 0, "-k can't be used with --nokill");
	if (stop->kill && stop->reboot)
		return error_set(err, 0, "-k can't be used with -r");
	if (stop->kill && stop->timeout != TIMEOUT_UNSET && stop->timeout != 0 && !stop->no_wait)
		return error_set(err, 0, "-k doesn't allow timeouts");
	if (stop->no_lock && !stop->kill)
		return error_set(err, 0, "--nolock may only be used with -k");
	return 0;
}

static int stop_run(struct invocation *call, struct error *err)
{
	const struct stop *stop = call->options;
	struct stop_options options = {
		.reboot = stop->reboot,
		.kill = stop->kill,
		.no_kill = stop->no_kill,
		.timeout = stop->no_wait ? 0 : stop->timeout == TIMEOUT_UNSET ? TIMEOUT_DEFAULT : stop->timeout,
	};
	int answer;

	if (check(stop, err) < 0)
		return -1;
	if (call->rcfile) {
		options.halt_signal = (int)settings_number(call->container.settings, "lxc.signal.halt");
		options.reboot_signal = (int)settings_number(call->container.settings, "lxc.signal.reboot");
	}
	answer = container_stop(&call->container, &options, err);
	if (answer == STOP_NOT_RUNNING && !call->quiet)
		fprintf(stderr, "%s: %s is not running\n", call->program, call->container.name);
	return answer;
}

const struct command command_stop = {
	.name = "stop",
	.summary = "Stop or reboot a container.",
	.synopsis = "[-r | -k] [-W | -t SECONDS] [--nokill]",
	.options = rows,
	.options_size = sizeof(struct stop),
	.needs = NEEDS_NAME,
	.prepare = stop_prepare,
	.run = stop_run,
};
