/*
 * lxs-net: the bridge that containers use by default, by the verbs of bridge/.
 * It concerns no container, and nothing of a container's start runs it.
 */
#include "commands/net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/bridge.h"
#include "bridge/check.h"
#include "commands/commands.h"
#include "lib/own.h"

enum { USAGE_STATUS = 2 };

struct net_options {
	const char *format, *settings;
};

static const struct option_row rows[] = {
	{ 0, "format", "FORMAT", "of status and check: text (default) or json", OPTION_STRING,
	  offsetof(struct net_options, format), NULL },
	{ 0, "settings", "FILE", "read this instead of " SYSCONFDIR "/default/lxs-net", OPTION_STRING,
	  offsetof(struct net_options, settings), NULL },
	{ 0 },
};

struct net_call {
	struct invocation *call;
	struct bridge_conf conf;
	bool json;
};

static int needs_root(const char *verb, struct error *err)
{
	if (geteuid() == 0)
		return 0;
	error_set(err, EPERM, "%s needs root", verb);
	return error_hint(err, "sudo lxs-net %s", verb);
}

static int start(struct net_call *net, struct error *err)
{
	int answer;

	if (needs_root("start", err) < 0)
		return -1;
	if (!net->conf.use) {
		fprintf(stderr, "%s: USE_LXC_BRIDGE is not true: nothing is started\n", net->call->program);
		return EXIT_SUCCESS;
	}
	answer = bridge_start(&net->conf, err);
	if (answer < 0)
		return error_add(err, "cannot set up the bridge %s", net->conf.bridge);
	if (answer == BRIDGE_NOTHING && !net->call->quiet)
		fprintf(stderr, "%s: %s is up already\n", net->call->program, net->conf.bridge);
	return EXIT_SUCCESS;
}

static int stop(struct net_call *net, struct error *err)
{
	int answer = needs_root("stop", err) < 0 ? -1 : bridge_stop(err);

	if (answer < 0)
		return -1;
	if (answer == BRIDGE_NOTHING && !net->call->quiet)
		fprintf(stderr, "%s: nothing is running\n", net->call->program);
	if (answer == BRIDGE_KEPT && !net->call->quiet)
		fprintf(stderr, "%s: the bridge stays until a stop when no container is attached to it\n",
			net->call->program);
	return EXIT_SUCCESS;
}

static int restart(struct net_call *net, struct error *err)
{
	if (needs_root("restart", err) < 0 || bridge_stop(err) < 0)
		return -1;
	return start(net, err);
}

/* ---- showing ---- */

static void print_leases(const struct bridge_status *status)
{
	for (size_t i = 0; i < status->lease_count; i++)
		printf("%-10s %s %s %s\n", "lease", status->leases[i].address, status->leases[i].hardware,
		       status->leases[i].name ? status->leases[i].name : "-");
}

static void print_status(const struct bridge_status *status)
{
	char four[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN];

	printf("%-10s %s\n", "state", !status->started ? "stopped" : status->sound ? "running" : "damaged: see lxs-net check");
	printf("%-10s %s, %s\n", "bridge", status->conf.bridge, status->up ? "up" : "not up");
	printf("%-10s %s/%u\n", "address", inet_ntop(AF_INET, &status->conf.address, four, sizeof four),
	       status->conf.prefix);
	if (status->conf.ipv6)
		printf("%-10s %s/%u\n", "address", inet_ntop(AF_INET6, &status->conf.address6, six, sizeof six),
		       status->conf.prefix6);
	if (status->conf.domain)
		printf("%-10s %s\n", "domain", status->conf.domain);
	printf("%-10s %s\n", "firewall", status->firewall);
	if (status->server > 0)
		printf("%-10s process %d\n", "dnsmasq", status->server);
	else
		printf("%-10s not running\n", "dnsmasq");
	for (size_t i = 0; i < status->port_count; i++)
		printf("%-10s %s\n", "port", status->ports[i]);
	print_leases(status);
}

/* As systemctl: 3 is "not running". */
enum { STATUS_STOPPED = 3 };

static int status_show(struct net_call *net, struct error *err)
{
	struct bridge_status status;

	if (bridge_status(net->call->arena, &net->conf, &status, err) < 0)
		return -1;
	if (net->json && net_status_json(&status, err) < 0)
		return -1;
	if (!net->json)
		print_status(&status);
	return status.sound ? EXIT_SUCCESS : STATUS_STOPPED;
}

static int check(struct net_call *net, struct error *err)
{
	struct bridge_findings findings = { .arena = net->call->arena };
	struct bridge_status status;

	if (needs_root("check", err) < 0 || bridge_status(net->call->arena, &net->conf, &status, err) < 0 ||
	    bridge_check(&status, &findings, err) < 0)
		return -1;
	if (net->json && net_findings_json(&status, &findings, err) < 0)
		return -1;
	for (size_t i = 0; i < findings.count && !net->json; i++)
		printf("%s: %s\n  remedy: %s\n", findings.items[i].subject, findings.items[i].what, findings.items[i].remedy);
	if (findings.count == 0 && !net->json)
		printf("nothing is in the way of %s%s\n", status.conf.bridge, status.started ? "" : ", which is not started");
	return findings.count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const struct verb {
	const char *name;
	int (*run)(struct net_call *net, struct error *err);
} verbs[] = {
	{ "start", start }, { "stop", stop }, { "restart", restart }, { "reload", restart }, { "force-reload", restart },
	{ "status", status_show }, { "check", check },
};

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void note_print(void *data, const struct origin *origin, const char *text)
{
	const struct invocation *call = data;

	if (!call->quiet)
		fprintf(stderr, "%s: %s:%u: %s\n", call->program, origin->file, origin->line, text);
}

static int net_run(struct invocation *call, struct error *err)
{
	const struct net_options *options = call->options;
	const struct verb *verb = verb_find(call->arguments[0]);
	const struct bridge_conf_notes notes = { note_print, call };
	struct net_call net = { .call = call, .json = options->format && strcmp(options->format, "json") == 0 };

	if (!verb || call->count != 1) {
		fprintf(stderr, "usage: %s start|stop|restart|reload|force-reload|status|check\n", call->program);
		return USAGE_STATUS;
	}
	if (options->format && !net.json && strcmp(options->format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", options->format);
	if (bridge_conf_read(call->arena, options->settings ? options->settings : SYSCONFDIR "/default/lxs-net", &notes,
			     &net.conf, err) < 0)
		return -1;
	return verb->run(&net, err);
}

const struct command command_net = {
	.name = "net",
	.summary = "Keep the bridge that containers use by default.",
	.synopsis = "start|stop|restart|status|check",
	.options = rows,
	.options_size = sizeof(struct net_options),
	.run = net_run,
};
