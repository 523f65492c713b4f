/*
 * What the front program cannot do without a library, or without the engine,
 * is done by the full program: it starts over with the same command line.  The
 * functions below stand for those of the same name in the files that need it;
 * they are called before anything was printed or changed.
 */
#include "front/handover.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands/json.h"
#include "container/clean.h"
#include "host/lxsconf-file.h"
#include "lib/file.h"
#include "lib/own.h"

int front_handover(struct error *err)
{
	static const char program[] = PKGLIBEXECDIR "/lxs-full";
	owned_arena arena = arena_new();
	owned_str text = NULL;
	char **argv = NULL;
	size_t length, count = 0;

	/* As it was given: the parser of options may have sorted ours. */
	if (file_read("/proc/self/cmdline", &text, &length, err) < 0)
		return -1;
	for (size_t at = 0; at < length; at += strlen(text + at) + 1) {
		argv = arena_append(arena, argv, &count, sizeof *argv);
		argv[count - 1] = text + at;
	}
	argv = arena_append(arena, argv, &count, sizeof *argv);
	execv(program, argv);
	error_set(err, errno, "cannot execute %s", program);
	return error_hint(err, "lxs is not installed completely");
}

/* commands/info-json.c: JSON is a library's business. */
int info_print_json(struct invocation *call, const struct container_info *info, const struct strings *keys,
		    struct error *err)
{
	(void)call, (void)info, (void)keys;
	return front_handover(err);
}

/* commands/ls-json.c */
int ls_print_json(struct invocation *call, const struct list *list, struct error *err)
{
	(void)call, (void)list;
	return front_handover(err);
}

/* host/lxsconf-file.c: most machines have no such file. */
int lxsconf_file_get(const char *path, const char *key, char **ret, struct error *err)
{
	(void)path, (void)key, (void)ret;
	return front_handover(err);
}

/* container/clean.c: a supervisor was killed, which is rare; taking back what it left needs the engine. */
int container_clean(const struct container *container, struct error *err)
{
	struct rundir run = RUNDIR_INIT;
	int answer = rundir_claim_leftover(container->lxcpath, container->name, &run, err);

	if (answer != RUNDIR_OPENED)
		return answer < 0 ? -1 : 0;
	if (run.leftover) {
		rundir_done(&run);
		return front_handover(err);
	}
	rundir_remove(&run);
	return 0;
}
