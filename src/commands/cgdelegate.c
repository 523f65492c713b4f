/* lxs-cgdelegate: gives cgroups to an ordinary user; by hand, or as a part of his login (pam_exec(8)). */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "config/types.h"
#include "container/delegate.h"

struct cgdelegate {
	struct strings pids;
};

static const struct option_row rows[] = {
	{ 'p', "pid", "PID", "of cgroup v2: move this process in, not all of the user's; may be repeated", OPTION_STRINGS,
	  offsetof(struct cgdelegate, pids), NULL },
	{ 0 },
};

/* Who logs in, where pam_exec(8) runs us: the process that called PAM takes the session along. */
static const char *user_of_login(struct invocation *call, struct cgdelegate *cgdelegate)
{
	const char *user = getenv("PAM_USER");

	if (user && cgdelegate->pids.count == 0) {
		cgdelegate->pids.items = arena_append(call->arena, NULL, &cgdelegate->pids.count, sizeof *cgdelegate->pids.items);
		cgdelegate->pids.items[0] = arena_printf(call->arena, "%d", getppid());
	}
	return user;
}

static int pids_parse(struct invocation *call, const struct strings *texts, struct delegate_request *request,
		      struct error *err)
{
	pid_t *pids = arena_alloc(call->arena, (texts->count + 1) * sizeof *pids);
	uint64_t number;

	for (size_t i = 0; i < texts->count; i++) {
		if (parse_unsigned(texts->items[i], INT32_MAX, &number, err) < 0 || number == 0)
			return error_set(err, 0, "'%s' is not the number of a process", texts->items[i]);
		pids[i] = (pid_t)number;
	}
	request->pids = pids;
	request->count = texts->count;
	return 0;
}

static int run(struct invocation *call, struct error *err)
{
	struct cgdelegate *cgdelegate = call->options;
	const char *type = getenv("PAM_TYPE");
	const char *name = call->count > 0 ? call->arguments[0] : user_of_login(call, cgdelegate);
	struct delegate_request request = { 0 };
	const struct passwd *user;

	if (!name)
		return error_set(err, 0, "no user given");
	if (geteuid() != 0)
		return error_set(err, 0, "only root can give cgroups away");
	user = getpwnam(name);
	if (!user)
		return error_set(err, 0, "there is no user '%s'", name);
	/* As a part of a login it is called at the end too, and for everybody. */
	if (call->count == 0 && (user->pw_uid == 0 || (type && strcmp(type, "open_session") != 0)))
		return EXIT_SUCCESS;
	if (user->pw_uid == 0)
		return error_set(err, 0, "root needs nothing to be given");
	request.uid = user->pw_uid;
	request.gid = user->pw_gid;
	if (pids_parse(call, &cgdelegate->pids, &request, err) < 0)
		return -1;
	return cgroups_delegate(&request, err) < 0 ? -1 : EXIT_SUCCESS;
}

const struct command command_cgdelegate = {
	.name = "cgdelegate",
	.summary = "Give cgroups to an ordinary user, where no systemd does.",
	.synopsis = "[-p PID]... USER",
	.options = rows,
	.options_size = sizeof(struct cgdelegate),
	.run = run,
};
