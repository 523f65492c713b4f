/*
 * lxs-unshare: a command in new namespaces, and no container involved.  That
 * takes no name, so the rows and the checks are all there is to it.
 */
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/lists.h"
#include "config/types.h"
#include "container/unshare.h"

struct unshare {
	unsigned long long namespaces;
	bool has_user, background, remount;
	uid_t uid;
	const char *hostname;
	struct strings interfaces;
};

#define FIELD(name) offsetof(struct unshare, name)

static int parse_namespaces(void *options, const char *argument, struct error *err)
{
	struct unshare *unshare = options;

	return list_namespaces(argument, &unshare->namespaces, err);
}

static int parse_user(void *options, const char *argument, struct error *err)
{
	struct unshare *unshare = options;
	owned_error ignored = ERROR_INIT;
	const struct passwd *user;
	uint64_t number;

	unshare->has_user = true;
	if (parse_unsigned(argument, UINT32_MAX - 1, &number, &ignored) == 0) {
		unshare->uid = (uid_t)number;
		return 0;
	}
	user = getpwnam(argument);
	if (!user)
		return error_set(err, 0, "--user needs a uid or the name of a user, not '%s'", argument);
	unshare->uid = user->pw_uid;
	return 0;
}

static const struct option_row rows[] = {
	{ 's', "namespaces", "LIST",
	  "make these namespaces: MOUNT, PID, UTSNAME, IPC, USER,\n"
	  "NETWORK, CGROUP, TIME, joined by '|'", OPTION_CUSTOM, 0, parse_namespaces },
	{ 'u', "user", "USER", "be this user (a uid or a name) in the new user namespace; needs USER", OPTION_CUSTOM, 0,
	  parse_user },
	{ 'H', "hostname", "NAME", "set the host name; needs UTSNAME", OPTION_STRING, FIELD(hostname), NULL },
	{ 'i', "ifname", "IFACE", "move this interface in; needs NETWORK; may be repeated", OPTION_STRINGS,
	  FIELD(interfaces), NULL },
	{ 'd', "daemon", NULL, "do not wait for the command", OPTION_FLAG, FIELD(background), NULL },
	{ 'M', "remount", NULL, "mount /proc, /dev/shm and /dev/mqueue anew; needs MOUNT", OPTION_FLAG, FIELD(remount),
	  NULL },
	{ 0 },
};

static int check(const struct invocation *call, const struct unshare *unshare, struct error *err)
{
	const struct { bool wanted; const char *option; unsigned long long flag; const char *word; } needs[] = {
		{ unshare->interfaces.count > 0, "-i <interfacename>", CLONE_NEWNET, "NETWORK" },
		{ unshare->hostname != NULL, "-H <hostname>", CLONE_NEWUTS, "UTSNAME" },
		{ unshare->remount, "-M", CLONE_NEWNS, "MOUNT" },
		{ unshare->has_user, "-u <user>", CLONE_NEWUSER, "USER" },
	};

	if (call->count == 0)
		return error_set(err, 0, "A command to execute in the new namespace is required");
	if (!unshare->namespaces)
		return error_set(err, 0, "A namespace to execute command is required");
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		if (needs[i].wanted && !(unshare->namespaces & needs[i].flag))
			return error_set(err, 0, "%s needs -s %s option", needs[i].option, needs[i].word);
	return 0;
}

static int unshare_run(struct invocation *call, struct error *err)
{
	const struct unshare *unshare = call->options;
	const struct unshare_request request = {
		.namespaces = unshare->namespaces, .mapped = unshare->has_user, .uid = unshare->uid,
		.hostname = unshare->hostname, .interfaces = unshare->interfaces.items,
		.interface_count = unshare->interfaces.count, .remount = unshare->remount, .argv = call->arguments,
	};
	owned_error problem = ERROR_INIT;
	pid_t pid;
	int status;

	if (check(call, unshare, err) < 0)
		return -1;
	pid = unshare_start(&request, &problem, err);
	if (problem.message && !call->quiet)
		error_print(&problem, stderr, call->program, NULL);
	if (pid < 0)
		return -1;
	if (unshare->background)
		return EXIT_SUCCESS;
	status = unshare_wait(pid, err);
	/* LXC passes on no more than that. */
	return status < 0 ? -1 : status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_unshare = {
	.name = "unshare",
	.summary = "Run a command in new namespaces.",
	.synopsis = "-s NAMESPACES [options] [--] COMMAND [ARG...]",
	.options = rows,
	.options_size = sizeof(struct unshare),
	.run = unshare_run,
};
