/*
 * lxs-usernsexec: a command as root of a new user namespace, for work on the
 * files of containers with ids of their own.  Its grammar is LXC's: short
 * options alone, and usage on stdout.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/commands.h"
#include "container/unshare.h"
#include "host/subid.h"

enum { BAD_NUMBER = 255 };

struct usernsexec {
	struct arena *arena;
	const char *uids, *gids; /* lines */
	bool with_caller;
	unsigned long uid, gid;
};

static int usage(const char *program, int code)
{
	printf("Usage: %s [-h] [-m MAP]... [-s] [-u UID] [-g GID] [--] [COMMAND [ARG...]]\n"
	       "\n"
	       "Run a command (default: /bin/sh) in a new user namespace, with mounts of its own.\n"
	       "\n"
	       "  -h      print this help\n"
	       "  -m MAP  map ids: {u|g|b}:NS-ID:HOST-ID:RANGE for users, groups or both; may be repeated\n"
	       "          (default: the first of your ranges in /etc/subuid and in /etc/subgid, from 0 on)\n"
	       "  -s      map your own uid and gid as well, to the first id that is free\n"
	       "  -u UID  become this user in there (default: 0)\n"
	       "  -g GID  become this group in there (default: 0)\n", program);
	return code;
}

/* Decimal digits and nothing else. */
static bool number_read(const char *text, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *ret <= 4294967295UL;
}

static bool map_add(struct usernsexec *call, const char *map)
{
	unsigned long numbers[3];
	char *copy = arena_strdup(call->arena, map), *rest = NULL;
	const char *kind = strtok_r(copy, ":", &rest), *line;

	if (!kind || !strchr("ugb", *kind) || kind[1])
		return false;
	for (size_t i = 0; i < 3; i++) {
		const char *word = strtok_r(NULL, ":", &rest);

		if (!word || !number_read(word, &numbers[i]))
			return false;
	}
	if (*rest || numbers[2] == 0)
		return false;
	line = arena_printf(call->arena, "%lu %lu %lu\n", numbers[0], numbers[1], numbers[2]);
	if (*kind != 'g')
		call->uids = arena_printf(call->arena, "%s%s", call->uids, line);
	if (*kind != 'u')
		call->gids = arena_printf(call->arena, "%s%s", call->gids, line);
	return true;
}

static int maps_default(struct usernsexec *call, struct error *err)
{
	struct subids ids;

	subids_read(call->arena, geteuid(), &ids);
	if (ids.uids.count == 0 || ids.gids.count == 0) {
		error_set(err, 0, "Failed to find subuid or subgid allocation");
		return error_hint(err, "root can give some: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s "
				  "(a range that nobody else has), or say which by -m", ids.user);
	}
	call->uids = arena_printf(call->arena, "0 %lu %lu\n", ids.uids.ranges[0].first, ids.uids.ranges[0].count);
	call->gids = arena_printf(call->arena, "0 %lu %lu\n", ids.gids.ranges[0].first, ids.gids.ranges[0].count);
	return 0;
}

/* The first id inside, from 0 on, that no line has. */
static unsigned long free_id(const char *lines)
{
	unsigned long id = 0, inside, outside, range;

	for (const char *line = lines; sscanf(line, "%lu %lu %lu", &inside, &outside, &range) == 3;) {
		if (id < inside || id - inside >= range) {
			line = strchr(line, '\n') + 1;
			continue;
		}
		id = inside + range;
		line = lines;
	}
	return id;
}

static int maps_complete(struct usernsexec *call, struct error *err)
{
	if (!*call->uids && !*call->gids && maps_default(call, err) < 0)
		return -1;
	if (call->with_caller) {
		call->uids = arena_printf(call->arena, "%s%lu %u 1\n", call->uids, free_id(call->uids), geteuid());
		call->gids = arena_printf(call->arena, "%s%lu %u 1\n", call->gids, free_id(call->gids), getegid());
	}
	if (*call->uids && *call->gids)
		return 0;
	error_set(err, 0, "the maps have no %s", *call->uids ? "gid" : "uid");
	return error_hint(err, "add -m %c:0:HOST-ID:RANGE, or map both by b", *call->uids ? 'g' : 'u');
}

/* As of a shell: LXC says that a killed command has succeeded. */
static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int number_option(const char *program, char letter, unsigned long *ret)
{
	if (number_read(optarg, ret))
		return 0;
	fprintf(stderr, "%s: -%c needs a number, not '%s'\n", program, letter, optarg);
	return BAD_NUMBER;
}

/* 0; or what to exit with, which has been explained. */
static int parse(struct usernsexec *call, const char *program, int argc, char **argv, bool *helped)
{
	int letter, code = 0;

	optind = 0;
	while (code == 0 && (letter = getopt(argc, argv, "+hm:su:g:")) >= 0) {
		*helped = letter == 'h';
		if (letter == 'h')
			return usage(program, EXIT_SUCCESS);
		if (letter == 's')
			call->with_caller = true;
		else if (letter == 'u' || letter == 'g')
			code = number_option(program, (char)letter, letter == 'u' ? &call->uid : &call->gid);
		else if (letter != 'm')
			return usage(program, EXIT_FAILURE);
		else if (!map_add(call, optarg)) {
			fprintf(stderr, "%s: '%s' is no map\n", program, optarg);
			return usage(program, EXIT_FAILURE);
		}
	}
	return code;
}

static int usernsexec_run(struct invocation *invocation, struct error *err)
{
	struct usernsexec call = { .arena = invocation->arena, .uids = "", .gids = "" };
	char *shell[] = { (char *)"/bin/sh", NULL };
	bool helped = false;
	int code = parse(&call, invocation->program, invocation->count, invocation->arguments, &helped);
	struct id_maps maps;
	char **command;

	if (code != 0 || helped)
		return code;
	if (maps_complete(&call, err) < 0)
		return -1;
	maps = (struct id_maps){ call.uids, call.gids };
	command = invocation->arguments + optind;
	code = unshare_users(&maps, (uid_t)call.uid, (gid_t)call.gid, *command ? command : shell, err);
	return code < 0 ? -1 : exit_code(code);
}

const struct command command_usernsexec = {
	.name = "usernsexec",
	.summary = "Run a command as root of a new user namespace.",
	.synopsis = "[-h] [-m MAP]... [-s] [-u UID] [-g GID] [--] [COMMAND [ARG...]]",
	.needs = OWN_PARSER,
	.run = usernsexec_run,
};
